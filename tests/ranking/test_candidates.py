from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from nascast.ranking.base import Candidate, RankingError, Setting
from nascast.ranking.candidates import Given, read_candidates, spec_shape, unique
from nascast.spaces import registry as spaces

CELL = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|"
SMALL = "conv1x1-bn-relu|11.1"
SETTING = Setting(classes=5)


def names(given: Given) -> list[str]:
    return [candidate.name for candidate in given.candidates]


def test_specs_name_their_space_or_get_it() -> None:
    written = read_candidates([f"nasbench201:{CELL}"], SETTING)
    told = read_candidates([CELL], SETTING, "nasbench201")
    assert names(written) == names(told) == [f"nasbench201:{CELL}"]
    assert written.candidates[0].arch == told.candidates[0].arch


def test_networks_are_built_for_the_setting_and_the_initialisation() -> None:
    setting = Setting((1, 16, 16), 5)
    (one,) = read_candidates([f"nasbench201:{CELL}"], setting).candidates
    first, second, again = one.build(0), one.build(1), one.build(0)
    assert first(torch.zeros(2, 1, 16, 16)).shape == (2, 5)
    weights = [next(model.parameters()) for model in (first, second, again)]
    assert torch.equal(weights[0], weights[2])
    assert not torch.equal(weights[0], weights[1])


def test_a_genotype_with_commas_and_colons_is_one_spec() -> None:
    space = spaces.create("darts")
    import numpy as np

    arch = space.sample(np.random.default_rng(0))
    (one,) = read_candidates([f"darts:{arch.spec}"], SETTING).candidates
    assert one.arch == arch


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nasbench201:|x", "has 1 nodes"),
        ("resnet50", "is no file and names no search space; write SPACE:SPEC"),
        ("nasbench301:whatever", "names no search space"),
    ],
)
def test_bad_specs_are_failures_of_their_own(text: str, message: str) -> None:
    given = read_candidates([text, f"nasbench201:{CELL}"], SETTING)
    assert names(given) == [f"nasbench201:{CELL}"]
    (failure,) = given.failures
    assert failure.name == text
    assert message in failure.error
    assert failure.place == "command line"


def test_json_in_all_of_its_forms(tmp_path: Path) -> None:
    forms = [
        [f"nasbench101:{SMALL}"],
        [{"name": "small", "space": "nasbench101", "spec": SMALL}],
        {"small": f"nasbench101:{SMALL}"},
    ]
    found = []
    for number, form in enumerate(forms):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(form))
        found.append(read_candidates([str(path)], SETTING).candidates[0])
    assert [one.name for one in found] == [f"nasbench101:{SMALL}", "small", "small"]
    assert len({one.arch for one in found}) == 1
    assert found[1].place == f"{tmp_path}/1.json, entry 1"


def test_csv_with_some_bad_rows(tmp_path: Path) -> None:
    path = tmp_path / "specs.csv"
    path.write_text(f"name,space,spec\na,nasbench101,{SMALL}\nb,,{SMALL}\nc,nasbench102,{SMALL}\n")
    given = read_candidates([str(path)], SETTING)
    assert names(given) == ["a"]
    assert [failure.place for failure in given.failures] == [f"{path}, line 3", f"{path}, line 4"]
    assert "unknown search space 'nasbench102': did you mean" in given.failures[1].error


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", "{", "is not JSON"),
        ("a.json", "[]", "at least one"),
        ("a.json", "[3]", "entry 1 must be a spec"),
        ("a.json", '[{"spec": "x", "colour": "red"}]', "entry 1 must be a spec"),
        ("a.csv", "name\nx\n", "must have a column spec"),
        ("a.csv", "", "must have a column spec"),
        ("a.csv", "spec\n", "holds no spec"),
    ],
)
def test_files_of_another_form_are_refused(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(RankingError, match=message):
        read_candidates([str(tmp_path / name)], SETTING)


def test_missing_files_and_functions_are_named(tmp_path: Path) -> None:
    with pytest.raises(RankingError, match=r"cannot read .*none.csv: No such file"):
        read_candidates([str(tmp_path / "none.csv")], SETTING)
    with pytest.raises(RankingError, match="needs the name of its function"):
        read_candidates(["models.py"], SETTING)


def test_only_the_first_of_a_name_stays() -> None:
    def candidate(name: str, place: str) -> Candidate:
        return Candidate(name, place, lambda repeat: torch.nn.Linear(1, 1))

    given = unique(Given([candidate("a", "1"), candidate("b", "2"), candidate("a", "3")], []))
    assert [one.place for one in given.candidates] == ["1", "2"]
    (failure,) = given.failures
    assert (failure.name, failure.place) == ("a", "3")
    assert "has the name of another candidate (1)" in failure.error


def test_searched_resolutions_are_kept() -> None:
    import numpy as np

    space = spaces.create("proxylessnas")
    arch = space.sample(np.random.default_rng(1))
    side = space.image_size(arch, 64)
    assert spec_shape(space, arch, Setting((3, 64, 64))) == (3, side, side)
    with pytest.raises(ValueError, match="read square images"):
        spec_shape(space, arch, Setting((3, 64, 32)))
