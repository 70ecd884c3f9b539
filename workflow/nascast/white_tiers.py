"""What the tiers share about White et al. 2021: its grids, tables and figures."""

from __future__ import annotations

from collections.abc import Sequence

from nascast.grid_sections import Grid
from nascast.table_sections import GridFigure, GridMetric, GridTable

MODEL_BASED = [
    "BANANAS", "Bayes. Lin. Reg.", "BOHAMIANN", "BONAS", "DNGO", "GCN (White)", "GP", "Sparse GP",
    "Var. Sparse GP", "LGBoost", "MLP", "NAO", "NGBoost", "RF", "SemiNAS", "XGBoost",
]  # fmt: skip
"""The sixteen models of the structure."""
NEWER_MODELS = ["GRAF + RF", "GRAF + XGBoost", "NPN", "TNASP"]
EARLY_STOP = ["Early Stop (acc)", "Early Stop (loss)"]
CURVES = [*EARLY_STOP, "LCE", "LCE-m", "SoTL", "SoTL-E"]
ZERO_COST = ["Fisher", "Grad Norm", "Grasp", "Jacob. Cov.", "SNIP", "SynFlow"]
PROXIES = ["fisher", "grad_norm", "grasp", "jacov", "snip", "synflow"]
"""What is measured for them."""
WEIGHT_SHARING = ["OneShot", "RS-WS"]
OMNI = ["OMNI", "OMNI (no curve)", "OMNI (no proxy)", "OMNI (no encoding)"]
SHORTCUTS = ["params", "MACs"]
ALL = [
    *MODEL_BASED, *CURVES, "LcSVR", *ZERO_COST, *WEIGHT_SHARING, *OMNI, *NEWER_MODELS, *SHORTCUTS
]  # fmt: skip
"""The thirty-one, OMNI and its ablations, and what came after."""

TRAIN_SIZES = [5, 8, 14, 24, 42, 71, 100, 121, 205, 347, 589, 1000]
"""Initialisation budgets of White et al. on NAS-Bench-101 and -201, and 100, at which
NAS-Bench-Suite-Zero has numbers of XGBoost."""
EPOCHS = [1, 2, 3, 5, 7, 9, 13, 19, 26, 37, 52, 73, 102, 142, 199]
"""Query budgets of White et al. on NAS-Bench-201, of 200 epochs."""

_METRICS: dict[str, tuple[GridMetric, str]] = {
    "white_kendall": ("kendall_tau", "Kendall tau"),
    "white_sparse": ("sparse_kendall_tau", "sparse Kendall tau"),
    "white_pearson": ("pearson", "Pearson r"),
    "white_spearman": ("spearman", "Spearman rho"),
}


def grid_tables(grids: Sequence[str], show: Sequence[Sequence[int]]) -> dict[str, GridTable]:
    """Return the tables of predictors on networks drawn at random.

    Args:
        grids: that fill them; a task is shown from the first one that has it.
        show: cells that are rendered, (labelled networks, query budget).
    """
    tables = {
        name: _table(grids, show, f"White et al. 2021, {words}", metric)
        for name, (metric, words) in _METRICS.items()
    }
    tables["white_omni_ablation"] = GridTable(
        grids=list(grids),
        layout="ablation",
        show=[list(cell) for cell in show],
        title="White et al. 2021, OMNI and its ablations, Kendall tau",
    )
    return tables


def curve_tables() -> dict[str, GridTable]:
    """Return the tabular tier's tables of what is not known of whole spaces."""
    cells = [(24, 10), (24, 100), (100, 10), (100, 50), (100, 100), (100, 200)]
    return {
        "white_curves": _table(
            ["white_curves"],
            cells,
            "White et al. 2021, learning curves and LcSVR on 200 published curves, Kendall tau",
            "kendall_tau",
        ),
        "white_anchors": _table(
            ["white_anchors"],
            [(100, 0), (1000, 0)],
            "White et al. 2021, XGBoost beside NAS-Bench-Suite-Zero's, Spearman rho",
            "spearman",
            ["XGBoost"],
        ),
        "white_zero_cost": _table(
            ["white_proxies"],
            [(0, 0)],
            "White et al. 2021, zero-cost predictors on the measured cells, Kendall tau",
            "kendall_tau",
        ),
    }


def mutation_tables(grids: Sequence[str], show: Sequence[Sequence[int]]) -> dict[str, GridTable]:
    """Return the table of the second protocol: test and training sets made by mutation.

    Args:
        grids: as in :func:`grid_tables`, with ``sampling: mutation``.
        show: cells that are rendered.
    """
    title = "White et al. 2021, Kendall tau, sets made by mutation"
    return {"white_mutation": _table(grids, show, title, "kendall_tau")}


def _table(
    grids: Sequence[str],
    show: Sequence[Sequence[int]],
    title: str,
    metric: GridMetric,
    rows: Sequence[str] = (),
) -> GridTable:
    return GridTable(
        grids=list(grids),
        metric=metric,
        rows=list(rows),
        show=[list(cell) for cell in show],
        title=title,
    )


def grid_figures(grids: Sequence[str]) -> dict[str, GridFigure]:
    """Return the figure of the winners over initialisation and query budget."""
    title = "White et al. 2021, the best predictor by initialisation and query budget"
    return {"white_tau_surface": GridFigure(grids=list(grids), title=title)}


def mini_grids(tasks: Sequence[str]) -> dict[str, Grid]:
    """Return all predictors on the mini benchmark's cells, whose curves have twelve points."""
    return {
        "white": Grid(
            tasks=list(tasks),
            predictors=ALL,
            train_sizes=[24, 100],
            budgets=[2, 5, 9],
            test_networks=100,
            seeds=3,
            seeds_per_job=3,
            curves="labels",
            proxies="white",
            supernets=True,
            settings="quick",
        )
    }


def tabular_grids() -> dict[str, Grid]:
    """Return what real labels allow: models on whole spaces, the rest where it was measured."""
    models = [*MODEL_BASED, *NEWER_MODELS]
    others = ["nasbench201-cifar100", "nasbench201-imagenet16-120", "nasbench101-cifar10"]
    return {
        "white_models": Grid(
            tasks=["nasbench201-cifar10"], predictors=models, train_sizes=TRAIN_SIZES, seeds=10
        ),
        "white_models_rest": Grid(
            tasks=others, predictors=models, train_sizes=[24, 100, 1000], seeds=3
        ),
        # What NAS-Bench-Suite-Zero has numbers of: a thousand test networks, many draws.
        "white_anchors": Grid(
            tasks=["nasbench201-cifar10", *others],
            predictors=["XGBoost"],
            train_sizes=[100, 1000],
            test_networks=1000,
            seeds=20,
            seeds_per_job=10,
        ),
        "white_mutations": Grid(
            tasks=["nasbench201-cifar10"],
            predictors=models,
            train_sizes=[24, 100],
            sampling="mutation",
            seeds=6,
        ),
        # Two hundred cells have their 200-epoch curves, of accuracy alone.
        "white_curves": Grid(
            tasks=["nasbench201-cifar10"],
            predictors=["Early Stop (acc)", "LCE", "LCE-m", "LcSVR"],
            train_sizes=[14, 24, 42, 71, 100],
            budgets=[1, 3, 5, 10, 20, 50, 100, 150, 200],
            test_networks=100,
            seeds=10,
            seeds_per_job=5,
            curves="published",
        ),
        "white_proxies": Grid(
            tasks=["nasbench201-cifar10", "nasbench201-cifar100"],
            predictors=ZERO_COST,
            seeds=10,
            seeds_per_job=10,
            proxies="suite_zero",
        ),
    }
