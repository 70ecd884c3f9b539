"""Fetch one published file, or the first of several that serve, and note what was fetched."""

import json
from pathlib import Path
from typing import Any

from nascast.io.atomic import atomic_write_text
from nascast.io.catalogue import load_sources, providers
from nascast.io.hashing import hash_file
from nascast.io.sources import fetch, mirror_from_environment, resolve_alternatives
from nascast.stages.runner import stage

CATALOGUE = Path("config/sources.yaml")


def main(job: Any) -> None:
    """Write a note ``{"source", "file", "hash"}`` beside the file; verified where it can be."""
    output = Path(job.output[0])
    sources = load_sources(CATALOGUE)
    mirror = mirror_from_environment()
    need = job.wildcards.need
    names = [need] if need in sources else providers(sources, need)
    source = resolve_alternatives(names, sources, output.parent, mirror)
    path = fetch(source, output.parent, mirror)
    # A later stage must see another file as another one, whether or not its publisher has a hash.
    algorithm, value = source.checksum or ("sha256", hash_file(path))
    note = {"source": source.name, "file": path.name, "hash": f"{algorithm}={value}"}
    atomic_write_text(output, json.dumps(note, indent=1) + "\n")


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
