from __future__ import annotations

import numpy as np
import torch
from tests.predictors.gennape.made_graphs import CONV, random_graphs
from torch import Tensor

from nascast.graphs import computation
from nascast.predictors.gennape.node_embedding import (
    EMBEDDING_SIZE,
    KERNELS,
    TYPES,
    WEIGHTED,
    NodeEmbedding,
    normalised_shapes,
)


def test_the_vocabulary_is_that_of_the_graphs() -> None:
    assert tuple(computation.type_number(name) for name in computation.WEIGHTED) == WEIGHTED
    assert len(computation.TYPES) + 5 == TYPES
    assert computation.SHAPE_COLUMNS == ("h_in", "w_in", "c_in", "h_out", "w_out", "c_out")


def test_shapes_are_divided_by_256_and_512() -> None:
    shapes = torch.tensor([[256.0, 128, 512, 64, 32, 1024]])
    assert normalised_shapes(shapes).tolist() == [[1.0, 0.5, 1.0, 0.25, 0.125, 2.0]]


def test_each_kind_is_embedded_by_what_it_has() -> None:
    torch.manual_seed(0)
    embedding, batch = NodeEmbedding(), random_graphs(6).batch(np.arange(6))
    found = embedding(batch)
    assert found.shape == (len(batch.types), EMBEDDING_SIZE)
    shapes = normalised_shapes(batch.shapes)
    seen = set()
    for node, number in enumerate(batch.types.tolist()):
        parts: list[Tensor]
        if number in (3, 4, 8):
            height, width = batch.kernels[node]
            parts = [
                embedding.weighted_type.weight[number],
                embedding.weighted_shape(shapes[node]),
                embedding.kernel_height.weight[height],
                embedding.kernel_width.weight[width],
                embedding.bias.weight[batch.bias[node]],
            ]
            assert [len(part) for part in parts] == [14, 8, 4, 4, 2]
        else:
            parts = [embedding.regular_type.weight[number], embedding.regular_shape(shapes[node])]
            assert [len(part) for part in parts] == [24, 8]
        torch.testing.assert_close(found[node], torch.cat(parts))
        seen.add(number in (3, 4, 8))
    assert seen == {True, False}


def test_larger_kernels_count_as_the_largest() -> None:
    graphs = random_graphs(6)
    convolution = int(np.flatnonzero(graphs.types == CONV)[0])
    embedding, found = NodeEmbedding(), []
    for size in (KERNELS - 2, KERNELS - 1, 31):
        graphs.kernels[convolution] = size
        found.append(embedding(graphs.batch(np.arange(6)))[convolution])
    assert not torch.equal(found[0], found[1])
    assert torch.equal(found[1], found[2])
