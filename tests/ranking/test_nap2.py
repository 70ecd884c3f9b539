from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from tests.ranking.shown import context, looked_at, mlp
from torch import nn

from nascast.images.augment import augmentation_for
from nascast.predictors.base import Observations
from nascast.predictors.checkpoint import load_checkpoint
from nascast.ranking.base import Network, RankingError, Setting
from nascast.ranking.candidates import read_candidates
from nascast.ranking.images import OwnImages
from nascast.ranking.looking import look
from nascast.ranking.nap2 import CHECKPOINT, Nap2
from nascast.seeds import derive_seed
from nascast.spaces import registry as spaces
from nascast.spaces.base import NetworkScale
from nascast.traces.protocol import TraceProtocol, trace_network

MODELS = Path(__file__).parents[2] / "resources" / "models"
CELLS = (
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|skip_connect~1|+|nor_conv_3x3~0|none~1|avg_pool_3x3~2|",
    "|avg_pool_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|skip_connect~2|",
)


@pytest.fixture(scope="module")
def digits() -> OwnImages:
    """Scikit-learn's digits in three equal channels."""
    found = load_digits()
    pixels = torch.from_numpy((found.images * 15.9).astype(np.uint8))
    return OwnImages(
        pixels.unsqueeze(1).repeat(1, 3, 1, 1), torch.from_numpy(found.target), "digits"
    )


@pytest.fixture(scope="module")
def cells() -> list[Network]:
    """Two cells of NAS-Bench-201, the better one first."""
    setting = Setting(classes=10)
    given = read_candidates(CELLS, setting, "nasbench201")
    return [look(candidate, setting) for candidate in given.candidates]


def test_a_forecast_is_that_of_the_checkpoint_on_the_trace(
    digits: OwnImages, cells: list[Network]
) -> None:
    told: list[str] = []
    allowed = context(digits, models=MODELS, budget=1e-3, tell=told.append)
    scored = Nap2().score(cells, allowed)
    encoder, predictor, card = load_checkpoint(MODELS / CHECKPOINT)
    kept = card["trace_protocol"]
    arch = cells[0].candidate.arch
    assert arch is not None
    with torch.random.fork_rng():
        torch.manual_seed(derive_seed("rank", arch.arch_id, 0))
        model = spaces.create("nasbench201").build(arch, NetworkScale(**kept["scale"]), 10)
    protocol = TraceProtocol(10, 10, (), kept["batch_size"], kept["learning_rate"])
    trace = trace_network(
        model.to(memory_format=torch.channels_last),
        digits.image_set(16),
        augmentation_for("own", 16),
        protocol,
        derive_seed("rank", "order", 0),
    )
    codes = encoder.encode(trace.statistics[None])
    (expected,) = predictor.predict(Observations(("a",), 10, {"trace_codes": codes}))
    assert scored.outcomes[0].score == pytest.approx(float(expected), abs=1e-6)
    assert scored.outcomes[0].score > scored.outcomes[1].score
    assert "10 of 230 mini-batches" in scored.note
    assert Nap2().spaces_seen(allowed) == ("nasbench201",)
    assert told[0].startswith("nap2 1/2 nasbench201:")
    assert "0/10 mini-batches" in told[0]
    assert told[-1].endswith("s left")
    assert "9/10 mini-batches" in told[-1]


def test_networks_of_the_user_are_trained_as_copies(digits: OwnImages) -> None:
    small = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 10))
    before = small[0].weight.clone()
    deep = nn.Sequential(*(nn.Conv2d(3, 3, 1) for _ in range(30)), nn.Flatten(), mlp(10)[1])
    wide = nn.Sequential(deep, nn.Linear(10, 10))
    networks = looked_at({"small": small, "deep": wide, "four": mlp(4)})
    allowed = context(digits, models=MODELS, budget=1e-3)
    fine, too_deep, too_few = Nap2().score(networks, allowed).outcomes
    assert torch.equal(small[0].weight, before)
    assert 0 < fine.score < 1.2
    assert "unknown to the checkpoint" in fine.reason
    assert "has 34 convolutions and linear layers" in too_deep.error
    assert "reads at most 24" in too_deep.error
    assert "tells 4 classes apart, but the images have 10" in too_few.error


def test_a_missing_checkpoint_is_named(digits: OwnImages, tmp_path: Path) -> None:
    with pytest.raises(RankingError, match=r"nap2-nasbench201-cifar10.safetensors is not in"):
        Nap2().spaces_seen(context(digits, models=tmp_path))
