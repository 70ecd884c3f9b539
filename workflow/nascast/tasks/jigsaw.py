"""TransNAS-Bench-101's jigsaw: in which order do the nine pieces of an image stand?"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from nascast.images.base import ImageSet
from nascast.seeds import derive_seed
from nascast.tasks.classification import Classification
from nascast.tasks.errors import TaskError
from nascast.tasks.heads import SiameseHead
from nascast.tasks.permutations import permutation_set

PIECES = 9
# Networks halve a piece three times and must not come out with nothing.
_MULTIPLE = 8


def visible_side(image_size: int) -> int:
    """Return the side of what is seen of a ninth of the image: four fifths of its own side.

    The strip between two pieces keeps a network from just continuing their edges.

    Raises:
        TaskError: the image is too small to be cut into nine.
    """
    side = 4 * (image_size // 3) // 5
    if side < 3:
        raise TaskError(f"a jigsaw needs images of at least 12 pixels a side, got {image_size}")
    return side


def piece_side(image_size: int) -> int:
    """Return the side of the pieces that a network reads: the next multiple of eight."""
    return -(-visible_side(image_size) // _MULTIPLE) * _MULTIPLE


class Jigsaw(Classification):
    """Each image's pieces are shuffled by one of a set of permutations: which one was it?

    Every image of a set always has the same permutation, as if the puzzles were an image set of
    their own.

    Attributes:
        permutations: size of the set; 1,000 in the benchmark.
    """

    name = "jigsaw"
    head = SiameseHead(PIECES, piece_side)

    def __init__(self, permutations: int = 24) -> None:
        self.permutations = permutations
        self._orders = torch.tensor(permutation_set(permutations, PIECES))

    def outputs(self, num_classes: int) -> int:
        """Return the number of permutations."""
        return self.permutations

    def targets(self, images: ImageSet) -> tuple[Tensor, Tensor]:
        """Return the number of each image's permutation, int64, hashed from the set's name."""
        parts = {"train": images.train_images, "test": images.test_images}
        drawn = [
            torch.randint(
                self.permutations,
                (len(part),),
                generator=torch.Generator().manual_seed(derive_seed("jigsaw", images.name, name)),
            ).to(part.device)
            for name, part in parts.items()
        ]
        return drawn[0], drawn[1]

    def inputs(self, images: ImageSet, batch: Tensor, targets: Tensor) -> Tensor:
        """Return the shuffled pieces, float32, ``(b, 9, 3, s, s)``."""
        side = batch.shape[2]
        pieces = cut(images.normalise(batch))
        order = self._orders.to(batch.device)[targets]
        shuffled = pieces[torch.arange(len(batch), device=batch.device)[:, None], order]
        wanted = piece_side(side)
        if shuffled.shape[-1] == wanted:
            return shuffled
        resized = functional.interpolate(shuffled.flatten(0, 1), size=wanted, mode="bilinear")
        unflattened: Tensor = resized.unflatten(0, shuffled.shape[:2])
        return unflattened


def cut(images: Tensor) -> Tensor:
    """Cut images ``(b, c, s, s)`` into nine pieces with gaps between, ``(b, 9, c, v, v)``.

    Pieces are in reading order; ``v`` is :func:`visible_side`, from the middle of each ninth.
    """
    side = images.shape[2]
    cell, seen = side // 3, visible_side(side)
    border, margin = (side - 3 * cell) // 2, (cell - seen) // 2
    middle = images[:, :, border : border + 3 * cell, border : border + 3 * cell]
    grid = middle.unflatten(3, (3, cell)).unflatten(2, (3, cell))
    cells: Tensor = grid.permute(0, 2, 4, 1, 3, 5).flatten(1, 2)
    return cells[..., margin : margin + seen, margin : margin + seen]
