"""Fetch one published file, or the first of several that serve, and note what was fetched."""

import json
from pathlib import Path
from typing import Any

from nascast.io.atomic import atomic_write_text
from nascast.io.catalogue import load_sources, providers
from nascast.io.sources import fetch, mirror_from_environment, resolve_alternatives
from nascast.stages.runner import stage

CATALOGUE = Path("config/sources.yaml")


def main(job: Any) -> None:
    """Write a note ``{"source", "file", "sha256"}`` beside the verified file."""
    output = Path(job.output[0])
    sources = load_sources(CATALOGUE)
    mirror = mirror_from_environment()
    need = job.wildcards.need
    names = [need] if need in sources else providers(sources, need)
    source = resolve_alternatives(names, sources, output.parent, mirror)
    path = fetch(source, output.parent, mirror)
    note = {"source": source.name, "file": path.name, "hash": "=".join(source.checksum)}
    atomic_write_text(output, json.dumps(note, indent=1) + "\n")


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
