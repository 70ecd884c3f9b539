"""What predictors cost: the fit and the query of each one.

Cells of NAS-Bench-201 are drawn at random; their labels, curves, proxies and traces are made, as
only their number and shape decide how long a predictor computes. Curves have 200 epochs, of which
half are seen. Everything runs on one CPU thread and is timed by the thread's own clock.

``python -m benchmarks predictor_speed`` times all predictors with quick settings on 100 labelled
networks, and what the command line of ``python -m benchmarks.predictor_speed`` names: ``[name ...]
--settings published --networks 100 1000``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from benchmarks.timing import row, seconds

from nascast.predictors import registry
from nascast.predictors.base import FEATURES, Observations
from nascast.spaces.nasbench201 import NASBench201
from nascast.spaces.shortcuts import CLASSES, size_features
from nascast.stages.grids import structure

SETTINGS = ("quick", "published")
NETWORKS = 100
QUERIES = 200
EPOCHS = 200
SNAPSHOTS = 23
PROXIES = ("fisher", "grad_norm", "grasp", "jacov", "snip", "synflow")


def run(
    names: Sequence[str] = (), settings: str = "quick", networks: Sequence[int] = (NETWORKS,)
) -> pd.DataFrame:
    """Time predictors; all of them with quick settings on 100 networks take a few minutes.

    Args:
        names: of the predictors, all if empty.
        settings: "quick" or "published".
        networks: sizes of the training sets.

    Returns:
        One row a (predictor, networks, quantity).
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return pd.DataFrame(
            line
            for count in networks
            for name in names or registry.names()
            for line in _time(name, settings, count)
        )
    finally:
        torch.set_num_threads(threads)


def observations(count: int, seed: int, needs: frozenset[str]) -> Observations:
    """Return random cells, each with a label and with what a predictor needs of it."""
    space, rng = NASBench201(), np.random.default_rng(seed)
    archs = [space.sample(rng) for _ in range(count)]
    features: dict[str, Any] = structure(space, archs, set(FEATURES))
    features["size"] = size_features(
        space, archs, space.published, space.published_image_size, CLASSES
    )
    share = features["size"]["conv_count"].to_numpy(np.float64) / 6
    labels = np.clip(0.3 + 0.5 * share + rng.normal(0, 0.05, count), 0, 1)
    seen = np.arange(1, EPOCHS // 2 + 1) / EPOCHS
    accuracy = labels[:, None] * (1 - np.exp(-5 * seen)) + rng.normal(0, 0.01, (count, len(seen)))
    score = {name: labels + rng.normal(0, 0.1, count) for name in PROXIES}
    features |= {
        "proxies": pd.DataFrame(score),
        "supernet": pd.DataFrame({"one_shot": score["snip"], "rs_ws": score["synflow"]}),
        "step_losses": (2.3 - 2 * accuracy).astype(np.float32),
        "val_loss": (2.4 - 2 * accuracy).astype(np.float32),
        "val_acc": np.clip(accuracy, 0, 1).astype(np.float32),
        "trace_summary": _trace(labels, 48, rng),
        "trace_codes": _trace(labels, 256, rng),
    }
    return Observations(
        tuple(f"{arch.arch_id}-{place}" for place, arch in enumerate(archs)),
        len(seen),
        {name: features[name] for name in needs},
        labels,
        np.arange(count) % 5 == 4,
    )


def _trace(labels: np.ndarray, width: int, rng: np.random.Generator) -> np.ndarray:
    """Return ``(n, SNAPSHOTS, width)`` numbers that tell something about the labels."""
    noise = rng.normal(0, 0.1, (len(labels), SNAPSHOTS, width))
    return (labels[:, None, None] * np.linspace(-1, 1, width) + noise).astype(np.float32)


def _time(name: str, settings: str, networks: int) -> list[dict[str, object]]:
    cls = registry.get(name)
    changes = cls.quick if settings == "quick" else {}
    predictor = registry.create(name, seed=0, settings=changes, steps_per_epoch=1, horizon=EPOCHS)
    train = observations(networks, 0, cls.needs)
    query = observations(QUERIES, 1, cls.needs)
    pool = observations(networks, 2, cls.needs).features
    train = Observations(
        train.arch_ids, train.budget, train.features, train.labels, train.held_out, pool
    )
    query = Observations(query.arch_ids, query.budget, query.features)
    fit = seconds(lambda: predictor.fit(train)) if cls.learns else 0.0
    ask = seconds(lambda: predictor.predict(query)) / QUERIES
    identity = {
        "benchmark": "predictor_speed", "predictor": name, "settings": settings,
        "networks": networks,
    }  # fmt: skip
    print(f"{name}, {settings}, {networks} networks: {fit:.2f} s, {ask:.2g} s", file=sys.stderr)
    return [
        row(identity, "fit", "seconds", [fit]),
        row(identity, "query of one network", "seconds", [ask]),
    ]


def main() -> None:
    """Time what the command line names, and print the tidy CSV."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.predictor_speed")
    parser.add_argument("names", nargs="*", metavar="name", help="predictors, all if left out")
    parser.add_argument("--settings", choices=SETTINGS, default="quick")
    parser.add_argument("--networks", nargs="+", type=int, default=[NETWORKS])
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - set(registry.names()))
    if unknown:
        parser.error(f"unknown predictor {unknown[0]!r}")
    frame = run(arguments.names, arguments.settings, arguments.networks)
    frame.to_csv(sys.stdout, index=False, float_format="%.4g")


if __name__ == "__main__":
    main()
