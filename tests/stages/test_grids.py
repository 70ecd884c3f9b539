"""What predictors of a grid see, against the files it comes from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nascast.evaluation.observations import NEVER
from nascast.graphs.encodings import registry as encodings
from nascast.labels.pool import label_pool
from nascast.spaces import registry as spaces
from nascast.stages.grids import (
    curves_of_labels,
    feature_table,
    proxy_frame,
    settings_called,
    structure,
    supernet_frame,
    taking_part,
)

STRUCTURE = {"adjacency", "path", "graf", "nodes", "edges", "tokens"}


@pytest.mark.parametrize("name", ["nasbench201", "nasbench101", "darts", "hiaml"])
def test_structure_fits_the_graphs_of_every_kind_of_space(name: str) -> None:
    space = spaces.create(name)
    archs = label_pool(space, 4)
    arrays = structure(space, archs, STRUCTURE | {"val_acc"})
    assert set(arrays) == STRUCTURE
    for i, graph in enumerate(map(space.cell_graph, archs)):
        size = len(graph.operations)
        assert arrays["nodes"][i].sum(axis=1).tolist() == [1] * size + [0] * (
            arrays["nodes"].shape[1] - size
        )
        assert sorted(map(tuple, np.argwhere(arrays["edges"][i]))) == sorted(graph.edges)
    assert (arrays["tokens"].sum(axis=2) == 1).all()
    plain = encodings.encode(space, archs, "tokens")["tokens"]
    np.testing.assert_array_equal(arrays["tokens"].argmax(axis=2), plain)
    assert {a.dtype for key, a in arrays.items() if key != "edges"} == {np.dtype(np.float32)}


def test_only_what_is_needed_is_made() -> None:
    space = spaces.create("nasbench201")
    assert set(structure(space, label_pool(space, 2), {"nodes", "proxies"})) == {"nodes"}


def test_settings_are_called_by_the_grid_and_what_differs() -> None:
    assert settings_called("published", {}) == "published"
    assert settings_called("quick", {"trials": 1, "epochs": 2.5}) == "quick (epochs 2.5, trials 1)"


def test_a_curve_of_accuracy_alone_may_have_few_points_and_shows_no_failure() -> None:
    accuracy = np.float32([[0.5], [0.7]])
    table = feature_table(["a", "b"], {"val_acc": accuracy}, evaluated=[12])
    seen = table.observe(["b", "a"], 12, frozenset({"val_acc"}))
    np.testing.assert_array_equal(seen.feature("val_acc"), accuracy[::-1])
    assert table.failed(["a", "b"], 12).tolist() == [False, False]
    with pytest.raises(ValueError, match="nothing yet after 11"):
        table.observe(["a"], 11, frozenset({"val_acc"}))


def labels() -> pd.DataFrame:
    rows = [
        ("b", 1, [0.9, 0.8], [0.1, 0.2]), ("b", 0, [2.0, 1.0], [0.3, 0.4]),
        ("a", 0, [3.0, np.nan], [0.5, 0.6]),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["arch_id", "seed", "train_loss_curve", "val_acc_curve"])
    return frame.assign(val_loss_curve=None)


def test_curves_are_those_of_the_first_training() -> None:
    curves = curves_of_labels(labels(), ["a", "b"])
    assert set(curves) == {"step_losses", "val_acc"}, "a curve that is not known is left out"
    np.testing.assert_array_equal(curves["step_losses"], np.float32([[3, np.nan], [2, 1]]))
    np.testing.assert_array_equal(curves["val_acc"], np.float32([[0.5, 0.6], [0.3, 0.4]]))


def test_a_curve_that_ends_marks_its_network_from_there_on() -> None:
    table = feature_table(["a", "b"], curves_of_labels(labels(), ["a", "b"]))
    assert table.failed_after.tolist() == [2, NEVER]
    assert table.evaluation_steps.tolist() == [1, 2]
    assert np.isnan(table.query_seconds(["a"], 2)).all()
    assert table.observe(["b"], 1, frozenset({"val_acc"})).feature("val_acc").shape == (1, 1)


def test_features_without_curves_are_seen_without_a_budget() -> None:
    table = feature_table(["a"], {"adjacency": np.ones((1, 3), dtype=np.float32)})
    assert table.observe(["a"], 0, frozenset({"adjacency"})).feature("adjacency").shape == (1, 3)
    assert table.failed_after.tolist() == [NEVER]


def test_scores_are_those_of_the_first_seed_and_no_number_is_made_up() -> None:
    measured = pd.DataFrame(
        [("a", 0, "snip", 2.0), ("a", 0, "jacov", np.inf), ("b", 0, "snip", 1.0),
         ("b", 0, "jacov", None), ("a", 1, "snip", 9.0)],
        columns=["arch_id", "seed", "proxy", "value"],
    )  # fmt: skip
    scores = proxy_frame(measured, ["b", "a"])
    assert scores["snip"].tolist() == [1.0, 2.0]
    assert scores["jacov"].isna().all()
    inherited = pd.DataFrame({"arch_id": ["a", "a"], "seed": [1, 0], "one_shot": [0.1, 0.2]})
    inherited["rs_ws"] = [0.3, 0.4]
    assert supernet_frame(inherited, ["a"]).to_numpy().tolist() == [[0.2, 0.4]]


def test_only_networks_with_everything_take_part() -> None:
    assert taking_part({"b": 1.0, "a": 2.0, "c": 3.0}, {"a", "b"}) == ["a", "b"]
    with pytest.raises(ValueError, match=r"no network has everything .*\[1, 1\]"):
        taking_part({"a"}, {"b"})
