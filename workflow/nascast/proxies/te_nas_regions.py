"""Expressivity: how many linear regions small pieces of images fall into."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor, nn

from nascast.proxies.base import Proxy
from nascast.proxies.layers import replaced
from nascast.proxies.patterns import ActivationPatterns, PatternHash
from nascast.proxies.shared_pass import SharedPass

_SAMPLES = 3000
_BATCH = 1000
_SMALLEST_SIDE = 4
_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
_TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)


class TeNasRegions(Proxy):
    """Number of distinct activation patterns of 3,000 random crops of the images.

    The network is thinned to the first channel of every convolution, and crops have the smallest
    of 4, 8, 16, ... pixels a side that the network takes, as a wide network tells all crops of any
    image apart (the source: networks of one channel, 3 x 3 pixels). Where it takes no crops, it is
    given the images themselves. A number from 1 to that of the inputs. Batch norms see 1,000 crops
    at a time. Cost: less than a forward pass, where 4 pixels will do.
    """

    name: ClassVar[str] = "te_nas_regions"
    reference: ClassVar[str] = "Chen et al. 2021, 'TE-NAS', and its public code"

    @torch.no_grad()
    def score(self, seen: SharedPass) -> float:
        """Return the number of patterns; NaN if the outputs are not finite."""
        model, tensors = seen.model, thinned(seen.model)
        crops = _crops_for(model, tensors, seen.batch.inputs, seen.seed)
        hashes = []
        for part in crops.chunk(math.ceil(len(crops) / _BATCH)):
            found = PatternHash(len(part), part.device)
            with replaced(model, tensors), ActivationPatterns(len(part), found.add):
                outputs = model(part)
            if not outputs.isfinite().all():
                return math.nan
            hashes.append(found.values)
        return float(len(torch.cat(hashes).unique(dim=0)))


def thinned(model: nn.Module) -> dict[int, Tensor]:
    """Return parameters and buffers in which convolutions have one output channel, the first.

    Their keys are the ``id`` of what they replace. All are copies, so that nothing is left behind.
    """
    own = (*model.parameters(), *model.buffers())
    tensors = {id(tensor): tensor.detach().clone() for tensor in own}
    for module in model.modules():
        if isinstance(module, (*_CONVOLUTIONS, *_TRANSPOSED)):
            weight = tensors[id(module.weight)]
            (weight if isinstance(module, _CONVOLUTIONS) else weight.transpose(0, 1))[1:] = 0
            if module.bias is not None:
                tensors[id(module.bias)][1:] = 0
    return tensors


def random_crops(images: Tensor, side: int, seed: int, samples: int = _SAMPLES) -> Tensor:
    """Return square crops of random images at random positions, ``(samples, ..., side, side)``."""
    generator = torch.Generator().manual_seed(seed)
    height, width = images.shape[-2:]
    picked, top, left = (
        torch.randint(bound, (samples, 1, 1), generator=generator)
        for bound in (len(images), height - side + 1, width - side + 1)
    )
    rows, columns = top + torch.arange(side)[:, None], left + torch.arange(side)
    places = (place.to(images.device) for place in (picked, rows, columns))
    return images.movedim((-2, -1), (1, 2))[tuple(places)].movedim((1, 2), (-2, -1))


def _crops_for(model: nn.Module, tensors: dict[int, Tensor], images: Tensor, seed: int) -> Tensor:
    side = _SMALLEST_SIDE
    while images.dim() > 3 and side < min(images.shape[-2:]):
        if _takes(model, tensors, images[:2, ..., :side, :side]):
            return random_crops(images, side, seed)
        side *= 2
    return images


def _takes(model: nn.Module, tensors: dict[int, Tensor], inputs: Tensor) -> bool:
    try:
        with replaced(model, tensors):
            model(inputs)
    except (RuntimeError, ValueError):  # torch has no other way to tell which sizes a module takes
        return False
    return True
