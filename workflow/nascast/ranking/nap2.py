"""NAP2 from its shipped checkpoint: partial training on the user's images, then a forecast."""

from __future__ import annotations

import copy
import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch
from torch import nn

from nascast.images.augment import augmentation_for
from nascast.predictors.base import Observations
from nascast.predictors.checkpoint import load_checkpoint
from nascast.predictors.nap2 import NAP2
from nascast.predictors.trace_encoder import TraceEncoder
from nascast.ranking.base import (
    CandidateError,
    Context,
    Need,
    Network,
    Outcome,
    Ranker,
    RankingError,
    Scored,
)
from nascast.ranking.costs import Progress, total_work
from nascast.ranking.images import OwnImages
from nascast.ranking.looking import built
from nascast.ranking.user_code import describe, seeded
from nascast.seeds import derive_seed
from nascast.spaces import registry as spaces
from nascast.spaces.base import NetworkScale
from nascast.traces.collector import TraceCollector
from nascast.traces.protocol import NetworkTrace, TraceProtocol, trace_network

CHECKPOINT = "nap2-nasbench201-cifar10.safetensors"


@dataclass(frozen=True)
class _Checkpoint:
    encoder: TraceEncoder
    predictor: NAP2
    card: dict[str, Any]

    @property
    def protocol(self) -> TraceProtocol:
        """The partial training that the predictor learnt from."""
        kept = self.card["trace_protocol"]
        names = ("steps", "interval", "batch_size", "learning_rate", "momentum", "weight_decay")
        return TraceProtocol(evaluate_at=(), **{name: kept[name] for name in names})


class Nap2(Ranker):
    """Trains every network for some mini-batches and reads its trace.

    Networks of a known space are built at the size that the checkpoint was trained on; others are
    trained as they are, on images of their own shape.
    """

    name: str = "nap2"
    reference: str = NAP2.reference
    needs: ClassVar[frozenset[Need]] = frozenset({Need.IMAGES})

    def spaces_seen(self, context: Context) -> tuple[str, ...]:
        """Return the spaces on the checkpoint's card."""
        return tuple(_load(context).card["spaces_seen"])

    def score(self, networks: Sequence[Network], context: Context) -> Scored:
        """Return predicted accuracies.

        Within a budget, fewer mini-batches are trained: as many as fit at the speed that the first
        snapshot of the first network shows, at least one snapshot.
        """
        checkpoint = _load(context)
        protocol = _affordable(checkpoint, networks, context)
        repeats = context.seeds or self.seeds
        works = [network.macs for network in networks]
        progress = Progress("nap2", works, context.tell)
        outcomes = []
        for number, network in enumerate(networks):
            start = time.perf_counter()

            def step(done: int, number: int = number, network: Network = network) -> None:
                share = done / (repeats * protocol.steps)
                detail = f"{done}/{repeats * protocol.steps} mini-batches"
                progress.at(number, network.name, share, detail)

            try:
                scores = [
                    _forecast(checkpoint, network, context, protocol, repeat, step)
                    for repeat in range(repeats if network.candidate.repeatable else 1)
                ]
            except CandidateError as error:
                seconds = time.perf_counter() - start
                outcomes.append(Outcome(seconds=seconds, error=str(error)))
                continue
            spread = statistics.stdev(scores) if len(scores) > 1 else math.nan
            reason = f"forecast accuracy after {protocol.steps} mini-batches"
            if network.candidate.arch is None:
                reason += "; its kind of network is unknown to the checkpoint"
            seconds = time.perf_counter() - start
            outcomes.append(Outcome(statistics.fmean(scores), spread, seconds, reason))
        return Scored(outcomes, self.name, _note(checkpoint, protocol))


def _note(checkpoint: _Checkpoint, protocol: TraceProtocol) -> str:
    card = checkpoint.card
    return (
        f"NAP2 ({NAP2.reference}), trained on {card['train_networks']} networks of "
        f"{', '.join(card['spaces_seen'])} with up to {card['largest_network_params']:,} "
        f"parameters; {protocol.steps} of {checkpoint.protocol.steps} mini-batches of "
        f"{protocol.batch_size}"
    )


