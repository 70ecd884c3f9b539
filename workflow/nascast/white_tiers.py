"""What the tiers share about White et al. 2021: its grids, tables and figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from nascast.grid_sections import Grid
from nascast.sections import ProxySettings
from nascast.table_sections import GridFigure, GridMetric, GridTable

MODEL_BASED = [
    "BANANAS", "Bayes. Lin. Reg.", "BOHAMIANN", "BONAS", "DNGO", "GCN (White)", "GP", "Sparse GP",
    "Var. Sparse GP", "LGBoost", "MLP", "NAO", "NGBoost", "RF", "SemiNAS", "XGBoost",
]  # fmt: skip
"""The sixteen models of the structure."""
NEWER_MODELS = ["GRAF + RF", "GRAF + XGBoost", "NPN", "TNASP"]
CHEAP_MODELS = [
    "Bayes. Lin. Reg.", "LGBoost", "NGBoost", "RF", "XGBoost", "GRAF + RF", "GRAF + XGBoost"
]  # fmt: skip
"""Models that a core fits to 1,000 networks in some seconds, with published settings."""
SLOW_MODELS = [name for name in (*MODEL_BASED, *NEWER_MODELS) if name not in CHEAP_MODELS]
ONE_TRIAL: dict[str, dict[str, float]] = {"GCN (White)": {"trials": 1}}
"""Without its light tuning, eight trainings on three folds each, GCN takes a tenth of the time."""
EARLY_STOP = ["Early Stop (acc)", "Early Stop (loss)"]
CURVES = [*EARLY_STOP, "LCE", "LCE-m", "SoTL", "SoTL-E"]
ZERO_COST = ["Fisher", "Grad Norm", "Grasp", "Jacob. Cov.", "SNIP", "SynFlow"]
PROXIES = ["fisher", "grad_norm", "grasp", "jacov", "snip", "synflow"]
"""What is measured for them."""
WEIGHT_SHARING = ["OneShot", "RS-WS"]
OMNI = ["OMNI", "OMNI (no curve)", "OMNI (no proxy)", "OMNI (no encoding)"]
ANY_LOSS: dict[str, dict[str, float]] = {
    name: {"fewest_epochs": 0} for name in (*OMNI, "OMNI-SemiNAS") if name != "OMNI (no curve)"
}
"""Traces end within the first epoch, and OMNI would look at no loss before the third."""
TRACED_NAMES = [
    "NGBoost", "XGBoost", "SoTL-E", *EARLY_STOP, *ZERO_COST, *OMNI, "OMNI-SemiNAS"
]  # fmt: skip
"""What is compared on our traces."""
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
        grids: that fill them; every predictor and cell is shown from the first one that has it.
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


def cost_table(
    grids: Sequence[str], show: Sequence[Sequence[int]], rows: Sequence[str] = ()
) -> dict[str, GridTable]:
    """Return the table of what tau costs, in cells that are shown; of all predictors if none."""
    table = GridTable(
        grids=list(grids),
        layout="costs",
        rows=list(rows),
        show=[list(cell) for cell in show],
        title="White et al. 2021, Kendall tau and what it costs",
    )
    return {"white_costs": table}


def curve_tables() -> dict[str, GridTable]:
    """Return the tabular tier's tables of what is not known of whole spaces."""
    cells = [(100, 10), (100, 20), (100, 50), (100, 100), (100, 199), (100, 200)]
    return {
        "white_curves": _table(
            ["white_curves", "white_curves_slow"],
            cells,
            "White et al. 2021, learning curves and LcSVR on 200 published curves, Kendall tau",
            "kendall_tau",
            [*CURVES, "LcSVR"],
        ),
        "white_anchors": _table(
            ["white_anchors"],
            [(100, 0), (1000, 0)],
            "White et al. 2021, XGBoost beside NAS-Bench-Suite-Zero's, Spearman rho",
            "spearman",
            ["XGBoost"],
        ),
        "white_best": _table(
            ["white_best"],
            [(100, 0), (1000, 0)],
            "White et al. 2021, the cheap models on real accuracies, Kendall tau",
            "kendall_tau",
            CHEAP_MODELS,
        ),
        "white_quick": GridTable(
            grids=["white_hundred", "white_quick"],
            layout="settings",
            rows=[*MODEL_BASED, *NEWER_MODELS],
            show=[[100, 0]],
            title="White et al. 2021, quick and published settings, Kendall tau",
        ),
        "white_epoch12": _table(
            ["white_epoch12"],
            [(0, 12)],
            "White et al. 2021, Early Stop at epoch 12 over all cells, Kendall tau",
            "kendall_tau",
            ["Early Stop (acc)"],
        ),
        "white_traces": _table(
            ["white_traces"],
            [(100, 100)],
            "White et al. 2021, OMNI and what it is made of on our traces, Kendall tau",
            "kendall_tau",
            TRACED_NAMES,
        ),
        "white_traces_ablation": GridTable(
            grids=["white_traces"],
            layout="ablation",
            show=[[100, 100]],
            title="White et al. 2021, OMNI and its ablations on our traces, Kendall tau",
        ),
        "white_traces_published": _table(
            ["white_traces_published"],
            [(100, 100)],
            "White et al. 2021, OMNI with published settings on our traces, Kendall tau",
            "kendall_tau",
            ["OMNI", "NGBoost"],
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


TRACED = "traced"
"""Set of proxies of the traced networks, at their scale."""


def traced_proxies(networks: int) -> ProxySettings:
    """Return how the proxies of the traced networks are measured."""
    return ProxySettings(
        networks=networks, networks_per_shard=104, proxies=PROXIES, tasks=["nasbench201-cifar10"]
    )


def tabular_grids() -> dict[str, Grid]:
    """Return what real labels allow: models on whole spaces, the rest where it was measured."""
    first = "nasbench201-cifar10"
    others = ["nasbench201-cifar100", "nasbench201-imagenet16-120", "nasbench101-cifar10"]
    return {
        **_models("white_models", [first], TRAIN_SIZES, 10),
        **_models("white_models_rest", others, [24, 100, 1000], 3),
        **_models("white_mutations", [first], [24, 100], 6, sampling="mutation"),
        # What NAS-Bench-Suite-Zero has numbers of: a thousand test networks, many draws.
        "white_anchors": Grid(
            tasks=[first, *others],
            predictors=["XGBoost"],
            train_sizes=[100, 1000],
            test_networks=1000,
            seeds=20,
            seeds_per_job=10,
        ),
        "white_best": Grid(
            tasks=[first],
            predictors=CHEAP_MODELS,
            train_sizes=[100, 1000],
            seeds=5,
            seeds_per_job=5,
        ),
        # Both on the same networks, in minutes.
        "white_hundred": _hundred(first, "published", ONE_TRIAL),
        "white_quick": _hundred(first, "quick", {}),
        **_curves(first),
        "white_epoch12": Grid(
            tasks=[first, *others[:2]],
            predictors=["Early Stop (acc)"],
            budgets=[12],
            test_networks=15625,
            seeds=1,
            curves="epoch12",
            bootstrap=200,
        ),
        **_traces(first),
        "white_proxies": Grid(
            tasks=[first, others[0]],
            predictors=ZERO_COST,
            seeds=10,
            seeds_per_job=10,
            proxies="suite_zero",
        ),
    }


def _models(
    name: str,
    tasks: Sequence[str],
    sizes: Sequence[int],
    seeds: int,
    sampling: Literal["random", "mutation"] = "random",
) -> dict[str, Grid]:
    """Return a grid of the cheap models and one of the slow ones, which has three seeds."""
    return {
        name: Grid(
            tasks=list(tasks),
            predictors=CHEAP_MODELS,
            train_sizes=list(sizes),
            seeds=seeds,
            sampling=sampling,
        ),
        f"{name}_slow": Grid(
            tasks=list(tasks),
            predictors=SLOW_MODELS,
            train_sizes=list(sizes),
            seeds=3,
            sampling=sampling,
            changes=ONE_TRIAL,
        ),
    }


def _hundred(
    task: str, settings: Literal["published", "quick"], changes: dict[str, dict[str, float]]
) -> Grid:
    return Grid(
        tasks=[task],
        predictors=[*CHEAP_MODELS, *SLOW_MODELS],
        train_sizes=[100],
        seeds=3,
        seeds_per_job=3,
        settings=settings,
        changes=changes,
    )


def _curves(task: str) -> dict[str, Grid]:
    """Return two hundred cells with their 200-epoch curves, of accuracy alone."""
    grid = Grid(
        tasks=[task],
        predictors=["Early Stop (acc)", "LCE", "LcSVR"],
        train_sizes=[100],
        budgets=[10, 20, 50, 100, 199, 200],
        test_networks=100,
        seeds=10,
        seeds_per_job=10,
        curves="published",
    )
    slow = grid.model_copy(update={"predictors": ["LCE-m"], "seeds": 3, "seeds_per_job": 3})
    return {"white_curves": grid, "white_curves_slow": slow}


def _traces(task: str) -> dict[str, Grid]:
    """Return the traced cells, of which partial training and proxies are ours."""
    quick = Grid(
        tasks=[task],
        predictors=TRACED_NAMES,
        train_sizes=[100],
        budgets=[100],
        seeds=10,
        seeds_per_job=10,
        curves="traces",
        protocol="sgd",
        shipped=True,
        proxies=TRACED,
        settings="quick",
        changes=ANY_LOSS,
    )
    slow = {
        "predictors": ["OMNI", "NGBoost"],
        "settings": "published",
        "seeds_per_job": 2,
        "changes": {"OMNI": ANY_LOSS["OMNI"]},
    }
    return {"white_traces": quick, "white_traces_published": quick.model_copy(update=slow)}
