from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.networks.naive_nasbench201 import copy_parameters, naive_network
from torch import nn

from nascast.images.augment import Augmentation
from nascast.images.base import ImageSet
from nascast.spaces.base import NetworkScale
from nascast.spaces.nasbench201 import NASBench201
from nascast.traces.protocol import NetworkTrace, TraceProtocol, trace_network

SPACE = NASBench201()
SCALE = NetworkScale(4, 1)
PLAIN = Augmentation(flip=False, padding=0, normalise=True)
SHORT = TraceProtocol(steps=5, interval=2, evaluate_at=(1, 5), batch_size=32)
MIXED = ("nor_conv_3x3", "none", "nor_conv_1x1", "skip_connect", "none", "avg_pool_3x3")
DEAD_BRANCH = ("nor_conv_3x3", "skip_connect", "none", "nor_conv_1x1", "none", "none")


def build(*genotype: str, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return SPACE.build(SPACE.from_genotype(genotype), SCALE, 4)


def trace(
    model: nn.Module, images: ImageSet, protocol: TraceProtocol = SHORT, seed: int = 0
) -> NetworkTrace:
    augmentation = Augmentation(flip=True, padding=1, normalise=True)
    return trace_network(model, images, augmentation, protocol, seed)


def test_shapes_and_steps(images: ImageSet) -> None:
    found = trace(build(*MIXED), images)
    assert found.snapshot_steps.tolist() == [2, 4]
    assert found.statistics.shape == (2, 2, len(found.tensors), 12, 100)
    assert found.statistics.dtype == np.float32
    assert found.train_loss.shape == found.train_acc.shape == found.seconds.shape == (5,)
    for values in (found.val_loss, found.val_acc):
        assert np.flatnonzero(np.isfinite(values)).tolist() == [0, 4]
    assert ((found.train_acc >= 0) & (found.train_acc <= 1)).all()
    assert (np.diff(found.seconds) >= 0).all()
    assert found.status == "ok"


def test_a_seed_repeats_its_trace_and_another_does_not(images: ImageSet) -> None:
    one, same, other = (trace(build(*MIXED), images, seed=seed) for seed in (7, 7, 8))
    for field in ("statistics", "train_loss", "train_acc", "val_loss", "val_acc"):
        np.testing.assert_array_equal(getattr(one, field), getattr(same, field))
    assert not np.array_equal(one.train_loss, other.train_loss)


def test_recording_does_not_change_the_training(images: ImageSet) -> None:
    often = trace(build(*MIXED), images, replace(SHORT, interval=1, evaluate_at=(1, 2, 3, 4, 5)))
    rarely = trace(build(*MIXED), images, replace(SHORT, interval=5, evaluate_at=()))
    np.testing.assert_array_equal(often.train_loss, rarely.train_loss)
    np.testing.assert_array_equal(often.statistics[-1], rarely.statistics[-1])


def test_a_network_learns(images: ImageSet) -> None:
    protocol = TraceProtocol(steps=60, interval=60, evaluate_at=(60,), batch_size=32)
    found = trace_network(build(*MIXED), images, PLAIN, protocol, seed=0)
    assert found.train_loss[-5:].mean() < 0.5 * found.train_loss[0]
    assert found.val_acc[-1] > 0.5


def test_the_snapshot_is_that_of_the_trained_weights(images: ImageSet) -> None:
    model = build(*MIXED)
    found = trace(model, images, replace(SHORT, steps=4, evaluate_at=()))
    weights = model.stem[0].weight.detach()
    assert found.statistics[-1, 0, 0, 0, 0] == pytest.approx(float(weights.mean()), rel=1e-5)
    gradient = model.stem[0].weight.grad
    assert gradient is not None
    assert found.statistics[-1, 1, 0, 11, 0] == pytest.approx(float(gradient.norm()), rel=1e-5)


def test_the_steps_are_nesterov_sgd_with_weight_decay(images: ImageSet) -> None:
    # One batch holds every training image, so its order does not matter.
    model, manual = (nn.Sequential(nn.Flatten(), nn.Linear(192, 4)).double() for _ in range(2))
    manual.load_state_dict(model.state_dict())
    protocol = TraceProtocol(
        steps=3, interval=1, evaluate_at=(), batch_size=80, learning_rate=0.02, weight_decay=0.1
    )
    as_double = nn.Sequential(Double(), model)
    trace_network(as_double, images, PLAIN, protocol, seed=0)
    inputs = images.normalise(images.fit_images).double()
    velocity = {name: torch.zeros_like(p) for name, p in manual.named_parameters()}
    for _ in range(3):
        manual.zero_grad()
        nn.functional.cross_entropy(manual(inputs), images.fit_labels).backward()
        with torch.no_grad():
            for name, parameter in manual.named_parameters():
                gradient = parameter.grad + 0.1 * parameter
                velocity[name] = 0.9 * velocity[name] + gradient
                parameter -= 0.02 * (gradient + 0.9 * velocity[name])
    for one, other in zip(model.parameters(), manual.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-8)


class Double(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.double()


@pytest.mark.parametrize("genotype", [MIXED, DEAD_BRANCH, ("nor_conv_3x3",) * 6])
@pytest.mark.parametrize("memory", [torch.contiguous_format, torch.channels_last])
def test_a_step_equals_the_naive_networks(
    images: ImageSet, genotype: tuple[str, ...], memory: torch.memory_format
) -> None:
    ours = build(*genotype).to(memory_format=memory)
    naive = naive_network(SPACE.from_genotype(genotype), SCALE, 4)
    copy_parameters(ours, naive)
    protocol = TraceProtocol(
        steps=3, interval=1, evaluate_at=(3,), batch_size=32, learning_rate=0.02, weight_decay=0.1
    )
    traces = [trace_network(m, images, PLAIN, protocol, seed=1) for m in (ours, naive)]
    for field in ("train_loss", "val_loss"):
        values = [getattr(found, field) for found in traces]
        np.testing.assert_allclose(*values, rtol=1e-5, atol=1e-6)
    for one, other in zip(ours.parameters(), naive.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)


def test_dead_branches_decay(images: ImageSet) -> None:
    model = build(*DEAD_BRANCH)
    dead = [p for name, p in model.named_parameters() if "operations.0_1.0" in name]
    before = [float(p.detach().norm()) for p in dead]
    trace(model, images, replace(SHORT, weight_decay=0.5))
    assert len(dead) == 3
    assert all(float(p.detach().norm()) < 0.99 * norm for p, norm in zip(dead, before, strict=True))


def test_validation_images_are_never_trained_on(images: ImageSet) -> None:
    scrambled = images.train_images.clone()
    scrambled[-images.validation :] = 0
    other = replace(images, train_images=scrambled)
    one, two = (trace(build(*MIXED), part, replace(SHORT, steps=8)) for part in (images, other))
    np.testing.assert_array_equal(one.train_loss, two.train_loss)
    assert one.val_loss[4] != two.val_loss[4]


def test_a_diverging_network_is_recorded(images: ImageSet) -> None:
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 4))
    found = trace(model, images, replace(SHORT, steps=30, learning_rate=1e12))
    assert found.status == "diverged"
    assert not np.isfinite(found.train_loss[-1])
    assert np.isfinite(found.statistics).all()


