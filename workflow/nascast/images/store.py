"""An image set as one safetensors file: decoded once, read in a blink by every later job."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from nascast.images.base import ImageSet, ImageSetError

_TENSORS = ("train_images", "train_labels", "test_images", "test_labels")
# Dense targets stand in the file under this and their name in the set.
_EXTRA = "extra."
_VALUES = ("name", "validation", "num_classes", "mean", "std")


def save_image_set(images: ImageSet, path: Path, provenance: str = "{}") -> None:
    """Write an image set with the dense targets that it has."""
    tensors = {name: getattr(images, name).contiguous() for name in _TENSORS}
    tensors |= {f"{_EXTRA}{name}": target.contiguous() for name, target in images.extra.items()}
    values = json.dumps({name: getattr(images, name) for name in _VALUES})
    temporary = path.with_name(f".{path.name}.tmp")
    save_file(tensors, temporary, metadata={"image_set": values, "provenance": provenance})
    temporary.replace(path)


def load_image_set(path: Path, dense: Sequence[str] = ()) -> ImageSet:
    """Read what :func:`save_image_set` wrote.

    Args:
        path: the file.
        dense: names of the dense targets to read as well, e.g. ``"segmentation"``.

    Raises:
        ImageSetError: the file is no image set, or lacks a dense target.
    """
    wanted = [f"{part}_{name}" for name in dense for part in ("train", "test")]
    try:
        with safe_open(path, framework="pt") as content:
            stored = set(content.keys())
            missing = [name for name in wanted if f"{_EXTRA}{name}" not in stored]
            if missing:
                raise ImageSetError(
                    f"{path} has no dense targets {', '.join(missing)}; only prepared sets of made "
                    "scenes whose name ends in -dense have them"
                )
            tensors = {name: content.get_tensor(name) for name in _TENSORS}
            extra = {name: content.get_tensor(f"{_EXTRA}{name}") for name in wanted}
            values = json.loads(content.metadata()["image_set"])
    except (SafetensorError, KeyError, TypeError) as error:
        raise ImageSetError(
            f"{path} is not an image set that nascast wrote ({error}); delete it and prepare it "
            "again"
        ) from error
    return ImageSet(
        **tensors,
        name=values["name"],
        validation=values["validation"],
        num_classes=values["num_classes"],
        mean=tuple(values["mean"]),
        std=tuple(values["std"]),
        extra=extra,
    )
