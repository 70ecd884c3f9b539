"""The supernet against plain networks: what is inherited, what is mixed, what gradients reach."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
import torch
from torch import Tensor, nn

from nascast.networks.nasbench201 import NASBench201Network
from nascast.networks.supernet import SharedCell, Supernet
from nascast.spaces.base import NetworkScale
from nascast.spaces.four_node_cells import EDGES
from nascast.spaces.nasbench201 import OPERATIONS, NASBench201

SPACE = NASBench201()
C3, C1, SKIP, POOL, NONE = "nor_conv_3x3", "nor_conv_1x1", "skip_connect", "avg_pool_3x3", "none"
# Operations of the edges 0->1, 0->2, 1->2, 0->3, 1->3, 2->3.
CELLS = {
    "all convolutions": (C3,) * 6,
    "everything at once": (C3, SKIP, C1, POOL, SKIP, C3),
    "dead branch": (C3, NONE, NONE, C1, NONE, NONE),
    "convolution of an empty node": (NONE, C3, NONE, SKIP, C3, C1),
    "pooling of an empty node": (NONE, NONE, POOL, C3, POOL, SKIP),
    "only an empty node is read": (NONE, NONE, C1, NONE, C3, NONE),
    "no convolution": (SKIP, POOL, SKIP, POOL, SKIP, POOL),
    "none only": (NONE,) * 6,
}
every_cell = pytest.mark.parametrize("genotype", CELLS.values(), ids=CELLS)


def make_supernet(scale: NetworkScale) -> Supernet:
    torch.manual_seed(0)
    supernet = Supernet(
        EDGES, OPERATIONS, scale.channels, scale.repeats, 5, stem_stride=scale.stem_stride
    ).double()
    for norm in (module for module in supernet.modules() if isinstance(module, nn.BatchNorm2d)):
        if norm.affine:  # as after a training
            nn.init.normal_(norm.weight)
            nn.init.normal_(norm.bias)
    return supernet


def choice_of(genotype: Sequence[str]) -> list[int]:
    return [OPERATIONS.index(operation) for operation in genotype]


def inherit(supernet: Supernet, genotype: tuple[str, ...], scale: NetworkScale) -> nn.Module:
    """Return the plain network of a cell with a copy of its weights in the supernet.

    Its norms keep their initial scale and shift, 1 and 0, where the supernet's have none.
    """
    network = SPACE.build(SPACE.from_genotype(genotype), scale, 5).double()
    shared = dict(supernet.named_parameters())
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            for (source, target), operation in zip(EDGES, genotype, strict=True):
                edge = f".operations.{source}_{target}."
                name = name.replace(edge, f".operations.{source}_{target}_{operation}.")
            if name in shared:
                parameter.copy_(shared.pop(name))
            else:
                assert ".operations." in name
                assert ".1." in name, "only a norm has parameters that the supernet lacks"
    left = {name for name in shared if ".operations." not in name}
    assert not left, "all that architectures share must have been copied"
    return network


@every_cell
@pytest.mark.parametrize("stride", [1, 2])
def test_inherited_weights_are_those_of_a_plain_network(
    genotype: tuple[str, ...], stride: int
) -> None:
    scale = NetworkScale(4, 2, stride)
    supernet = make_supernet(scale)
    network = inherit(supernet, genotype, scale)
    images = torch.randn(6, 3, 16, 16, dtype=torch.float64)
    expected = network.train()(images)
    for mode in (True, False):
        outputs = supernet.train(mode)(images, choice_of(genotype))
        torch.testing.assert_close(outputs, expected, rtol=1e-9, atol=1e-9)


def test_another_cell_has_other_weights() -> None:
    scale = NetworkScale(4, 1)
    supernet = make_supernet(scale)
    images = torch.randn(6, 3, 8, 8, dtype=torch.float64)
    outputs = [supernet(images, choice_of(genotype)) for genotype in CELLS.values()]
    # Only the two that compute nothing are the same.
    same = [(i, j) for (i, a), (j, b) in itertools.combinations(enumerate(outputs), 2)
            if torch.allclose(a, b)]  # fmt: skip
    names = list(CELLS)
    assert same == [(names.index("only an empty node is read"), names.index("none only"))]


def naive_mix(cell: SharedCell, x: Tensor) -> Tensor:
    """Every edge is the mean of its five operations, each computed by itself."""
    nodes = [x]
    for target in range(1, 4):
        total = torch.zeros_like(x)
        for source in range(target):
            pooled = nn.functional.avg_pool2d(nodes[source], 3, 1, 1, count_include_pad=False)
            values = [torch.zeros_like(x), nodes[source], pooled]
            for operation in (C1, C3):
                layer = cell.operations[f"{source}_{target}_{operation}"]
                values.append(layer(nodes[source].relu()))
            total += torch.stack(values).mean(dim=0)
        nodes.append(total)
    return nodes[3]


def test_the_mix_is_the_mean_over_each_edge() -> None:
    torch.manual_seed(0)
    cell = SharedCell(EDGES, OPERATIONS, 4).double()
    x = torch.randn(3, 4, 6, 6, dtype=torch.float64)
    torch.testing.assert_close(cell(x), naive_mix(cell, x), rtol=1e-9, atol=1e-9)


def test_the_supernet_mixes_in_every_cell() -> None:
    supernet = make_supernet(NetworkScale(4, 2))
    images = torch.randn(3, 3, 16, 16, dtype=torch.float64)
    features = supernet.stem(images)
    for block in supernet.blocks:
        is_cell = isinstance(block, SharedCell)
        features = naive_mix(block, features) if is_cell else block(features)
    pooled = supernet.last(features).relu().mean(dim=(2, 3))
    torch.testing.assert_close(supernet(images), supernet.classifier(pooled))


def reached(supernet: Supernet) -> set[str]:
    """Return ``<edge>_<operation>`` of what every cell has a gradient for."""
    cells = [block for block in supernet.blocks if isinstance(block, SharedCell)]
    found = [
        {name for name, layer in cell.operations.items() if layer[0].weight.grad is not None}
        for cell in cells
    ]
    assert all(names == found[0] for names in found)
    return found[0]


def test_the_mix_sends_a_gradient_to_every_operation() -> None:
    supernet = make_supernet(NetworkScale(4, 1))
    supernet(torch.randn(4, 3, 8, 8, dtype=torch.float64)).square().sum().backward()
    assert reached(supernet) == {f"{s}_{t}_{op}" for s, t in EDGES for op in (C1, C3)}
    assert all(parameter.grad.any() for parameter in supernet.parameters())


@every_cell
def test_a_choice_sends_gradients_to_its_own_operations_alone(genotype: tuple[str, ...]) -> None:
    supernet = make_supernet(NetworkScale(4, 1))
    images = torch.randn(4, 3, 8, 8, dtype=torch.float64)
    supernet(images, choice_of(genotype)).square().sum().backward()
    own = {f"{s}_{t}_{op}" for (s, t), op in zip(EDGES, genotype, strict=True) if op in (C1, C3)}
    assert reached(supernet) <= own
    if genotype == CELLS["everything at once"]:
        assert reached(supernet) == own
    assert supernet.classifier.bias.grad.any()


def test_only_the_operations_of_the_choice_run() -> None:
    supernet = make_supernet(NetworkScale(4, 1))
    ran: list[str] = []
    for name, layer in supernet.named_modules():
        if isinstance(layer, nn.Conv2d) and ".operations." in name:
            layer.register_forward_hook(lambda *_, name=name: ran.append(name))
    images = torch.randn(2, 3, 8, 8, dtype=torch.float64)
    supernet(images, choice_of(CELLS["everything at once"]))
    expected = [
        f"blocks.{cell}.operations.{edge}.0"
        for cell in (0, 2, 4)
        for edge in ("0_1_nor_conv_3x3", "1_2_nor_conv_1x1", "2_3_nor_conv_3x3")
    ]
    assert ran == expected


@pytest.mark.parametrize("repeats", [1, 2, 5])
def test_it_owns_every_operation_at_every_scale(repeats: int) -> None:
    """Two convolutions on each of six edges of each cell; norms of operations own nothing."""
    supernet = Supernet(EDGES, OPERATIONS, 6, repeats, 7)
    plain = NASBench201Network((), 6, repeats, 7)
    weights = sum(6 * (9 + 1) * width**2 for width in (6, 12, 24)) * repeats
    shared = sum(parameter.numel() for parameter in plain.parameters())
    assert sum(parameter.numel() for parameter in supernet.parameters()) == shared + weights
    assert not list(supernet.buffers())


def test_one_number_an_edge() -> None:
    with pytest.raises(ValueError, match="zip"):
        make_supernet(NetworkScale(4, 1))(torch.randn(2, 3, 8, 8, dtype=torch.float64), [0] * 5)