@pytest.mark.parametrize(
    "genotype", [("none",) * 6, ("none", "none", "nor_conv_3x3", "none", "nor_conv_3x3", "none")]
)
def test_a_cell_without_path_is_dead(images: ImageSet, genotype: tuple[str, ...]) -> None:
    found = trace(build(*genotype), images)
    assert found.status == "dead"
    assert np.isfinite(found.train_loss).all()
    assert not found.statistics[:, 1, 0].any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"interval": 6}, "trace of 5 mini-batches .* every 6 has no snapshot"),
        ({"interval": 0}, "no snapshot"),
        ({"evaluate_at": (0, 3, 6)}, r"evaluate_at=\[0, 6\] lies outside 1..5"),
    ],
)
def test_impossible_protocols_are_refused(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(SHORT, **change)


@pytest.mark.gpu
def test_a_cuda_trace_has_the_same_form_and_nearly_the_same_losses(images: ImageSet) -> None:
    host = trace(build(*MIXED), images)
    device = trace(build(*MIXED).cuda(), images.to("cuda"))
    assert device.tensors == host.tensors
    assert device.statistics.shape == host.statistics.shape
    assert np.isfinite(device.statistics).all()
    assert device.status == "ok"
    np.testing.assert_allclose(device.train_loss, host.train_loss, rtol=1e-2)
