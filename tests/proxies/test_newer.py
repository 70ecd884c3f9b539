"""What holds for every newer proxy."""

import copy

import pytest
import torch
from tests.proxies.tiny import tiny_batch, tiny_network, value

from nascast.proxies.measure import measure
from nascast.proxies.registry import BUILT_IN, NEWER, SUITE_ZERO, create

newer = pytest.mark.parametrize("name", NEWER)


def test_names_are_registered_beside_the_thirteen() -> None:
    assert not SUITE_ZERO.keys() & NEWER.keys()
    assert [create(name).name for name in NEWER] == list(NEWER)
    assert set(BUILT_IN) == {*SUITE_ZERO, *NEWER}


@newer
def test_leaves_the_network_and_torchs_generator_alone(name: str) -> None:
    model = tiny_network().eval()
    model.stem.weight.requires_grad_(False)
    before, random = copy.deepcopy(model.state_dict()), torch.get_rng_state()
    value(name, model, tiny_batch())
    assert all(torch.equal(before[key], tensor) for key, tensor in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random)
    assert not any(module.training for module in model.modules())
    assert not model.stem.weight.requires_grad
    assert all(parameter.grad is None for parameter in model.parameters())


@newer
def test_same_seed_same_score_and_its_company_does_not_matter(name: str) -> None:
    model, batch = tiny_network(), tiny_batch()
    alone = measure(model, batch, [name], seed=3)[name].value
    assert measure(model, batch, [name], seed=3)[name].value == alone
    together = measure(model, batch, ["zen", *NEWER], seed=3)
    assert together[name].value == alone


@newer
def test_number_of_threads_does_not_matter(name: str) -> None:
    model, batch = tiny_network(dtype=torch.float64), tiny_batch(dtype=torch.float64)
    threads = torch.get_num_threads()
    found = []
    for count in (1, 2):
        torch.set_num_threads(count)
        found.append(value(name, model, batch))
    torch.set_num_threads(threads)
    assert found[1] == pytest.approx(found[0], rel=1e-6)


@newer
@pytest.mark.gpu
def test_cuda_agrees_with_the_cpu(name: str) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    from dataclasses import replace

    model, batch = tiny_network(dtype=torch.float64), tiny_batch(dtype=torch.float64)
    here = value(name, model, batch)
    there = replace(
        batch,
        inputs=batch.inputs.cuda(),
        targets=batch.targets.cuda(),
        labels=batch.targets.cuda(),
    )
    assert value(name, model.cuda(), there) == pytest.approx(here, rel=1e-4)
