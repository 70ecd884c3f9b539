"""Made-up grids: predictors with and without axes, every tau a known function of its cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from nascast.tables.grid_run import GridRun, ScoredGrid

C10, MINI = "nasbench201-cifar10", "nasbench201-scenes10"
Tau = Callable[[int, int], float]
"""Training networks and budget to tau; a predictor without an axis gets 0 there."""


def axes_of(predictor: str) -> tuple[bool, bool]:
    """Whether a predictor learns, and whether it sees curves."""
    curves = predictor.startswith(("SoTL", "Early", "OMNI", "LcSVR"))
    learns = predictor in ("XGBoost", "RF", "LcSVR") or predictor.startswith("OMNI")
    return learns, curves


def scores_of(
    taus: Mapping[str, Tau],
    tasks: Sequence[str],
    sizes: Sequence[int],
    budgets: Sequence[int],
    metrics: Sequence[str] = ("kendall_tau",),
    seeds: int = 3,
    spread: Callable[[str, int], float] = lambda name, seed: 0.0,
    settings: str = "quick",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores and scores by seed, as they are written."""
    rows, by_seed = [], []
    for task in tasks:
        for name, tau in taus.items():
            learns, curves = axes_of(name)
            for size in sizes if learns else (0,):
                for budget in budgets if curves else (0,):
                    place = {"row": name, "column": task, "budget": budget, "train_size": size}
                    place |= {"context": "in-domain", "settings": settings}
                    found = [tau(size, budget) + spread(name, seed) for seed in range(seeds)]
                    value = sum(found) / seeds
                    number = {"value": value, "ci_low": value - 0.05, "ci_high": value + 0.05}
                    rows += [
                        place | number | {"metric": metric, "n": 60, "seeds": seeds}
                        for metric in metrics
                    ]
                    by_seed += [
                        place | {"seed": seed, "kendall_tau": v} for seed, v in enumerate(found)
                    ]
    return pd.DataFrame(rows), pd.DataFrame(by_seed)


def grid_of(
    taus: Mapping[str, Tau],
    tasks: Sequence[str] = (C10,),
    sizes: Sequence[int] = (10, 100),
    budgets: Sequence[int] = (1, 12),
    *,
    name: str = "main",
    lacking: Sequence[str] = (),
    further: Sequence[str] = (),
    sampling: str = "random",
    settings: str = "quick",
    **how,
) -> ScoredGrid:
    """A grid whose predictors are those with a tau, and further ones without numbers."""
    scores, seeds = scores_of(taus, tasks, sizes, budgets, settings=settings, **how)
    return ScoredGrid(
        name=name,
        tasks=tuple(tasks),
        predictors=(*taus, *further),
        cells=tuple((size, budget) for size in sizes or (0,) for budget in budgets or (0,)),
        unit="epoch",
        sees=frozenset({"curves", "losses", "proxies", "supernets"} - set(lacking)),
        test_networks=40,
        sampling=sampling,
        settings=settings,
        scores=scores,
        seeds=seeds,
    )


def run_of(*grids: ScoredGrid, **changes) -> GridRun:
    """A run on real labels of the first task, and made ones of the mini task."""
    found = {"sources": {C10: "real", MINI: "minibench"}, "stands_for": {}, "substitutes": {}}
    return GridRun(grids=grids, **(found | changes))
