from __future__ import annotations

from dataclasses import replace

import pytest

from nascast.predictors.snap.settings import PAPER, PRESETS, TG_NAS


def test_the_paper_is_as_stated() -> None:
    stated = (PAPER.layers, PAPER.width, PAPER.learning_rate, PAPER.decay, PAPER.epochs)
    assert stated == (3, 64, 1e-3, 0.1, 150)
    assert (PAPER.loss, PAPER.normalised, PAPER.loops) == ("mse", True, True)


@pytest.mark.parametrize(("epochs", "every"), [(150, 40), (40, 11), (15, 4), (1, 1)])
def test_a_short_training_goes_through_the_same_falls(epochs: int, every: int) -> None:
    assert replace(PAPER, epochs=epochs).decay_every == every


def test_the_public_code_differs_from_the_paper_in_what_is_listed() -> None:
    assert (TG_NAS.readout, TG_NAS.normalised, TG_NAS.adjacency) == ("global", False, "forward")
    assert (TG_NAS.layers, TG_NAS.width, TG_NAS.target) == (3, 64, "accuracy")
    assert PRESETS == {"paper": PAPER, "tg_nas": TG_NAS}


def test_shapes_follow_from_the_choices() -> None:
    assert (PAPER.directions, PAPER.pooled) == (1, 1)
    both = replace(PAPER, adjacency="both", readout="mean_sum")
    assert (both.directions, both.pooled) == (2, 2)
