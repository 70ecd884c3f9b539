from __future__ import annotations

import pytest

from nascast.predictors.gennape.settings import QUICK, VARIANTS, find_variant, head_settings


def test_published_settings_of_regressors_and_classifiers() -> None:
    regressor = head_settings(find_variant("CL+FCM+T"), {})
    assert (regressor.clusters, regressor.fuzzifier, regressor.width) == (16, 4.0, 256)
    assert (regressor.epochs, regressor.batch_size, regressor.learning_rate) == (40, 32, 1e-4)
    assert (regressor.tuning_epochs, regressor.tuning_batch) == (100, 1)
    classifier = head_settings(find_variant("CL+FCM+Pairwise"), {})
    assert (classifier.clusters, classifier.fuzzifier, classifier.width) == (11, 3.5, 128)
    assert classifier.latent == 16


@pytest.mark.parametrize("name", VARIANTS)
def test_only_variants_with_equation_5_are_pruned(name: str) -> None:
    variant = find_variant(name)
    assert variant.name == name
    assert variant.by_flops == ("+T" in name)
    assert variant.clustered == ("FCM" in name)
    assert variant.pairwise == ("Pairwise" in name)
    assert head_settings(variant, {}).least_accuracy == (0.8 if "+T" in name else 0)
    assert head_settings(variant, {"least_accuracy": 0.1}).least_accuracy == 0.1


def test_quick_runs_have_fewer_epochs_and_nothing_else() -> None:
    published = head_settings(find_variant("CL"), {})
    quick = head_settings(find_variant("CL"), QUICK)
    assert set(QUICK) == {"epochs", "tuning_epochs"}
    assert quick.epochs < published.epochs
    assert quick.tuning_epochs < published.tuning_epochs


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match=r"no GENNAPE head 'CL\+X'; there are CL, "):
        find_variant("CL+X")
    with pytest.raises(ValueError, match="unknown CL settings"):
        head_settings(find_variant("CL"), {"heads": 1})
