from __future__ import annotations

import pytest
import torch
from tests.networks.naive_nasbench201 import copy_parameters, naive_network
from torch import nn
from torch.overrides import TorchFunctionMode

from nascast.networks.counts import count_macs, count_params
from nascast.networks.literal import compute_literally
from nascast.networks.nasbench201 import NASBench201Network
from nascast.spaces.base import NetworkScale
from nascast.spaces.nasbench201 import NASBench201

SPACE = NASBench201()
SCALE = NetworkScale(4, 1)
C3, C1, SKIP, POOL, NONE = "nor_conv_3x3", "nor_conv_1x1", "skip_connect", "avg_pool_3x3", "none"
# Operations of the edges 0->1, 0->2, 1->2, 0->3, 1->3, 2->3.
CELLS = {
    "all convolutions": (C3,) * 6,
    "everything at once": (C3, SKIP, C1, POOL, SKIP, C3),
    "dead branch": (C3, NONE, NONE, C1, NONE, NONE),
    "long dead branch": (C3, C1, C3, SKIP, NONE, NONE),
    "convolution of an empty node": (NONE, C3, NONE, SKIP, C3, C1),
    "pooling of an empty node": (NONE, NONE, POOL, C3, POOL, SKIP),
    "only an empty node is read": (NONE, NONE, C1, NONE, C3, NONE),
    "no convolution": (SKIP, POOL, SKIP, POOL, SKIP, POOL),
    "none only": (NONE,) * 6,
}


@pytest.mark.parametrize("genotype", CELLS.values(), ids=CELLS)
@pytest.mark.parametrize("stride", [1, 2])
def test_trains_like_the_naive_network(genotype: tuple[str, ...], stride: int) -> None:
    arch, scale = SPACE.from_genotype(genotype), NetworkScale(4, 2, stride)
    torch.manual_seed(0)
    ours = SPACE.build(arch, scale, 10).double()
    naive = naive_network(arch, scale).double()
    copy_parameters(ours, naive)
    images = torch.randn(6, 3, 16, 16, dtype=torch.float64)
    labels = torch.randint(10, (6,))
    for network in (ours, naive):
        for parameter in network.parameters():
            parameter.grad = torch.zeros_like(parameter)
        optimiser = torch.optim.SGD(
            network.parameters(), 0.05, momentum=0.9, nesterov=True, weight_decay=0.01
        )
        for _ in range(3):
            optimiser.zero_grad(set_to_none=False)
            nn.functional.cross_entropy(network(images), labels).backward()
            optimiser.step()
    torch.testing.assert_close(ours(images), naive(images), rtol=1e-5, atol=1e-9)
    for one, other in zip(ours.parameters(), naive.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-9)
    torch.testing.assert_close(ours.eval()(images), naive.eval()(images), rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("genotype", CELLS.values(), ids=CELLS)
def test_branches_that_miss_the_output_cost_parameters_but_no_arithmetic(
    genotype: tuple[str, ...],
) -> None:
    arch = SPACE.from_genotype(genotype)
    with torch.device("meta"):
        ours, naive = SPACE.build(arch, SCALE, 10), naive_network(arch, SCALE)
    assert count_params(ours) == count_params(naive)
    dead = ("dead branch", "long dead branch", "only an empty node is read")
    has_dead_convolution = genotype in [CELLS[name] for name in dead]
    saved = count_macs(naive, (3, 8, 8)) - count_macs(ours, (3, 8, 8))
    assert (saved > 0) == has_dead_convolution


def test_no_gradient_reaches_the_stem_of_a_cell_without_path() -> None:
    for name in ("only an empty node is read", "none only"):
        network = SPACE.build(SPACE.from_genotype(CELLS[name]), SCALE, 10)
        network(torch.randn(4, 3, 8, 8)).square().sum().backward()
        gradient = network.stem[0].weight.grad
        assert gradient is None or not gradient.any()
        assert network.classifier.bias.grad.any()


def test_published_network_has_up_to_99_recorded_tensors() -> None:
    with torch.device("meta"):
        network = SPACE.build(SPACE.from_genotype((C3,) * 6), NetworkScale(16, 5), 10)
    convolutions = sum(isinstance(module, nn.Conv2d) for module in network.modules())
    assert convolutions + 2 == 99


def test_the_published_network_has_99_recordable_tensors() -> None:
    """Stem, 15 cells of 6 convolutions, 2 reductions of 3, classifier weight and bias."""
    edges = [(s, t, C3) for t in range(1, 4) for s in range(t)]
    network = NASBench201Network(edges, channels=16, repeats=5, num_classes=10)
    convolutions = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
    assert len(convolutions) + len(list(network.classifier.parameters())) == 99


@pytest.mark.parametrize("genotype", CELLS.values(), ids=CELLS)
def test_the_literal_way_gives_the_same_and_runs_all_that_the_original_runs(
    genotype: tuple[str, ...],
) -> None:
    network = SPACE.build(SPACE.from_genotype(genotype), SCALE, 10).double()
    images = torch.randn(4, 3, 8, 8, dtype=torch.float64)
    expected = network(images)
    ran: list[str] = []
    for name, layer in network.named_modules():
        if isinstance(layer, nn.Conv2d) and ".operations." in name:
            layer.register_forward_hook(lambda *_, name=name: ran.append(name))
    with Rectifiers() as rectifiers:
        outputs = compute_literally(network)(images)
    assert torch.equal(outputs, expected)
    in_cells = 3 * sum(operation in (C3, C1) for operation in genotype)
    assert len(ran) == len(set(ran)) == in_cells
    in_reductions, at_the_end = 2 * 2, 1
    assert rectifiers.count == in_cells + in_reductions + at_the_end


class Rectifiers(TorchFunctionMode):
    count = 0

    def __torch_function__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        self.count += func is torch.relu
        return func(*args, **(kwargs or {}))
