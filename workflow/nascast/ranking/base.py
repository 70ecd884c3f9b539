"""What is ranked, what ranks it, and what comes out: the values that this room shares."""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from nascast.errors import NascastError

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from nascast.graphs.computation import ComputationGraph
    from nascast.ranking.images import Images
    from nascast.spaces.base import Architecture

Shape = tuple[int, ...]


class RankingError(NascastError):
    """Nothing can be ranked; the message says why and what to do."""


class CandidateError(NascastError):
    """One candidate cannot be ranked; the others can."""


class Need(StrEnum):
    """What a ranker needs beside networks that can be trained."""

    SPECS = "specs"
    """Architectures of a known search space."""
    IMAGES = "images"
    """The user's own labelled images."""


@dataclass(frozen=True)
class Setting:
    """What networks are built for.

    Attributes:
        input_shape: of one input without the batch axis; None: each candidate's own.
        classes: outputs of networks that are built from a spec; None: those of the images.
    """

    input_shape: Shape | None = None
    classes: int | None = None


@dataclass(frozen=True)
class Candidate:
    """A network that is to be ranked.

    Attributes:
        name: unique in a ranking.
        place: where it was given, e.g. ``"models.py:make, entry 3"``.
        build: the network, from the number of the initialisation; raises what the user's code does.
        repeatable: whether another number gives other initial weights.
        example: an input with its batch axis, where one was given.
        arch: the architecture, where it is one of a known search space.
    """

    name: str
    place: str
    build: Callable[[int], nn.Module]
    repeatable: bool = True
    example: Tensor | None = None
    arch: Architecture | None = None


@dataclass(frozen=True)
class Failure:
    """A candidate that cannot be ranked, and why."""

    name: str
    place: str
    error: str


@dataclass(frozen=True)
class Network:
    """A candidate that was looked at and can be run.

    Attributes:
        candidate: what was given.
        shape: of one input without the batch axis.
        outputs: shape of the output for one input; ``(classes,)`` of a classifier.
        params: all parameters.
        graph: the computation graph for one input.
    """

    candidate: Candidate
    shape: Shape
    outputs: Shape
    params: int
    graph: ComputationGraph

    @property
    def name(self) -> str:
        """The candidate's name."""
        return self.candidate.name

    @property
    def macs(self) -> int:
        """Multiply-accumulates of convolutions, linear layers and matrix products for one input."""
        return int(self.graph.flops.sum()) // 2

    def classes(self, wanted: int | None) -> int:
        """Return the number of classes that the network tells apart.

        Args:
            wanted: classes of the images, if they have some.

        Raises:
            CandidateError: the network is no classifier, or one of fewer classes.
        """
        if len(self.outputs) != 1:
            raise CandidateError(
                f"puts out {' x '.join(map(str, self.outputs)) or 'one number'} an input; this "
                "predictor needs a classifier, whose outputs are (images, classes)"
            )
        if wanted is not None and self.outputs[0] < wanted:
            raise CandidateError(
                f"tells {self.outputs[0]} classes apart, but the images have {wanted}"
            )
        return self.outputs[0]


@dataclass(frozen=True)
class Context:
    """What a ranker may use.

    Attributes:
        images: where mini-batches come from.
        device: where networks run.
        budget: seconds for the whole ranking; None: as many as it takes.
        seeds: initialisations of each network; None: the ranker's own number.
        batch_size: images in a mini-batch.
        models: folder of the shipped checkpoints.
        tell: is told of progress, in one line.
        started: ``time.perf_counter()`` when the work began.
    """

    images: Images
    device: torch.device
    budget: float | None = None
    seeds: int | None = None
    batch_size: int = 64
    models: Path = Path("resources/models")
    tell: Callable[[str], None] = lambda line: None
    started: float = field(default_factory=time.perf_counter)

    def left(self) -> float:
        """Return the seconds that are left of the budget; infinite without one."""
        spent = time.perf_counter() - self.started
        return math.inf if self.budget is None else self.budget - spent


@dataclass(frozen=True)
class Outcome:
    """What a ranker says of one network.

    Attributes:
        score: higher is better; NaN where there is an error.
        uncertainty: standard deviation (n - 1) over initialisations; NaN where there is one only.
        seconds: wall-clock time spent on this network.
        reason: what the score rests on.
        error: why there is no score, or empty.
    """

    score: float = math.nan
    uncertainty: float = math.nan
    seconds: float = 0.0
    reason: str = ""
    error: str = ""


@dataclass(frozen=True)
class Scored:
    """Outcomes of all networks in their order, who made them, and what holds for all of them."""

    outcomes: list[Outcome]
    predictor: str
    note: str


class Ranker(ABC):
    """A way to rank networks; one file each, registered in :mod:`nascast.ranking.registry`.

    Attributes:
        name: what ``--predictor`` calls it.
        reference: where the method comes from.
        needs: what it cannot do without.
        seeds: initialisations of each network that it looks at unless told otherwise.
    """

    name: str
    reference: str
    needs: ClassVar[frozenset[Need]] = frozenset()
    seeds: ClassVar[int] = 1

    def spaces_seen(self, context: Context) -> tuple[str, ...]:
        """Return the search spaces whose labels the method has learnt from."""
        return ()

    @abstractmethod
    def score(self, networks: Sequence[Network], context: Context) -> Scored:
        """Return what the method says of each network; an error of one leaves the others alone."""
