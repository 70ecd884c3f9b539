"""The grids of the tiers: which predictors of White et al. meet which labels and curves."""

from __future__ import annotations

from collections.abc import Sequence

from nascast.grid_sections import Grid

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
OMNI = ["OMNI", "OMNI (no curve)", "OMNI (no proxy)", "OMNI (no encoding)", "OMNI (as published)"]
ALL = [*MODEL_BASED, *CURVES, "LcSVR", *ZERO_COST, *WEIGHT_SHARING, *OMNI, *NEWER_MODELS]
"""The thirty-one, OMNI and its ablations, and what came after."""

TRAIN_SIZES = [5, 8, 14, 24, 42, 71, 121, 205, 347, 589, 1000]
"""Initialisation budgets of White et al. on NAS-Bench-101 and -201."""
EPOCHS = [1, 2, 3, 5, 7, 9, 13, 19, 26, 37, 52, 73, 102, 142, 199]
"""Query budgets of White et al. on NAS-Bench-201, of 200 epochs."""


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
