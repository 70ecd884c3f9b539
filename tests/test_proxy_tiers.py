"""The papers' tables and figures of proxies, in every tier filled from what it measures."""

from __future__ import annotations

import pytest

from nascast.proxies import registry
from nascast.proxy_tiers import full_size, proxy_figures, proxy_tables
from nascast.tables import proxies, searches
from nascast.tiers import TIERS
from nascast.white_tiers import TRACED

TABLES = {"proxies_table", "gennape_table1", "snap_table3", "snap_table5"}
FIGURES = {"snap_fig1", "snap_fig3", "snap_fig4", "snap_fig8"}


@pytest.mark.parametrize("name", TIERS)
def test_every_tier_has_them(name: str) -> None:
    config = TIERS[name]()
    assert set(config.proxy_tables) == TABLES
    assert set(config.proxy_figures) == FIGURES
    for shown in (*config.proxy_tables.values(), *config.proxy_figures.values()):
        # What the predictors of grids read is measured for them, not for the papers of proxies.
        assert shown.proxies == [name for name in config.proxies if name not in ("white", TRACED)]


def test_each_layout_has_its_plan() -> None:
    for name, table in proxy_tables(["a"]).items():
        is_search = table.layout == searches.TABLE
        assert name == (searches.TABLE if is_search else proxies.PLANS[table.layout].table)


def test_only_what_is_measured_alike_is_compared() -> None:
    compared = {n for n, table in proxy_tables(["a"], comparable=True).items() if table.comparable}
    assert compared == {"proxies_table", "snap_table5"}
    assert not any(table.comparable for table in proxy_tables(["a"]).values())


def test_the_figures_show_snap_beside_the_thirteen_on_twelve_benchmarks() -> None:
    figures = proxy_figures(["a"])
    assert set(figures["snap_fig3"].rows) == {*registry.SUITE_ZERO, "SNAP"}
    assert len(set(figures["snap_fig3"].tasks)) == 12
    assert len(figures["snap_fig1"].rows) == 5
    assert figures["snap_fig4"].tasks == ["nasbench201-cifar10"]
    assert figures["snap_fig8"].tasks == ["nasbench201-cifar100", "nasbench201-imagenet16-120"]


def test_full_size_is_that_of_nas_bench_suite_zero() -> None:
    settings = full_size(["snip"], ["nasbench201-cifar10"])
    scale = settings.scale
    assert (scale.channels, scale.repeats, scale.stem_stride) == (16, 5, 1)
    assert (settings.networks, settings.batch_size, settings.image_size) == (1000, 64, 32)
    assert settings.isomorphic
