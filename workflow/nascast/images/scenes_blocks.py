"""Assembles made image sets from blocks of images that depend on their own seed alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from nascast.images.base import ImageSet, ImageSetError, channel_statistics
from nascast.images.scenes_shapes import Field
from nascast.seeds import derive_seed

BLOCK = 1024
"""Images drawn together; part of the definition of every made set."""

Block = dict[str, NDArray[np.generic]]
Renderer = Callable[[str, np.random.Generator, int], Block]


def uniform(rng: np.random.Generator, low: float, high: float, *shape: int) -> Field:
    """Draw float32 values from [low, high), (BLOCK, *shape)."""
    values = low + (high - low) * rng.random((BLOCK, *shape), dtype=np.float32)
    return values.astype(np.float32)


def to_bytes(colour: Field) -> NDArray[np.uint8]:
    """Return colours (n, H, W, 3) in [0, 1] as uint8 (n, 3, H, W), clipped."""
    pixels = np.clip(np.rint(colour * 255), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))


def assemble(
    name: str,
    num_classes: int,
    counts: Mapping[str, int],
    identity: tuple[str | int, ...],
    render: Renderer,
) -> ImageSet:
    """Render the parts of a set and join them.

    Whole blocks are drawn and cut afterwards, so that no count moves the random stream: a larger
    part begins with the smaller one.

    Args:
        name: name of the set.
        num_classes: number of classes.
        counts: number of images in the parts ``train``, ``validation`` and ``test``.
        identity: what every block's seed is derived from, besides its part and position.
        render: makes one block of a part, or at least the number of images asked for from its
            beginning: ``images``, ``labels`` and any dense targets.

    Raises:
        ImageSetError: if a part has no images.
    """
    for part, count in counts.items():
        if count < 1:
            raise ImageSetError(f"{name}: the {part} part needs at least one image, got {count}")
    parts = {}
    for part, count in counts.items():
        blocks = [
            render(
                part,
                np.random.default_rng(derive_seed(*identity, part, start)),
                min(BLOCK, count - start),
            )
            for start in range(0, count, BLOCK)
        ]
        parts[part] = {
            key: torch.from_numpy(np.concatenate([block[key] for block in blocks])[:count])
            for key in blocks[0]
        }
    joined = {
        key: torch.cat([values, parts["validation"][key]]) for key, values in parts["train"].items()
    }
    mean, std = channel_statistics(joined["images"])
    dense = [key for key in joined if key not in ("images", "labels")]
    return ImageSet(
        name=name,
        train_images=joined["images"],
        train_labels=joined["labels"],
        test_images=parts["test"]["images"],
        test_labels=parts["test"]["labels"],
        validation=counts["validation"],
        num_classes=num_classes,
        mean=mean,
        std=std,
        extra={f"train_{key}": joined[key] for key in dense}
        | {f"test_{key}": parts["test"][key] for key in dense},
    )
