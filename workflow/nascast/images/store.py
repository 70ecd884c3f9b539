"""An image set as one safetensors file: decoded once, read in a blink by every later job."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from nascast.images.base import ImageSet, ImageSetError

_TENSORS = ("train_images", "train_labels", "test_images", "test_labels")
_VALUES = ("name", "validation", "num_classes", "mean", "std")


def save_image_set(images: ImageSet, path: Path, provenance: str = "{}") -> None:
    """Write an image set; dense targets are not kept."""
    tensors = {name: getattr(images, name).contiguous() for name in _TENSORS}
    values = json.dumps({name: getattr(images, name) for name in _VALUES})
    temporary = path.with_name(f".{path.name}.tmp")
    save_file(tensors, temporary, metadata={"image_set": values, "provenance": provenance})
    temporary.replace(path)


def load_image_set(path: Path) -> ImageSet:
    """Read what :func:`save_image_set` wrote; ImageSetError says what is wrong with the file."""
    try:
        with safe_open(path, framework="pt") as content:
            tensors = {name: content.get_tensor(name) for name in _TENSORS}
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
    )
