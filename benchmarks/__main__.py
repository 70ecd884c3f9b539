"""Run benchmarks and print their tidy CSV: ``python -m benchmarks [name ...] [--output FILE]``."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

import pandas as pd

BENCHMARKS = ("trace_cost", "graph_speed", "proxy_speed", "predictor_speed")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"one of {', '.join(BENCHMARKS)}")
    parser.add_argument("--output", type=Path, help="write the CSV here, not to standard output")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"unknown benchmark {unknown[0]!r}: choose from {', '.join(BENCHMARKS)}")
    frames = [import_module(f"benchmarks.{name}").run() for name in arguments.names or BENCHMARKS]
    pd.concat(frames).to_csv(arguments.output or sys.stdout, index=False, float_format="%.6g")


if __name__ == "__main__":
    main()
