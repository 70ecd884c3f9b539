"""The obvious way to record a snapshot: tensor by tensor on the host, with NumPy and SciPy."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from torch import nn

WIDTH = 100
ROW_REDUCERS = (np.nanmean, np.nanvar, np.nanmedian, np.nanstd, np.nanmax, np.nanmin)


def naive_snapshot(model: nn.Module) -> NDArray[np.float32]:
    """Return the twelve statistics of every weight and gradient, ``(2, layers, 12, 100)``.

    Every tensor is copied to the host on its own, so on an accelerator each waits for the device.
    """
    parameters = [
        parameter
        for module in model.modules()
        if isinstance(module, nn.Conv2d | nn.Linear)
        for parameter in module.parameters(recurse=False)
    ]
    result = np.zeros((2, len(parameters), 12, WIDTH), dtype=np.float32)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # Undefined statistics of constant tensors are expected and become zero.
        warnings.simplefilter("ignore")
        for layer, parameter in enumerate(parameters):
            gradient = parameter.grad
            result[0, layer] = _statistics(parameter.detach().cpu().numpy())
            if gradient is not None:
                result[1, layer] = _statistics(gradient.cpu().numpy())
    return np.nan_to_num(result)


def _statistics(tensor: NDArray[np.float32]) -> NDArray[np.float32]:
    x = np.where(np.isinf(tensor), np.nan, tensor).astype(np.float64)
    flat, rows = x.ravel(), x.reshape(-1, x.shape[-1])
    values = [np.append(reduce(flat), reduce(rows, axis=-1)) for reduce in ROW_REDUCERS]
    columns = [rows[:, index] for index in range(rows.shape[1])]
    values.append(np.array([np.nanvar(part, ddof=1) for part in (flat, *columns)]))
    values.append(np.append(stats.skew(flat), stats.skew(rows, axis=-1)))
    values.append(np.append(stats.kurtosis(flat), stats.kurtosis(rows, axis=-1)))
    values.append(np.nanpercentile(flat, (0, 25, 75, 50, 100)))
    values.append(np.array([np.nansum(np.abs(part)) for part in (flat, *columns)]))
    values.append(np.sqrt(np.append(np.nansum(flat**2), np.nansum(rows**2, axis=-1))))
    padded = np.zeros((len(values), WIDTH), dtype=np.float32)
    for position, numbers in enumerate(values):
        padded[position, : len(numbers)] = numbers[:WIDTH]
    return padded
