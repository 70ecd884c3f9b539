"""How alike the outputs react to images of one class."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from nascast.proxies.base import Batch, Need, Proxy
from nascast.proxies.correlations import OFFSET, correlations
from nascast.proxies.shared_pass import SharedPass

_MANY_CLASSES = 100


class EpeNas(Proxy):
    """``sum over classes of |s_c|``, ``s_c = sum of log(|correlation| + k)`` of Jacobians in c.

    Beyond 100 classes, ``s_c`` is divided by the images of the class, and the score is the sum of
    ``|s_c - s_d|`` over all pairs of classes, divided by their number. ``k`` is 1e-5; classes are
    those in the mini-batch. Cost: a forward pass and a backward pass to the images.
    """

    name: ClassVar[str] = "epe_nas"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.INPUT_GRADIENTS})
    reference: ClassVar[str] = "Lopes et al. 2021, 'EPE-NAS', section 3 and its public code"

    def undefined(self, batch: Batch) -> str | None:
        """Return that only classes can be compared, where there are none."""
        if batch.labels is None:
            return "epe_nas compares images within classes, and the task has no classes"
        return None

    def score(self, seen: SharedPass) -> float:
        """Return the score; NaN if the outputs do not depend on an image."""
        labels, classes = seen.batch.labels, seen.batch.num_classes
        assert labels is not None
        assert classes is not None
        sums = []
        for label in labels.unique():
            matrix = correlations(seen.input_gradients[labels == label])
            total = np.sum(np.log(np.abs(matrix) + OFFSET))
            sums.append(total / len(matrix) if classes > _MANY_CLASSES else total)
        found = np.array(sums)
        if not np.isfinite(found).all():
            return math.nan
        if classes > _MANY_CLASSES:
            return float(np.abs(found[:, None] - found[None, :]).sum() / len(found))
        return float(np.abs(found).sum())
