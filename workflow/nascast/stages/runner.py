"""Runs the body of a workflow script: one log, one clear line on failure, provenance at hand."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from nascast.errors import NascastError
from nascast.io.provenance import Provenance, collect


@contextmanager
def stage(job: Any) -> Iterator[None]:
    """Send a script's output to its log; turn an expected failure into one line and exit 1.

    Args:
        job: the ``snakemake`` object of the script.

    Any other exception is a bug: it goes through, with its traceback, to the log as well.
    """
    console = sys.stderr
    with Path(job.log[0]).open("w", buffering=1) as log, redirect_stdout(log), redirect_stderr(log):
        try:
            yield
        except (NascastError, ValueError, OSError) as error:
            if not isinstance(error, NascastError):
                # Where it happened helps whoever mends it; the line on the console stays one line.
                traceback.print_exc(file=log)
            print(f"nascast: error: {error}", file=log)
            line = " ".join(str(error).split())
            print(f"nascast: error in {job.rule}: {line} (log: {job.log[0]})", file=console)
            raise SystemExit(1) from None
        except Exception:
            traceback.print_exc(file=log)
            raise


def provenance(
    job: Any, settings: Mapping[str, Any], device: str = "cpu", seed: int | None = None
) -> Provenance:
    """Return the provenance of a job's outputs.

    Args:
        job: the ``snakemake`` object; its rule, ``params.code`` and inputs are recorded.
        settings: the settings that decide the output.
        device: where the numbers were computed.
        seed: the base seed, if one is used.
    """
    paths = sorted({Path(path) for path in job.input})
    return collect(
        stage=job.rule,
        fingerprint=job.params.code,
        config=settings,
        inputs={_name(path): path for path in paths},
        device=device,
        seed=seed,
    )


def _name(path: Path) -> str:
    """Name an input by its place below the results folder, which differs between checkouts."""
    parts = path.parts
    return "/".join(parts[parts.index("results") + 1 :] if "results" in parts else parts[-3:])
