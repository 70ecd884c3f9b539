"""Two convolutional auto-encoders turn every snapshot of a network into 128 + 128 numbers.

Source: NAP2, stage 1: a snapshot is a feature map of 12 statistics x layers x 100 values, one for
weights and one for gradients. The encoder is conv 1x100, conv layers x 1 and conv 1x1, each with
batch norm and ReLU; the decoder mirrors it; the loss is the summed squared error.

A 1x100 convolution on 100 columns sees every column once, so it is a linear map of each layer's
12 x 100 numbers, and the layers x 1 convolution one of all layers: written as such they run several
times faster on a CPU and are the same functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nascast.predictors.settings import with_changes
from nascast.seeds import derive_seed

CODE_SIZE = 128
TENSORS = ("weight", "gradient")
_ENCODING_BATCH = 512


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """How the auto-encoders are built and trained.

    Attributes:
        layer_width: channels of the 1x100 convolution (published: 512).
        depth_width: channels of the layers x 1 convolution (published: 256).
        epochs: at most so many passes over all snapshots (published: 150).
        patience: stop after so many epochs without a better validation loss (published: 25).
        batch_size: snapshots in a batch (published: 32).
        learning_rate: Adam's (published: 1e-3).
        warmup: epochs of linear warm-up from a thousandth of the rate (published: 5).
        decay_every, decay: the rate is multiplied by ``decay`` after so many epochs behind the
            warm-up (published: 20 and 0.15).
    """

    layer_width: int = 512
    depth_width: int = 256
    epochs: int = 150
    patience: int = 25
    batch_size: int = 32
    learning_rate: float = 1e-3
    warmup: int = 5
    decay_every: int = 20
    decay: float = 0.15


def encoder_settings(changes: Mapping[str, float]) -> EncoderSettings:
    """Return the published settings with some of them changed; whole numbers stay whole.

    Raises:
        ValueError: for a name that is no setting, or a fraction where a whole number is needed.
    """
    return with_changes(EncoderSettings(), changes, "encoder")


class TraceAutoEncoder(nn.Module):
    """One auto-encoder, of weights or of gradients.

    Shapes: ``(b, layers, 12 * 100)`` to codes ``(b, 128)`` and back.
    """

    def __init__(self, layers: int, features: int, settings: EncoderSettings) -> None:
        super().__init__()
        self.layers = layers
        wide, deep = settings.layer_width, settings.depth_width
        self.encode_layer = nn.Linear(features, wide)
        self.encode_layer_norm = nn.BatchNorm1d(wide)
        self.encode_depth = nn.Sequential(
            nn.Linear(layers * wide, deep), nn.BatchNorm1d(deep), nn.ReLU(),
            nn.Linear(deep, CODE_SIZE), nn.BatchNorm1d(CODE_SIZE), nn.ReLU(),
        )  # fmt: skip
        self.decode_depth = nn.Sequential(
            nn.Linear(CODE_SIZE, deep), nn.BatchNorm1d(deep), nn.ReLU(),
            nn.Linear(deep, layers * wide),
        )  # fmt: skip
        self.decode_layer_norm = nn.BatchNorm1d(wide)
        self.decode_layer = nn.Linear(wide, features)

    def encode(self, maps: Tensor) -> Tensor:
        """Return the codes of feature maps."""
        hidden = self.encode_layer(maps).flatten(0, 1)
        hidden = torch.relu(self.encode_layer_norm(hidden))
        codes: Tensor = self.encode_depth(hidden.view(len(maps), -1))
        return codes

    def forward(self, maps: Tensor) -> Tensor:
        """Return the reconstruction of feature maps."""
        hidden = self.decode_depth(self.encode(maps)).view(len(maps) * self.layers, -1)
        hidden = torch.relu(self.decode_layer_norm(hidden))
        return self.decode_layer(hidden).view_as(maps)  # type: ignore[no-any-return]


class TraceEncoder:
    """The pair of auto-encoders, trained on the training networks of one source and fold only.

    Attributes:
        layers: depth of the feature maps; deeper networks are refused.
        losses: validation loss of each epoch, by tensor, in squared units a snapshot.
    """

    def __init__(self, settings: EncoderSettings, seed: int) -> None:
        self.settings = settings
        self.seed = seed
        self.layers = 0
        self.losses: dict[str, list[float]] = {}
        self._models: dict[str, TraceAutoEncoder] = {}

    def fit(
        self,
        values: NDArray[np.float32],
        validation: NDArray[np.bool_],
        layers: int | None = None,
    ) -> None:
        """Train both auto-encoders; every snapshot of every network is one sample.

        Args:
            values: raw statistics, ``(n, snapshots, 2, layers, 12, 100)``.
            validation: ``(n,)``, the networks that only decide when to stop.
            layers: depth of the feature maps, where networks are to be encoded that are deeper
                than those trained on; the depth of ``values`` if left out.

        Raises:
            ValueError: no network is held out or none is left to train on, or ``values`` is
                deeper than ``layers``.
        """
        if not 0 < validation.sum() < len(values):
            raise ValueError(
                f"the trace encoder stops early and needs some of the {len(values)} networks held "
                f"out and some to train on, not {validation.sum()} held out"
            )
        self.layers = values.shape[3] if layers is None else layers
        for index, tensor in enumerate(TENSORS):
            seed = derive_seed("trace_encoder", tensor, self.seed)
            maps = self._padded(feature_maps(values[:, :, index]))
            model, losses = _train(maps[~validation], maps[validation], self.settings, seed)
            self._models[tensor], self.losses[tensor] = model, losses

    def encode(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the codes ``(n, snapshots, 256)`` of raw statistics; weights come first.

        Raises:
            ValueError: before ``fit``, or if a network is deeper than the feature maps.
        """
        self._require_models()
        codes = []
        for index, tensor in enumerate(TENSORS):
            blocks = [
                self._encode_block(tensor, values[start : start + _ENCODING_BATCH, :, index])
                for start in range(0, len(values), _ENCODING_BATCH)
            ]
            codes.append(np.concatenate(blocks))
        return np.concatenate(codes, axis=2)

    def _require_models(self) -> None:
        if not self._models:
            raise ValueError("the trace encoder has not been fitted or loaded")

    @torch.no_grad()
    def _encode_block(self, tensor: str, values: NDArray[np.float32]) -> NDArray[np.float32]:
        flat = self._padded(feature_maps(values)).flatten(0, 1)
        codes = [self._models[tensor].encode(part) for part in flat.split(_ENCODING_BATCH)]
        return torch.cat(codes).view(len(values), values.shape[1], -1).numpy()

    def _padded(self, maps: Tensor) -> Tensor:
        """Return feature maps with empty layers behind a network's last, up to ``layers``."""
        padding = self.layers - maps.shape[2]
        if padding < 0:
            raise ValueError(
                f"the traces have {maps.shape[2]} layers, the encoder reads at most {self.layers}; "
                "train it for networks of that depth, or set the layer cut"
            )
        return nn.functional.pad(maps, (0, 0, 0, padding)) if padding else maps

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return the tensors and the plain settings that :meth:`from_state` needs.

        Raises:
            ValueError: before ``fit``.
        """
        self._require_models()
        tensors = {
            f"{name}.{key}": value.contiguous()
            for name, model in self._models.items()
            for key, value in model.state_dict().items()
        }
        features = self._models["weight"].encode_layer.in_features
        settings = asdict(self.settings) | {"layers": self.layers, "features": features}
        return tensors, settings | {"seed": self.seed}

    @classmethod
    def from_state(cls, tensors: Mapping[str, Tensor], settings: Mapping[str, Any]) -> TraceEncoder:
        """Rebuild an encoder from :meth:`state`."""
        own = {key: settings[key] for key in EncoderSettings.__slots__}
        encoder = cls(EncoderSettings(**own), int(settings["seed"]))
        encoder.layers = int(settings["layers"])
        for name in TENSORS:
            model = TraceAutoEncoder(encoder.layers, int(settings["features"]), encoder.settings)
            prefix = f"{name}."
            model.load_state_dict(
                {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
            )
            encoder._models[name] = model.eval()
        return encoder


def feature_maps(values: NDArray[np.float32]) -> Tensor:
    """Return signed-log feature maps ``(n, snapshots, layers, 1200)`` of one tensor's statistics.

    ``sign(x) * log(1 + |x|)`` needs no statistic of any data set, so it transfers (NAP2, C.4).
    """
    maps = torch.from_numpy(np.ascontiguousarray(values))
    return (maps.sign() * maps.abs().log1p()).flatten(3)


def _train(
    train: Tensor, validation: Tensor, settings: EncoderSettings, seed: int
) -> tuple[TraceAutoEncoder, list[float]]:
    train, validation = train.flatten(0, 1), validation.flatten(0, 1)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = TraceAutoEncoder(train.shape[1], train.shape[2], settings)
    optimiser = torch.optim.Adam(model.parameters(), lr=settings.learning_rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda epoch: learning_rate_factor(epoch, settings)
    )
    generator = torch.Generator().manual_seed(seed)
    losses: list[float] = []
    best: dict[str, Tensor] = {}
    for epoch in range(settings.epochs):
        model.train()
        for batch in _shuffled_batches(train, settings.batch_size, generator):
            loss = nn.functional.mse_loss(model(batch), batch, reduction="sum")
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        schedule.step()
        losses.append(_reconstruction_loss(model, validation))
        if not best or losses[-1] <= min(losses):
            best = {key: value.clone() for key, value in model.state_dict().items()}
        elif epoch - int(np.argmin(losses)) >= settings.patience:
            break
    model.load_state_dict(best)
    return model.eval(), losses


def learning_rate_factor(epoch: int, settings: EncoderSettings) -> float:
    """Return the factor on the learning rate: linear warm-up from 1/1000, then steps."""
    if epoch < settings.warmup:
        return 1e-3 + (1 - 1e-3) * epoch / settings.warmup
    return float(settings.decay ** ((epoch - settings.warmup) // settings.decay_every))


def _shuffled_batches(
    samples: Tensor, batch_size: int, generator: torch.Generator
) -> Iterator[Tensor]:
    order = torch.randperm(len(samples), generator=generator)
    for chosen in order.split(batch_size):
        # Batch norm cannot normalise a last batch of a single sample.
        if len(chosen) > 1:
            yield samples[chosen]


@torch.no_grad()
def _reconstruction_loss(model: TraceAutoEncoder, samples: Tensor) -> float:
    model.eval()
    total = sum(
        float(nn.functional.mse_loss(model(part), part, reduction="sum"))
        for part in samples.split(_ENCODING_BATCH)
    )
    return total / len(samples)
