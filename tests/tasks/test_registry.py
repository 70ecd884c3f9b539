"""Tasks by name."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nascast.tasks import base, registry
from nascast.tasks.errors import TaskError
from nascast.tasks.jigsaw import Jigsaw


def test_names_are_the_benchmarks_own() -> None:
    assert set(registry.TRANSNAS) == {
        "class_object", "class_scene", "jigsaw", "autoencoder", "room_layout", "normal",
        "segmentsemantic",
    }  # fmt: skip
    assert registry.names()[0] == registry.CLASSIFICATION
    for name in registry.names():
        task = registry.create(name)
        assert isinstance(task, base.Task)
        assert task.name == name
        assert (task.dense is not None) == (name in registry.READS_DENSE)
        assert task.metric_range[0] < task.metric_range[1]


def test_settings_reach_the_task() -> None:
    task = registry.create("jigsaw", permutations=5)
    assert isinstance(task, Jigsaw)
    assert task.outputs(10) == 5


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("segmentsemantics", {}, "unknown task 'segmentsemantics': did you mean 'segmentsemantic'"),
        ("depth", {}, "unknown task 'depth': choose one of classification, class_object"),
        (
            "normal",
            {"permutations": 5},
            r"task 'normal' has other settings than \['permutations'\]",
        ),
    ],
)
def test_wrong_names_and_settings_are_refused(
    name: str, settings: dict[str, int], message: str
) -> None:
    with pytest.raises(TaskError, match=message):
        registry.create(name, **settings)


def test_what_is_no_task_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Odd:
        name = "odd"

    monkeypatch.setattr(registry.Registry, "load", lambda self, name: Odd)
    with pytest.raises(TaskError, match=r"'odd' does not fulfil the contract nascast.tasks.base"):
        registry.create("odd")


def test_the_workflow_learns_names_without_torch() -> None:
    code = (
        "import sys; from nascast.tasks import registry as r; r.module_of('jigsaw'); "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
