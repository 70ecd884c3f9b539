import math

import numpy as np
import pytest
import torch
from tests.proxies.tiny import (
    TinyNetwork,
    batch_of,
    dead_network,
    score,
    tiny_batch,
    tiny_network,
    value,
)
from torch import Tensor, nn

from nascast.proxies.base import Status
from nascast.proxies.layers import measuring
from nascast.proxies.shared_pass import SharedPass
from nascast.proxies.te_nas_ntk import TeNasNtk, condition_number


def reference(model: TinyNetwork, images: Tensor) -> float:
    """The formula: one backward pass an image, its gradients in one row, their products."""
    model = model.double().train()
    rows = []
    outputs = model(images.double())
    for image in range(len(images)):
        model.zero_grad()
        outputs[image].sum().backward(retain_graph=True)
        weights = [model.stem.weight, model.norm.weight, model.conv.weight, model.head.weight]
        rows.append(np.concatenate([weight.grad.numpy().ravel() for weight in weights]))
    values = np.linalg.eigvalsh(np.array(rows) @ np.array(rows).T)
    return float(values[-1] / values[0])


@pytest.mark.parametrize("count", [2, 8])
def test_is_its_formula(count: int) -> None:
    batch = tiny_batch(count)
    assert value(TeNasNtk.name, tiny_network(), batch) == pytest.approx(
        reference(tiny_network(), batch.inputs), rel=1e-4
    )


def test_a_linear_network_by_hand() -> None:
    # The kernel is 3 * [[1, 1], [1, 2]]: three outputs, and the products of the inputs.
    batch = batch_of(torch.tensor([[1.0, 0.0], [1.0, 1.0]]))
    root = math.sqrt(5)
    assert value("te_nas_ntk", nn.Linear(2, 3), batch) == pytest.approx((3 + root) / (3 - root))


def test_reads_the_first_images_only() -> None:
    batch = tiny_batch(20)
    first = batch_of(batch.inputs[:16])
    assert value("te_nas_ntk", tiny_network(), batch) == value("te_nas_ntk", tiny_network(), first)
    model, four = tiny_network(), batch_of(batch.inputs[:4])
    with measuring(model):
        found = TeNasNtk(images=4).score(SharedPass(model, batch, frozenset(), 0))
    assert found == value("te_nas_ntk", model, four)


def test_labels_and_the_outputs_scale_do_not_matter() -> None:
    batch, model = tiny_batch(), tiny_network()
    before = value("te_nas_ntk", model, batch)
    assert value("te_nas_ntk", model, batch_of(batch.inputs, 2 - batch.targets)) == before
    scaled = nn.Linear(2, 3), batch_of(torch.tensor([[2.0, 0.0], [2.0, 2.0]]))
    plain = nn.Linear(2, 3), batch_of(torch.tensor([[1.0, 0.0], [1.0, 1.0]]))
    assert value("te_nas_ntk", *scaled) == pytest.approx(value("te_nas_ntk", *plain))


def test_images_that_are_alike_have_a_singular_kernel() -> None:
    images = tiny_batch(4).inputs
    images[3] = images[0]
    found = score("te_nas_ntk", tiny_network(), batch_of(images))
    assert found.value == math.inf
    assert found.status is Status.OVERFLOW


def test_batch_norms_in_front_of_the_classifier_make_every_kernel_singular() -> None:
    # They centre the pooled features over the images: all images' gradients add up to zero.
    torch.manual_seed(0)
    body = [nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4)]
    model = nn.Sequential(*body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3))
    assert score("te_nas_ntk", model, tiny_batch()).status is Status.OVERFLOW
    model[3] = nn.Identity()
    assert score("te_nas_ntk", model, tiny_batch()).status is Status.OK


def test_a_dead_network_has_no_kernel() -> None:
    model = dead_network()
    assert score("te_nas_ntk", model, tiny_batch()).status is Status.NAN
    with torch.no_grad():
        model.stem.weight.fill_(math.nan)
    assert score("te_nas_ntk", model, tiny_batch()).status is Status.NAN


def test_one_image_is_not_enough() -> None:
    assert score("te_nas_ntk", tiny_network(), tiny_batch(1)).status is Status.UNDEFINED


def test_lower_is_better() -> None:
    assert not TeNasNtk.higher_is_better


@pytest.mark.parametrize(
    ("smallest", "precision", "expected"),
    [(0.5, 1e-7, 2.0), (1e-10, 1e-7, 1e10), (1e-12, 1e-7, math.inf), (-1e-17, 1e-16, math.inf)],
)
def test_condition_numbers_stop_where_rounding_starts(
    smallest: float, precision: float, expected: float
) -> None:
    kernel = torch.diag(torch.tensor([smallest, 1.0], dtype=torch.float64))
    assert condition_number(kernel, precision) == pytest.approx(expected)
