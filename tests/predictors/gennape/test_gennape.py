from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from tests.predictors.gennape.made import QUICK, make_networks

from nascast.predictors.gennape.gennape import HEADS, MEMBERS, Gennape, load_gennape
from nascast.predictors.gennape.member_scores import common_scale
from nascast.predictors.store import CheckpointError, save_tensors

TEST = make_networks(60, 2)
SAMPLE = make_networks(50, 3)
KGNN = {"k-GNN": np.random.default_rng(0).normal(size=60)}


@pytest.fixture(scope="module")
def ensemble() -> Gennape:
    settings = {**QUICK, "epochs": 8, "tuning_epochs": 2}
    return Gennape.fit(make_networks(300, 0), make_networks(80, 1), 0, settings)


def test_zero_shot_it_is_the_mean_of_its_members_places(ensemble: Gennape) -> None:
    scores = ensemble.member_scores(TEST.embeddings, TEST.gflops, KGNN)
    assert tuple(scores) == MEMBERS
    np.testing.assert_array_equal(scores["FLOPs"], TEST.gflops)
    expected = np.mean([common_scale(own) for own in scores.values()], axis=0)
    predicted = ensemble.predict(TEST.embeddings, TEST.gflops, KGNN)
    np.testing.assert_allclose(predicted, expected, rtol=1e-12)
    four = ensemble.predict(TEST.embeddings, TEST.gflops, KGNN, without=("FLOPs", "k-GNN"))
    expected = np.mean([common_scale(scores[name]) for name in HEADS], axis=0)
    np.testing.assert_allclose(four, expected, rtol=1e-12)
    assert stats.spearmanr(four, TEST.accuracies).statistic > 0.8


def test_fine_tuned_it_is_weighted_by_the_taus_on_the_sample(ensemble: Gennape) -> None:
    others = {"k-GNN": -SAMPLE.accuracies}
    tuned = ensemble.fine_tune(SAMPLE, 1, others)
    assert tuned.taus is not None
    assert ensemble.taus is None
    scores = tuned.member_scores(SAMPLE.embeddings, SAMPLE.gflops, others)
    for name in MEMBERS:
        tau = stats.kendalltau(scores[name], SAMPLE.accuracies).statistic
        assert tuned.taus[name] == pytest.approx(tau)
    weights = tuned.weights(MEMBERS)
    assert sum(weights.values()) == pytest.approx(1)
    assert weights["CL+T"] / weights["k-GNN"] == pytest.approx(np.exp(tuned.taus["CL+T"] + 1))
    # Without a member, the weights of the others keep their proportions.
    fewer = tuned.weights(HEADS)
    for name in HEADS:
        assert fewer[name] / fewer["CL+T"] == pytest.approx(weights[name] / weights["CL+T"])
    with pytest.raises(ValueError, match=r"\['GIN'\] were not fine-tuned"):
        tuned.weights(["GIN"])


@pytest.mark.parametrize("half", [False, True])
def test_a_file_brings_it_back(ensemble: Gennape, tmp_path: Path, half: bool) -> None:
    path = tmp_path / "gennape.safetensors"
    for kept in (ensemble, ensemble.fine_tune(SAMPLE, 1)):
        kept.save(path, {"spaces": ["nasbench101"]}, half=half)
        loaded, card = load_gennape(path)
        assert card == {"spaces": ["nasbench101"]}
        assert loaded.taus == kept.taus
        ours, theirs = (
            each.heads["CL+T"].predict(TEST.embeddings, TEST.gflops) for each in (kept, loaded)
        )
        np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-3 if half else 0)
        assert half != np.array_equal(theirs, ours)


def test_half_precision_halves_the_file(ensemble: Gennape, tmp_path: Path) -> None:
    sizes = []
    for half in (False, True):
        ensemble.save(tmp_path / "x.safetensors", {}, half=half)
        sizes.append((tmp_path / "x.safetensors").stat().st_size)
    assert sizes[1] < 0.75 * sizes[0]


def test_a_file_of_something_else_is_refused(ensemble: Gennape, tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_tensors({}, {"heads": "{}"}, path)
    with pytest.raises(CheckpointError, match="holds no GENNAPE: it lacks taus, card"):
        load_gennape(path)
    with pytest.raises(CheckpointError, match="does not exist"):
        load_gennape(tmp_path / "nowhere.safetensors")
    ensemble.save(path, {})
    content = path.read_bytes()
    path.write_bytes(content.replace(b"CL+T:networks.0", b"CL+T:networks.9"))
    with pytest.raises(CheckpointError, match="networks of another make"):
        load_gennape(path)