def _load(context: Context) -> _Checkpoint:
    path = context.models / CHECKPOINT
    if not path.is_file():
        raise RankingError(
            f"the checkpoint {CHECKPOINT} is not in {context.models}; name the folder that has it, "
            "resources/models of a checkout, with --models"
        )
    return _Checkpoint(*load_checkpoint(path))


def _affordable(
    checkpoint: _Checkpoint, networks: Sequence[Network], context: Context
) -> TraceProtocol:
    """Return the protocol with as many mini-batches as the budget allows."""
    protocol = checkpoint.protocol
    if context.budget is None:
        return protocol
    first = replace(protocol, steps=protocol.interval)
    for number, network in enumerate(networks):
        try:
            trace = _train(checkpoint, network, context, first, 0, lambda done: None)
        except CandidateError:
            continue  # it will be reported when it is scored
        work = total_work([n.macs for n in networks], number)
        each = float(trace.seconds[-1]) * work * (context.seeds or 1)
        snapshots = int(max(1, min(context.left() / each, protocol.steps // protocol.interval)))
        return replace(protocol, steps=snapshots * protocol.interval)
    return first


def _forecast(
    checkpoint: _Checkpoint,
    network: Network,
    context: Context,
    protocol: TraceProtocol,
    repeat: int,
    step: Callable[[int], None],
) -> float:
    """Return the predicted accuracy of one initialisation; CandidateError where there is none."""
    trace = _train(checkpoint, network, context, protocol, repeat, step)
    if trace.status != "ok":
        what = {"diverged": "its loss is not finite", "dead": "no gradient reaches its first layer"}
        raise CandidateError(f"partial training fails: {what[trace.status]}")
    codes = checkpoint.encoder.encode(trace.statistics[None])
    seen = Observations((network.name,), protocol.steps, {"trace_codes": codes})
    (score,) = checkpoint.predictor.predict(seen)
    if not np.isfinite(score):
        raise CandidateError("partial training fails: its statistics are not finite")
    return float(score)


def _train(
    checkpoint: _Checkpoint,
    network: Network,
    context: Context,
    protocol: TraceProtocol,
    repeat: int,
    step: Callable[[int], None],
) -> NetworkTrace:
    assert isinstance(context.images, OwnImages)
    kept = checkpoint.card["trace_protocol"]
    side = kept["image_size"] if network.candidate.arch is not None else _side(network)
    network.classes(context.images.classes)
    images = context.images.image_set(side).to(context.device)
    augmentation = augmentation_for(images.name, side)
    model = _model(network, kept["scale"], images.num_classes, repeat)
    _check_depth(model, checkpoint.encoder.layers)
    model = model.to(context.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    passes = 0

    def count(*_: object) -> None:
        nonlocal passes
        step(repeat * protocol.steps + passes)
        passes += 1

    hook = model.register_forward_pre_hook(count)
    try:
        with torch.random.fork_rng():
            torch.manual_seed(derive_seed("rank", network.name, repeat))
            seed = derive_seed("rank", "order", repeat)
            return trace_network(model, images, augmentation, protocol, seed)
    except Exception as error:  # whatever the user's network raises
        raise CandidateError(f"cannot be trained: {describe(error)}") from error
    finally:
        hook.remove()


def _model(network: Network, scale: dict[str, int], classes: int, repeat: int) -> nn.Module:
    """Return a network that may be trained: a copy, or built at the checkpoint's size."""
    arch = network.candidate.arch
    if arch is None:
        return copy.deepcopy(built(network.candidate, repeat))
    with seeded("rank", arch.arch_id, repeat):
        return spaces.create(arch.space).build(arch, NetworkScale(**scale), classes)


def _check_depth(model: nn.Module, readable: int) -> None:
    try:
        layers = len(TraceCollector(model).tensors)
    except ValueError as error:
        raise CandidateError(str(error)) from error
    if layers > readable:
        raise CandidateError(
            f"has {layers} convolutions and linear layers (a bias counts as one), but the "
            f"checkpoint reads at most {readable}; try a zero-cost proxy"
        )


def _side(network: Network) -> int:
    shape = network.shape
    if len(shape) != 3 or shape[0] != 3 or shape[1] != shape[2]:
        raise CandidateError(
            f"reads inputs of {' x '.join(map(str, shape))}; NAP2 trains on square images of three "
            "channels"
        )
    return shape[1]
