"""What every head must do, whatever it learns."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats
from tests.predictors.gennape.made import QUICK, make_networks

from nascast.predictors.gennape.head import Head
from nascast.predictors.gennape.heads import create_head, restore_head
from nascast.predictors.gennape.labelled import LabelledNetworks
from nascast.predictors.gennape.regressor import RegressionHead
from nascast.predictors.gennape.settings import VARIANTS, find_variant

every_variant = pytest.mark.parametrize("name", VARIANTS)
TRAIN, VALIDATION, TEST = (make_networks(n, i) for i, n in enumerate((400, 100, 120)))


def trained(name: str, seed: int = 0, **settings: float) -> Head:
    return create_head(name, seed, {**QUICK, **settings}).fit(TRAIN, VALIDATION)


def correlation(head: Head, data: LabelledNetworks) -> float:
    scores = head.predict(data.embeddings, data.gflops)
    return float(stats.spearmanr(scores, data.accuracies).statistic)


@every_variant
def test_it_learns_to_rank_networks_it_has_not_seen(name: str) -> None:
    head = trained(name)
    assert len(head.losses) == 10
    assert head.losses[head.best_epoch - 1] == min(head.losses)
    assert min(head.losses) < head.losses[0]
    assert correlation(head, TEST) > 0.85


@every_variant
def test_the_seed_decides_everything_and_the_order_of_a_query_nothing(name: str) -> None:
    head = trained(name, epochs=1)
    scores = head.predict(TEST.embeddings, TEST.gflops)
    again = trained(name, epochs=1).predict(TEST.embeddings, TEST.gflops)
    np.testing.assert_array_equal(scores, again)
    assert not np.allclose(scores, trained(name, 1, epochs=1).predict(TEST.embeddings, TEST.gflops))
    order = np.random.default_rng(0).permutation(len(TEST))
    shuffled = head.predict(TEST.embeddings[order], TEST.gflops[order])
    np.testing.assert_allclose(shuffled, scores[order], rtol=1e-10)


@every_variant
def test_its_state_brings_it_back(name: str) -> None:
    head = trained(name, epochs=2)
    tensors, values = head.state()
    kept = restore_head(tensors, json.loads(json.dumps(values)))
    np.testing.assert_array_equal(
        kept.predict(TEST.embeddings, TEST.gflops), head.predict(TEST.embeddings, TEST.gflops)
    )
    assert (kept.losses, kept.best_epoch) == (head.losses, head.best_epoch)
    assert (kept.settings, kept.seed) == (head.settings, head.seed)
    # It can also be trained on as the head can.
    sample = TEST.take(np.arange(10))
    one, other = (h.fine_tune(sample, 3).state()[0]["networks.0"] for h in (head, kept))
    np.testing.assert_array_equal(one.numpy(), other.numpy())


@every_variant
def test_fine_tuning_learns_another_family_and_leaves_the_head_alone(name: str) -> None:
    """In the other family, what was good is bad."""
    head = trained(name)
    before = head.predict(TEST.embeddings, TEST.gflops)
    turned = LabelledNetworks(TEST.embeddings, TEST.gflops, 1.6 - TEST.accuracies)
    sample, rest = turned.take(np.arange(50)), turned.take(np.arange(50, 120))
    assert correlation(head, rest) < -0.8
    tuned = head.fine_tune(sample, 0)
    assert correlation(tuned, rest) > 0.8
    np.testing.assert_array_equal(head.predict(TEST.embeddings, TEST.gflops), before)
    np.testing.assert_array_equal(
        tuned.predict(rest.embeddings, rest.gflops),
        head.fine_tune(sample, 0).predict(rest.embeddings, rest.gflops),
    )
    # Scales and clusters stay those of the source.
    assert tuned.gate.scale == head.gate.scale


def test_the_least_accuracy_keeps_networks_out_of_training() -> None:
    pruned = trained("CL+T", epochs=1)
    kept = create_head("CL+T", 0, {**QUICK, "epochs": 1}).fit(
        TRAIN.at_least(0.8), VALIDATION.at_least(0.8)
    )
    whole = trained("CL+T", epochs=1, least_accuracy=0)
    assert len(TRAIN.at_least(0.8)) < len(TRAIN)
    scores = [h.predict(TEST.embeddings, TEST.gflops) for h in (pruned, kept, whole)]
    np.testing.assert_array_equal(scores[0], scores[1])
    assert not np.allclose(scores[0], scores[2])


def test_what_it_cannot_do_is_refused() -> None:
    head = create_head("CL+T", 0, QUICK)
    with pytest.raises(ValueError, match="not fitted"):
        head.predict(TEST.embeddings, TEST.gflops)
    with pytest.raises(ValueError, match="not fitted"):
        head.state()
    few = TRAIN.take(TRAIN.accuracies < 0.8)
    with pytest.raises(ValueError, match="of 80% accuracy or more; there are 0 and"):
        head.fit(few, VALIDATION)
    with pytest.raises(ValueError, match="at least 2 networks"):
        trained("CL", epochs=1).fine_tune(TRAIN.take(np.arange(1)), 0)
    with pytest.raises(ValueError, match=r"CL\+Pairwise is no RegressionHead"):
        RegressionHead(find_variant("CL+Pairwise"), 0)
