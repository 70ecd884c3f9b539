"""GENNAPE in the tiers that ship."""

from __future__ import annotations

from nascast.gennape_sections import GennapeEncoder, GennapeSettings, GraphSet
from nascast.sections import Scale

PUBLISHED_NETWORKS = 50_000
# Not the name of the space: its own graphs are those of the labelled networks.
_SHRUNKEN = "nasbench101_shrunken"


def mini_gennape() -> GennapeSettings:
    """Return an encoder for the networks of the mini benchmark, trained on cells of that size."""
    graphs = GraphSet(
        space="nasbench101", networks=2000, scale=Scale(), image_size=16, uniform=False
    )
    encoder = GennapeEncoder(graphs=_SHRUNKEN, settings={"epochs": 4})
    return GennapeSettings(graphs={_SHRUNKEN: graphs}, encoders={_SHRUNKEN: encoder})


def published_gennape() -> GennapeSettings:
    """Return the published number of full-size cells."""
    settings = GennapeSettings()
    source = settings.graphs["nasbench101"].model_copy(update={"networks": PUBLISHED_NETWORKS})
    return settings.model_copy(update={"graphs": settings.graphs | {"nasbench101": source}})
