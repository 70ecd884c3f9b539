"""The auto-encoders: the published convolutions in another form, trained on training networks."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nascast.predictors.trace_encoder import (
    EncoderSettings,
    TraceAutoEncoder,
    TraceEncoder,
    encoder_settings,
    feature_maps,
    learning_rate_factor,
)

LAYERS = 4
TINY = EncoderSettings(
    layer_width=8, depth_width=6, epochs=12, patience=12, batch_size=8, warmup=2, learning_rate=1e-2
)
HELD_OUT = np.arange(10) % 5 == 4


def make_values(count: int = 10, layers: int = LAYERS, seed: int = 0) -> NDArray[np.float32]:
    """Statistics of networks that differ in one hidden number each."""
    rng = np.random.default_rng(seed)
    pattern = np.random.default_rng(99).normal(0, 3, (2, layers, 12, 100))
    hidden = rng.uniform(0.5, 3, (count, 1, 1, 1, 1, 1)) * np.array([0.5, 1.0, 1.5])[:, *[None] * 4]
    noise = rng.normal(0, 0.1, (count, 3, 2, layers, 12, 100))
    return (hidden * pattern + noise).astype(np.float32)


def fit(
    values: NDArray[np.float32] | None = None, settings: EncoderSettings = TINY, seed: int = 0
) -> TraceEncoder:
    encoder = TraceEncoder(settings, seed)
    encoder.fit(make_values() if values is None else values, HELD_OUT)
    return encoder


def same_weights(one: TraceEncoder, other: TraceEncoder) -> bool:
    pairs = zip(one.state()[0].values(), other.state()[0].values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


class PublishedEncoder(nn.Module):
    """The encoder as the paper has it: convolutions over 12 channels, layers and 100 columns."""

    def __init__(self, layers: int, wide: int, deep: int) -> None:
        super().__init__()
        self.steps = nn.Sequential(
            nn.Conv2d(12, wide, (1, 100)), nn.BatchNorm2d(wide), nn.ReLU(),
            nn.Conv2d(wide, deep, (layers, 1)), nn.BatchNorm2d(deep), nn.ReLU(),
            nn.Conv2d(deep, 128, 1), nn.BatchNorm2d(128), nn.ReLU(),
        )  # fmt: skip

    def forward(self, maps: Tensor) -> Tensor:
        return self.steps(maps).flatten(1)

    def copy_from(self, ours: TraceAutoEncoder) -> None:
        """Take the weights of the linear form, whose features nest layer, channel, column."""
        linears = (ours.encode_layer, ours.encode_depth[0], ours.encode_depth[3])
        norms = (ours.encode_layer_norm, ours.encode_depth[1], ours.encode_depth[4])
        layers, wide = ours.layers, ours.encode_layer.out_features
        for linear, norm, place in zip(linears, norms, (0, 3, 6), strict=True):
            convolution = self.steps[place]
            weight = linear.weight.detach()
            if place == 3:
                weight = weight.view(-1, layers, wide).transpose(1, 2)
            convolution.weight.data = weight.reshape(convolution.weight.shape).clone()
            convolution.bias.data = linear.bias.detach().clone()
            self.steps[place + 1].load_state_dict(norm.state_dict())


@torch.no_grad()
def test_the_linear_form_is_the_published_convolutions() -> None:
    torch.manual_seed(0)
    ours = TraceAutoEncoder(5, 1200, replace(TINY, layer_width=7, depth_width=6))
    for module in ours.modules():
        if isinstance(module, nn.BatchNorm1d):
            nn.init.normal_(module.weight)
            nn.init.normal_(module.running_mean)
            nn.init.uniform_(module.running_var, 0.5, 2)
    published = PublishedEncoder(5, 7, 6)
    published.copy_from(ours)
    maps = torch.randn(9, 5, 12, 100)
    ours.eval()
    published.eval()
    codes, expected = ours.encode(maps.flatten(2)), published(maps.transpose(1, 2))
    assert codes.shape == (9, 128)
    assert (expected > 0).any()
    torch.testing.assert_close(codes, expected, rtol=1e-5, atol=1e-5)
    # In training mode the batch statistics are those of the convolutions' channels as well.
    ours.train()
    published.train()
    codes, expected = ours.encode(maps.flatten(2)), published(maps.transpose(1, 2))
    torch.testing.assert_close(codes, expected, rtol=1e-4, atol=1e-5)


def test_the_published_sizes() -> None:
    settings = EncoderSettings()
    assert (settings.layer_width, settings.depth_width) == (512, 256)
    assert (settings.epochs, settings.patience, settings.batch_size) == (150, 25, 32)
    assert encoder_settings({}) == settings
    assert encoder_settings({"epochs": 15.0}) == replace(settings, epochs=15)
    with pytest.raises(ValueError, match=r"unknown encoder settings \['width'\]; .*layer_width"):
        encoder_settings({"width": 3})


def test_feature_maps_are_signed_logarithms() -> None:
    values = np.zeros((1, 1, 1, 12, 100), dtype=np.float32)
    values[0, 0, 0, 1, :3] = [np.e - 1, 1 - np.e**2, 1e7]
    maps = feature_maps(values)
    assert maps.shape == (1, 1, 1, 1200)
    assert maps[0, 0, 0, 100:103].tolist() == pytest.approx([1, -2, np.log(1e7 + 1)], rel=1e-6)
    assert maps.count_nonzero() == 3


def test_networks_that_are_held_out_are_reconstructed() -> None:
    """Better than by the mean of those trained on, which needs no code at all."""
    settings, values = replace(TINY, epochs=40, patience=40), make_values()
    for index, losses in enumerate(fit(values, settings).losses.values()):
        maps = feature_maps(values[:, :, index]).numpy()
        away = maps[HELD_OUT] - maps[~HELD_OUT].mean(axis=(0, 1))
        by_mean = np.square(away).sum(axis=(2, 3)).mean()
        assert len(losses) == settings.epochs
        assert losses[0] > by_mean
        assert min(losses) < 0.5 * by_mean


def test_the_best_epoch_is_kept() -> None:
    """Shrinking `epochs` to the best one must give the same encoder."""
    values = make_values()
    values[HELD_OUT] = np.random.default_rng(1).normal(0, 3, values[HELD_OUT].shape)
    settings = replace(TINY, learning_rate=0.1, decay=1.0)
    whole = fit(values, settings)
    best = {name: int(np.argmin(losses)) for name, losses in whole.losses.items()}
    assert min(best.values()) < TINY.epochs - 1, "the made data must overfit"
    for name, epoch in best.items():
        short = fit(values, replace(settings, epochs=epoch + 1))
        tensors = whole.state()[0], short.state()[0]
        for key in tensors[0]:
            if key.startswith(name):
                torch.testing.assert_close(tensors[0][key], tensors[1][key], rtol=0, atol=0)


def test_training_stops_without_progress() -> None:
    values = make_values()
    values[HELD_OUT] = np.random.default_rng(1).normal(0, 3, values[HELD_OUT].shape)
    settings = replace(TINY, learning_rate=0.1, decay=1.0, epochs=60, patience=3)
    for losses in fit(values, settings).losses.values():
        assert len(losses) - 1 - int(np.argmin(losses)) == 3
        assert len(losses) < 60


def test_held_out_networks_decide_only_when_to_stop() -> None:
    values = make_values()
    other = values.copy()
    other[HELD_OUT] += 5
    settings = replace(TINY, epochs=1)
    one, two = fit(values, settings), fit(other, settings)
    assert same_weights(one, two)
    assert one.losses != two.losses
    other[~HELD_OUT] += 5
    assert not same_weights(one, fit(other, settings))


@pytest.mark.parametrize("held_out", [np.zeros(10, dtype=bool), np.ones(10, dtype=bool)])
def test_some_networks_must_be_held_out_and_some_not(held_out: NDArray[np.bool_]) -> None:
    with pytest.raises(ValueError, match=r"needs some of the 10 networks held out and some to"):
        TraceEncoder(TINY, 0).fit(make_values(), held_out)


def test_seeds_repeat_and_differ_whatever_was_drawn_before() -> None:
    one = fit(seed=2**63 - 1)
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    assert same_weights(one, fit(seed=2**63 - 1))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert not same_weights(one, fit(seed=0))


def test_codes_have_weights_first_and_know_each_network_by_itself() -> None:
    encoder, values = fit(), make_values(6, seed=3)
    codes = encoder.encode(values)
    assert codes.shape == (6, 3, 256)
    assert codes.dtype == np.float32
    assert (codes >= 0).all()
    assert codes.std(axis=0).max() > 0
    np.testing.assert_allclose(encoder.encode(values[4:5]), codes[4:5], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(encoder.encode(values[:, :1]), codes[:, :1], rtol=1e-5, atol=1e-5)
    other = values.copy()
    other[:, :, 1] += 1
    changed = (encoder.encode(other) != codes).any(axis=(0, 1))
    assert not changed[:128].any()
    assert changed[128:].any()


def test_shallower_networks_are_padded_and_deeper_ones_refused() -> None:
    encoder, values = fit(), make_values(3, seed=3)
    values[:, :, :, LAYERS - 1] = 0
    np.testing.assert_array_equal(encoder.encode(values[:, :, :, :-1]), encoder.encode(values))
    with pytest.raises(ValueError, match=r"traces have 5 layers, the encoder reads at most 4"):
        encoder.encode(make_values(layers=5))


def test_room_can_be_left_for_deeper_networks() -> None:
    encoder = TraceEncoder(TINY, 0)
    encoder.fit(make_values(), HELD_OUT, layers=LAYERS + 2)
    assert encoder.layers == LAYERS + 2
    assert np.isfinite(encoder.encode(make_values(layers=LAYERS + 2))).all()
    padded = np.pad(make_values(), [(0, 0)] * 3 + [(0, 2)] + [(0, 0)] * 2)
    assert same_weights(encoder, fit(padded))
    with pytest.raises(ValueError, match=r"traces have 4 layers, the encoder reads at most 3"):
        TraceEncoder(TINY, 0).fit(make_values(), HELD_OUT, layers=3)


def test_state_comes_back_the_same() -> None:
    encoder = fit(seed=7)
    tensors, settings = encoder.state()
    assert {key: settings[key] for key in asdict(TINY)} == asdict(TINY)
    again = TraceEncoder.from_state(tensors, settings)
    assert (again.settings, again.seed, again.layers) == (TINY, 7, LAYERS)
    values = make_values(3, seed=3)
    np.testing.assert_array_equal(again.encode(values), encoder.encode(values))


def test_an_unfitted_encoder_has_nothing_to_give() -> None:
    for ask in (lambda e: e.encode(make_values()), lambda e: e.state()):
        with pytest.raises(ValueError, match="has not been fitted or loaded"):
            ask(TraceEncoder(TINY, 0))


def test_the_rate_warms_up_and_falls_in_steps() -> None:
    settings = EncoderSettings()
    factors = [learning_rate_factor(epoch, settings) for epoch in (0, 1, 5, 24, 25, 44, 45)]
    assert factors == pytest.approx([1e-3, 0.2008, 1, 1, 0.15, 0.15, 0.0225])
    assert learning_rate_factor(0, replace(settings, warmup=0)) == 1
