from __future__ import annotations

from nascast.gennape_sections import GennapeSettings
from nascast.gennape_tiers import mini_gennape, published_gennape
from nascast.predictors.gennape.training import QUICK, encoder_settings
from nascast.tiers import mini, paper, tabular


def test_tiers_differ_in_size_alone() -> None:
    assert tabular().gennape == GennapeSettings()
    assert paper().gennape == published_gennape()
    assert paper().gennape.graphs["nasbench101"].networks == 50_000
    assert paper().gennape.encoders == tabular().gennape.encoders


def test_the_mini_encoder_sees_networks_as_small_as_the_labelled_ones() -> None:
    config = mini()
    assert config.gennape == mini_gennape()
    for name, encoder in config.gennape.encoders.items():
        graphs = config.gennape.graphs[encoder.graphs]
        assert encoder_settings(encoder.settings) == encoder_settings(QUICK)
        # Else the graphs of the labelled networks could not be embedded.
        assert name not in config.minibench
        labelled = config.minibench["nasbench201"]
        assert graphs.scale == labelled.scale
        assert graphs.image_size == labelled.image_size
