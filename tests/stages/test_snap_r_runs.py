"""Runs of the chosen recipe and of what stands beside it."""

from __future__ import annotations

import numpy as np
import pytest
from tests.stages.snap_r_problem import SELECTION, candidate, training

from nascast.evaluation.metrics import kendall_tau
from nascast.snap_r_sections import Candidate, MemberChoice, SnapRSettings, Variation
from nascast.spaces.nasbench201 import NASBench201
from nascast.stages.snap_r_features import ALL_COLUMNS, target_cells
from nascast.stages.snap_r_runs import FULL, NAME, SHORTCUTS, recipes, run, summarise, varied
from nascast.stages.snap_r_targets import Target

SETTINGS = SnapRSettings(
    selection=SELECTION,
    variations={"no walks": Variation(drop=["walk:.*"])},
    baselines={"pools": candidate("sum", "walk:pool")},
    cells=100,
    seeds=2,
    full_seeds=1,
    tasks=["nasbench201-discs"],
)
BASE = SELECTION.candidates["ridge"]


def target() -> Target:
    """Random cells, half of which are labelled by their spatial convolutions."""
    space = NASBench201()
    rng = np.random.default_rng(0)
    archs = [space.sample(rng) for _ in range(60)]
    cells = target_cells(space, archs)
    labels = cells.features[:, ALL_COLUMNS.index("walk:spatial")].astype(np.float64)
    labels[::2] = np.nan
    first = np.arange(60) < 30
    return Target("nasbench201", cells, {"t": labels}, {"all": first | ~first, "first": first})


def test_every_row_is_scored_on_every_subset_and_seed() -> None:
    results = run(SETTINGS, BASE, training(), [target()])
    counts = results.groupby("row").size()
    assert counts[[NAME, f"{NAME} (no walks)", "pools"]].tolist() == [4, 4, 4]
    assert counts[[FULL, *SHORTCUTS]].tolist() == [2] * 6
    assert results.groupby("subset")["networks"].unique().map(list).to_dict() == {
        "all": [30],
        "first": [15],
    }
    tau = results.set_index(["row", "subset", "seed"])["tau"]
    assert tau[NAME, "all", 0] > 0.8 > tau["pools", "all", 0]


def test_shortcuts_are_their_columns_and_dead_cells_come_last() -> None:
    shown = target()
    results = run(SETTINGS, BASE, training(), [shown]).set_index(["row", "subset"])
    assert shown.cells.shortcuts is not None
    rows = np.isfinite(shown.labels["t"])
    expected = kendall_tau(
        shown.cells.shortcuts["mean_path_convs"].to_numpy()[rows], shown.labels["t"][rows]
    )
    assert results.loc[("convs per path", "all"), "tau"] == pytest.approx(expected)
    assert results.loc[("params", "all"), "train_cells"] == 0


def test_means_and_deviations_are_over_seeds() -> None:
    results = run(SETTINGS, BASE, training(), [target()])
    means = summarise(results).set_index(["row", "subset"])
    taus = results[(results["row"] == NAME) & (results["subset"] == "all")]["tau"]
    assert means.loc[(NAME, "all"), "tau"] == pytest.approx(taus.mean())
    assert means.loc[(NAME, "all"), "tau_deviation"] == pytest.approx(abs(np.diff(taus)[0]) / 2)
    assert means.loc[(NAME, "all"), "seeds"] == 2


def test_variations_change_what_they_name() -> None:
    base = BASE.model_copy(
        update={
            "members": [
                MemberChoice(kind="trees", settings={"trees": 20}),
                MemberChoice(kind="sum"),
            ]
        }
    )
    changed = varied(base, Variation(settings={"monotone": 0}, without=["sum"], target="raw"))
    assert changed is not None
    assert [member.kind for member in changed.members] == ["trees"]
    assert changed.members[0].settings == {"trees": 20, "monotone": 0}
    assert changed.target == "raw"
    joined = varied(base, Variation(members=[MemberChoice(kind="network")], drop=["walk:.*"]))
    assert joined is not None
    assert [member.kind for member in joined.members] == ["trees", "sum", "network"]
    assert joined.drop == ["walk:.*"]
    assert list(recipes(SETTINGS, BASE)) == [NAME, f"{NAME} (no walks)", "pools"]


def test_a_member_with_nothing_left_to_read_is_gone() -> None:
    sized = MemberChoice(kind="sum", reads=["size:relative"])
    base = Candidate(members=[MemberChoice(kind="ridge"), sized])
    without = varied(base, Variation(drop=["size:.*"]))
    assert without is not None
    assert [member.kind for member in without.members] == ["ridge"]
    ranked = varied(base, Variation(population=True))
    assert ranked is not None
    assert ranked.members[1].reads == ["size:population"]
    assert "size:relative" not in ranked.keep
    assert varied(Candidate(members=[sized]), Variation(drop=["size:.*"])) is None
