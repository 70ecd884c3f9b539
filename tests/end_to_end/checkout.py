"""A small checkout of the project in a folder of its own, with a tiny tier, to run for real."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nascast import config, tiers
from nascast.io.parquet import read_parquet, write_table
from nascast.io.provenance import collect
from nascast.labels.pool import label_pool
from nascast.labels.schema import LABELS, complete, identity, to_table
from nascast.spaces.nasbench201 import NASBench201

ROOT = Path(__file__).parents[2]
COPIED = ("Snakefile", "workflow", "config", "profiles", "envs")
RESULTS = Path("results", "tiny")
NETWORKS = 12
# One set of images is traced; the second task borrows its traces, as the tabular tier does.
IMAGES, LABELLED = "digits", ("digits", "scenes10")
TABLES = ("nap2_table4", "nap2_transfer")
COSTS = ("fit_seconds", "predict_seconds", "query_seconds", "train_network_seconds")
NO_JOBS = ("total", "tables", "default")  # lines of Snakemake's job table that do nothing
TIMEOUT = 1200  # seconds; only a run that hangs takes as long


def tiny_tier(networks_per_shard: int = 6) -> dict[str, Any]:
    """The mini tier cut down to what two cores do in a minute."""
    settings = tiers.mini().model_dump(exclude_none=True)
    tasks = {
        f"nasbench201-{name}": {"images": IMAGES, "label_images": name, "labels": "minibench"}
        for name in LABELLED
    }
    experiment = settings["experiments"]["nap2"] | {
        "tasks": list(tasks),
        "budgets": [2, 4],
        "folds": 2,
        "run_folds": [0],
        "train_size": 6,
        "encoder": {"layer_width": 8, "depth_width": 8, "epochs": 2},
        "regressor": {"epochs": 2},
        "bootstrap": 20,
    }
    protocol = settings["protocols"]["sgd"] | {
        "networks": NETWORKS,
        "networks_per_shard": networks_per_shard,
        "scale": {"channels": 4},
        "image_size": 8,
        "steps": 4,
        "interval": 2,
        "batch_size": 32,
        "validation_images": 64,
    }
    tables = {name: settings["tables"][name] for name in TABLES}
    tables["nap2_table4"] = tables["nap2_table4"] | {"task": "nasbench201-digits"}
    tables["nap2_transfer"] = tables["nap2_transfer"] | {"show": [4]}
    return {
        "tier": "tiny",
        "device": "cpu",
        "protocols": {"sgd": protocol},
        "tasks": tasks,
        "experiments": {"nap2": experiment},
        "tables": tables,
        "reports": {"report": list(TABLES)},
    }


@dataclass(frozen=True)
class Checkout:
    """A folder that `snakemake` is called in."""

    root: Path

    @classmethod
    def make(cls, root: Path) -> Checkout:
        """Copies the workflow and writes the tiny tier and labels for exactly its networks."""
        ignored = shutil.ignore_patterns("__pycache__", ".snakemake")
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, root / name, ignore=ignored)
            else:
                shutil.copy2(ROOT / name, root / name)
        checkout = cls(root)
        checkout.configure(tiny_tier())
        write_labels(root / "resources" / "minibench" / "nasbench201")
        return checkout

    def clone(self, root: Path) -> Checkout:
        """Copies everything with its times, results and Snakemake's records included."""
        shutil.copytree(self.root, root, dirs_exist_ok=True)
        return Checkout(root)

    def configure(self, settings: Mapping[str, Any]) -> None:
        text = config.to_yaml(config.validate(dict(settings)), "The tests' tier.")
        (self.root / "config" / "config.yaml").write_text(text)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts snakemake in a process group of its own; its output is one stream."""
        environment = {key: value for key, value in os.environ.items() if key != "NASCAST_MIRROR"}
        environment |= {
            "HF_HUB_OFFLINE": "1",
            "OMP_NUM_THREADS": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(self.root / "workflow"),
        }
        return subprocess.Popen(
            [sys.executable, "-m", "snakemake", *arguments],
            cwd=self.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def snakemake(self, *arguments: str, expect: int = 0) -> str:
        """Runs snakemake to its end and returns what it printed."""
        process = self.start(*arguments)
        try:
            output, _ = process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        assert process.returncode == expect, output
        return output

    def planned(self, *arguments: str) -> dict[str, int]:
        """Returns how many jobs of each rule a run would do."""
        output = self.snakemake("-n", *arguments)
        if "Nothing to be done" in output:
            return {}
        lines = output.split("Job stats:", 1)[1].split("\n\n", 1)[0].splitlines()
        counts = {name: int(count) for name, count in (line.split() for line in lines[3:])}
        return {name: count for name, count in counts.items() if name not in NO_JOBS}

    def kill_after(self, jobs: int, seconds: float, *arguments: str) -> None:
        """Kills a run, and all that it started, some time after its first or a later job."""
        process = self.start(*arguments)
        assert process.stdout is not None
        begun = "Execute" if jobs == 0 else "Finished jobid"
        left = max(jobs, 1)
        for line in process.stdout:
            left -= line.startswith(begun)
            if left == 0:
                break
        time.sleep(seconds)
        assert process.poll() is None, "the run was over before it could be killed"
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    def table(self, name: str) -> str:
        """Returns a tidy table without the measured seconds, which differ from run to run."""
        lines = (self.root / RESULTS / "tables" / f"{name}.csv").read_text().splitlines()
        return "\n".join(line for line in lines if line.split(",")[2] not in COSTS)

    def tables(self) -> dict[str, str]:
        return {name: self.table(name) for name in TABLES}

    def predictions(self) -> pd.DataFrame:
        """Returns every prediction to the last bit, without the measured seconds."""
        paths = sorted((self.root / RESULTS / "predictions").rglob("*.parquet"))
        return read_parquet(paths).drop(columns=list(COSTS))


def write_labels(folder: Path) -> None:
    """Writes a shard of made-up labels for each image set, one seed a network."""
    pool = label_pool(NASBench201(), NETWORKS)
    rng = np.random.default_rng(0)
    origin = collect(stage="test", fingerprint="0", config={}, seed=0)
    for images in LABELLED:
        rows = [
            identity(arch)
            | {"images": images, "seed": 0, "val_acc": accuracy, "test_acc": accuracy}
            | {"val_loss": -np.log(accuracy), "test_loss": -np.log(accuracy)}
            | {
                f"{part}_{value}_curve": [0.5]
                for part in ("train", "val")
                for value in ("loss", "acc")
            }
            | {"train_seconds": 1.0, "epochs": 1, "status": "ok", "source": "minibench"}
            for arch, accuracy in zip(pool, rng.uniform(0.1, 0.9, NETWORKS), strict=True)
        ]
        path = folder / images / "shard=0.parquet"
        path.parent.mkdir(parents=True)
        write_table(to_table(complete(pd.DataFrame(rows))), path, LABELS, origin)
