"""Parameters and MACs of all cells of NAS-Bench-101 at once.

Which channels a vertex has depends on the matrix alone, so the size of a network is a constant of
the matrix plus one term for each interior vertex and its operation. The constant is read off one
plan a matrix, in which all operations are pools.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nascast.networks.nasbench101 import STACKS, vertex_channels
from nascast.networks.plan import Plan
from nascast.spaces.base import NetworkScale
from nascast.spaces.nasbench101 import OPERATIONS, NASBench101, matrix_of

Array = NDArray[np.int64]
_KERNEL_AREAS = {"conv3x3-bn-relu": 9, "conv1x1-bn-relu": 1}


def count_cells(
    cells: dict[int, tuple[Array, Array, Array]],
    scale: NetworkScale,
    image_size: int,
    num_classes: int = 10,
) -> tuple[Array, Array]:
    """Return parameters and MACs of every cell's network.

    Args:
        cells: of :func:`nascast.spaces.nasbench101_enumeration.enumerate_cells`.
        scale: of the networks.
        image_size: side of the images in pixels, divisible by four times the stem's stride.
        num_classes: outputs of the classifier.

    Returns:
        Two arrays ``(n,)``, in the order of ``cells``.
    """
    params, macs = [], []
    for vertices, (matrices, matrix, operations) in cells.items():
        constant = np.zeros((len(matrices), 2), dtype=np.int64)
        terms = np.zeros((len(matrices), vertices - 2, len(OPERATIONS), 2), dtype=np.int64)
        for number, bits in enumerate(matrices.tolist()):
            plan = _pools_only(bits, vertices, scale, image_size, num_classes)
            constant[number] = plan.params(), plan.macs()
            terms[number] = _terms(bits, vertices, scale, image_size)
        chosen = terms[matrix[:, None], np.arange(vertices - 2), operations]
        total = constant[matrix] + chosen.sum(axis=1)
        params.append(total[:, 0])
        macs.append(total[:, 1])
    return np.concatenate(params), np.concatenate(macs)


def _pools_only(
    bits: int, vertices: int, scale: NetworkScale, image_size: int, num_classes: int
) -> Plan:
    space = NASBench101()
    arch = space.from_cell((bits, (OPERATIONS.index("maxpool3x3"),) * (vertices - 2)))
    return space.plan(arch, scale, image_size, num_classes)


def _terms(bits: int, vertices: int, scale: NetworkScale, image_size: int) -> Array:
    """Return parameters and MACs of each interior vertex with each operation, all cells summed."""
    terms = np.zeros((vertices - 2, len(OPERATIONS), 2), dtype=np.int64)
    matrix = matrix_of(bits, vertices)
    inputs, side = scale.channels, -(-image_size // scale.stem_stride)
    for stack in range(STACKS):
        outputs = scale.channels * 2**stack
        for repeat in range(scale.repeats):
            widths = vertex_channels(outputs if repeat else inputs, outputs, matrix)
            for name, area in _KERNEL_AREAS.items():
                for v in range(1, vertices - 1):
                    weights = area * widths[v] ** 2
                    size = weights + 2 * widths[v], weights * side**2
                    terms[v - 1, OPERATIONS.index(name)] += size
        inputs, side = outputs, side // 2
    return terms
