"""What the tiers share about zero-cost proxies: tables and figures of the papers that use them."""

from __future__ import annotations

from collections.abc import Sequence

from nascast.proxies import registry
from nascast.sections import ProxySettings, Scale
from nascast.table_sections import ProxyFigure, ProxyTable
from nascast.tasks.registry import TRANSNAS

SUITE_ZERO = list(registry.SUITE_ZERO)
ZERO_COST = list(registry.BUILT_IN)
_SNAP_ROWS = [*SUITE_ZERO, "SNAP"]
_NASBENCH201 = [f"nasbench201-{images}" for images in ("cifar10", "cifar100", "imagenet16-120")]
_MICRO = [f"transnas_micro-{task}" for task in TRANSNAS]


def full_size(proxies: list[str], tasks: list[str]) -> ProxySettings:
    """Return how NAS-Bench-Suite-Zero measures: 1,000 random networks of full size, batch 64."""
    return ProxySettings(
        networks=1000,
        networks_per_shard=20,
        scale=Scale(channels=16, repeats=5, stem_stride=1),
        image_size=32,
        seeds=3,
        isomorphic=True,
        proxies=proxies,
        tasks=tasks,
    )


def proxy_tables(sets: Sequence[str], *, comparable: bool = False) -> dict[str, ProxyTable]:
    """Return the papers' tables of proxies.

    Args:
        sets: measured proxies that fill them.
        comparable: whether they are measured as in NAS-Bench-Suite-Zero. SNAP's correlations are
            made like those; of GENNAPE's and of the searches too little is known.
    """
    return {
        "proxies_table": ProxyTable(
            proxies=list(sets),
            layout="suite_zero",
            comparable=comparable,
            title="Zero-cost proxies: Spearman rho with the labels",
        ),
        "gennape_table1": ProxyTable(
            proxies=list(sets),
            layout="gennape_table1",
            title="GENNAPE, Table 1: Spearman rho of zero-cost proxies by family",
        ),
        "snap_table3": ProxyTable(
            proxies=list(sets),
            layout="snap_table3",
            title="SNAP, Table 3: networks that searches find on NAS-Bench-201",
        ),
        "snap_table5": ProxyTable(
            proxies=list(sets),
            layout="snap_table5",
            comparable=comparable,
            title="SNAP, Table 5: rank correlations of zero-shot methods on NAS-Bench-201",
        ),
    }


def proxy_figures(sets: Sequence[str]) -> dict[str, ProxyFigure]:
    """Return SNAP's figures of proxies, filled from sets of measured ones."""
    return {
        "snap_fig1": ProxyFigure(
            proxies=list(sets),
            layout="bars",
            tasks=_NASBENCH201,
            rows=["synflow", "jacov", "zen", "params", "SNAP"],
            title="SNAP, Figure 1: Spearman rho of SNAP and four proxies",
        ),
        "snap_fig3": ProxyFigure(
            proxies=list(sets),
            layout="benchmarks",
            tasks=[*_NASBENCH201, "nasbench101-cifar10", "darts-cifar10", *_MICRO],
            rows=_SNAP_ROWS,
            title="SNAP, Figure 3: Spearman rho of 14 proxies on 12 benchmarks",
        ),
        "snap_fig4": ProxyFigure(
            proxies=list(sets),
            layout="pairs",
            tasks=_NASBENCH201[:1],
            rows=_SNAP_ROWS,
            title="SNAP, Figure 4: Spearman rho between proxies",
        ),
        "snap_fig8": ProxyFigure(
            proxies=list(sets),
            layout="pairs",
            tasks=_NASBENCH201[1:],
            rows=_SNAP_ROWS,
            title="SNAP, Figure 8: Spearman rho between proxies",
        ),
    }
