"""Make or decode an image set once, at the size that networks are trained at."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from nascast.images.base import ImageSet, ImageSetError
from nascast.images.cifar import read_cifar_archive
from nascast.images.digits import make_digits
from nascast.images.imagenet16 import imagenet16_from_batches
from nascast.images.packed import read_packed
from nascast.images.scenes import SCENES, make_scenes
from nascast.images.store import save_image_set
from nascast.images.svhn import svhn_from_arrays
from nascast.io.inert_values import BENCHMARK_GLOBALS
from nascast.io.mat import read_mat
from nascast.io.parquet import read_table
from nascast.io.unpickle import load_pickle
from nascast.stages.devices import choose_device
from nascast.stages.files import fetched
from nascast.stages.runner import provenance, stage

# Ending of the name of a set that is made with its dense targets.
DENSE = "-dense"


def read_source(notes: Sequence[str], images: str) -> ImageSet:
    """Return a published image set from its official files or its packed form."""
    paths = [fetched(note)[1] for note in notes]
    if images == "svhn":
        train, test = (read_mat(path, ["X", "y"]) for path in paths)
        return svhn_from_arrays(train, test)
    if images == "imagenet16-120":
        return imagenet16_from_batches(
            (path.name, load_pickle(path, BENCHMARK_GLOBALS, "latin1")) for path in paths
        )
    path = paths[0]
    if path.suffix == ".parquet":
        return read_packed(read_table(path), images)
    with path.open("rb") as archive:
        loads = partial(load_pickle, allowed=BENCHMARK_GLOBALS, encoding="bytes")
        return read_cifar_archive(archive, images, loads)


def main(job: Any) -> None:
    """Write the image set as one file."""
    choose_device("cpu")
    images, size = job.wildcards.images, int(job.wildcards.size)
    scenes = images.removesuffix(DENSE)
    if job.input:
        prepared = read_source(job.input, images).resize(size)
    elif scenes in SCENES:
        prepared = make_scenes(scenes, size=size, dense=images != scenes)
    elif images == "digits":
        prepared = make_digits(size=size)
    else:
        raise ImageSetError(
            f"no way to make the image set {images!r}; there are cifar10, cifar100, "
            f"imagenet16-120, svhn, digits, {', '.join(SCENES)}; {DENSE} behind the name of scenes "
            "adds their dense targets"
        )
    origin = provenance(job, {"images": images, "size": size}, seed=0)
    save_image_set(prepared, Path(job.output[0]), origin.to_json())


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
