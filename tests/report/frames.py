"""Small made-up frames that keep the contracts of the report's inputs."""

from typing import Any

import numpy as np
import pandas as pd

TASKS = ("nasbench201-scenes10", "nasbench201-scenes50")
NO_TIDY_EXTRAS = {"n": 40, "seeds": 2, "published": np.nan, "verdict": None}


def tidy_row(row: str, column: str, value: float, **other: Any) -> dict[str, Any]:
    return {
        "row": row,
        "column": column,
        "metric": "kendall_tau",
        "budget": 10,
        "train_size": 300,
        "context": "in-domain",
        "settings": "published",
        "value": value,
        "ci_low": value - 0.05,
        "ci_high": value + 0.05,
        "source": "minibench",
        **NO_TIDY_EXTRAS,
        **other,
    }


def tidy_frame() -> pd.DataFrame:
    """Two learned methods and a size, at three budgets on two tasks, with transfer and costs."""
    rows = []
    for offset, task in enumerate(TASKS):
        for step, budget in enumerate((10, 30, 100)):
            for method, level in (("NAP2", 0.6), ("SoTL-E", 0.2)):
                value = level + 0.05 * step - 0.02 * offset
                rows.append(tidy_row(method, task, value, budget=budget))
                seconds = 0.1 * budget + (1.0 if method == "NAP2" else 0.0)
                cost = {"metric": "query_seconds", "ci_low": np.nan, "ci_high": np.nan}
                rows.append(tidy_row(method, task, seconds, budget=budget) | cost)
            rows.append(tidy_row("params", task, 0.55, budget=budget, train_size=0))
            free = {"metric": "query_seconds", "ci_low": np.nan, "ci_high": np.nan}
            rows.append(tidy_row("params", task, 0.001, budget=budget, train_size=0) | free)
        other = TASKS[1 - offset]
        rows.append(tidy_row("NAP2", task, 0.5, budget=100, context=f"from {other}"))
    return pd.DataFrame(rows)


def prediction_frame(networks: int = 30, seeds: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    rows = []
    for fold in range(2):
        label = rng.random(networks)
        for seed in range(seeds):
            for index in range(networks):
                rows.append(
                    {
                        "predictor": "NAP2",
                        "task": TASKS[0],
                        "train_size": 300,
                        "budget": 10,
                        "context": "in-domain",
                        "settings": "published",
                        "fold": fold,
                        "seed": seed,
                        "arch_id": f"f{fold}-{index}",
                        "prediction": label[index] + rng.normal(0, 0.1),
                        "label": label[index],
                    }
                )
    return pd.DataFrame(rows)


def step_frame(networks: int = 12, steps: int = 40) -> tuple[pd.DataFrame, pd.Series]:
    """Losses that fall faster the better the label; the second network diverges half-way."""
    labels = pd.Series({f"net{index:02d}": 0.3 + 0.05 * index for index in range(networks)})
    step = np.arange(1, steps + 1)
    frames = []
    for index, (arch_id, label) in enumerate(labels.items()):
        loss = 2.3 * np.exp(-label * step / steps)
        loss = np.where((index == 1) & (step > steps // 2), np.nan, loss).astype(np.float32)
        frames.append(pd.DataFrame({"arch_id": arch_id, "step": step, "train_loss": loss}))
    return pd.concat(frames, ignore_index=True), labels
