"""Rankings by nothing but size: the rows that every other method has to beat."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from nascast.predictors.base import Observations, Predictor


class SizeShortcut(Predictor):
    """Ranks architectures by one column of the ``size`` feature, the larger the better."""

    family: ClassVar[str] = "shortcut"
    needs: ClassVar[frozenset[str]] = frozenset({"size"})
    reference: ClassVar[str] = "size baseline; Abdelfattah et al. 2021, NAS-Bench-Suite-Zero 2022"
    anytime: ClassVar[bool] = True
    learns: ClassVar[bool] = False
    estimates: ClassVar[bool] = False
    column: ClassVar[str]

    def fit(self, train: Observations) -> None:
        """Do nothing: size is known without any label."""

    def predict(self, query: Observations) -> NDArray[np.float64]:
        """Return the column as it is, ``(n,)``."""
        return np.asarray(query.feature("size")[self.column], dtype=np.float64)


class Params(SizeShortcut):
    """Trainable parameters of the whole network."""

    name: ClassVar[str] = "params"
    column: ClassVar[str] = "params"


class Macs(SizeShortcut):
    """Multiply-accumulates of convolutions and linear layers for one image."""

    name: ClassVar[str] = "MACs"
    column: ClassVar[str] = "macs"


class EffectiveParams(SizeShortcut):
    """Trainable parameters of what lies on an input-output path."""

    name: ClassVar[str] = "effective params"
    column: ClassVar[str] = "effective_params"


class Convolutions(SizeShortcut):
    """Convolutions in one cell."""

    name: ClassVar[str] = "convolutions"
    column: ClassVar[str] = "conv_count"


class ConvolutionsPerPath(SizeShortcut):
    """Mean number of convolutions along an input-output path of the cell."""

    name: ClassVar[str] = "convs per path"
    column: ClassVar[str] = "mean_path_convs"
