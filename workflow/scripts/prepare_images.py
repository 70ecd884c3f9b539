"""Make or decode an image set once, at the size that networks are trained at."""

from functools import partial
from pathlib import Path
from typing import Any

from nascast.images.base import ImageSet, ImageSetError
from nascast.images.cifar import read_cifar_archive
from nascast.images.digits import make_digits
from nascast.images.packed import read_packed
from nascast.images.scenes import SCENES, make_scenes
from nascast.images.store import save_image_set
from nascast.io.parquet import read_table
from nascast.io.unpickle import load_pickle
from nascast.stages.devices import choose_device
from nascast.stages.files import fetched
from nascast.stages.runner import provenance, stage

# Ending of the name of a set that is made with its dense targets.
DENSE = "-dense"


def read_source(note: str, images: str) -> ImageSet:
    """Return a published image set from its archive or its packed form."""
    _, path = fetched(note)
    if path.suffix == ".parquet":
        return read_packed(read_table(path), images)
    with path.open("rb") as archive:
        return read_cifar_archive(archive, images, partial(load_pickle, encoding="bytes"))


def main(job: Any) -> None:
    """Write the image set as one file."""
    choose_device("cpu")
    images, size = job.wildcards.images, int(job.wildcards.size)
    scenes = images.removesuffix(DENSE)
    if job.input:
        prepared = read_source(job.input[0], images).resize(size)
    elif scenes in SCENES:
        prepared = make_scenes(scenes, size=size, dense=images != scenes)
    elif images == "digits":
        prepared = make_digits(size=size)
    else:
        raise ImageSetError(
            f"no way to make the image set {images!r}; there are cifar10, cifar100, digits, "
            f"{', '.join(SCENES)}; {DENSE} behind the name of scenes adds their dense targets"
        )
    origin = provenance(job, {"images": images, "size": size}, seed=0)
    save_image_set(prepared, Path(job.output[0]), origin.to_json())


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
