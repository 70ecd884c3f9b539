"""Rankings by nothing but size: the rows that every other method has to beat."""

from __future__ import annotations

from typing import ClassVar

from nascast.predictors.column_score import ColumnScore


class SizeShortcut(ColumnScore):
    """Ranks architectures by one column of the ``size`` feature, the larger the better."""

    family: ClassVar[str] = "shortcut"
    needs: ClassVar[frozenset[str]] = frozenset({"size"})
    reference: ClassVar[str] = "size baseline; Abdelfattah et al. 2021, NAS-Bench-Suite-Zero 2022"
    feature: ClassVar[str] = "size"


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
