"""GENNAPE's computation graphs with accuracies: pickled caches and JSON files of families.

``cache/gpi_<family>_comp_graph_cache.pkl`` is a list of dictionaries with ``compute graph`` (an
object of the released code) and ``acc``; ``data/gpi_test_hiaml_cifar10_labelled_cg_data.json`` and
its like are objects with ``cg`` (the same as a dictionary) and ``max_perf``. How a network's
configuration is written is not documented, so a network is known by its graph: its spec is a hash
of it, which no space can parse.

Source: Mills et al. 2023, "GENNAPE", section 'Computation Graph', and its released data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from hashlib import blake2b
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nascast.labels.official.rows import fraction, labels_frame
from nascast.labels.schema import LabelError, identity
from nascast.spaces.base import Architecture

# Numbers of types in the released vocabulary; those behind the last are reserved and unused.
CONV, DEPTHWISE, BATCH_NORM, MATMUL, LAST = 3, 4, 5, 8, 26
_WEIGHTED = (CONV, DEPTHWISE, MATMUL)
_MOST_NODES = 100_000
_ROWS = 4096


@dataclass(frozen=True)
class Family:
    """Space and image set of a file's networks, and the epochs of their trainings."""

    space: str
    images: str
    epochs: int


FAMILIES = {
    "nb101": Family("nasbench101", "cifar10", 108),
    "nb201c10": Family("nasbench201", "cifar10", 200),
    "nb201c100": Family("nasbench201", "cifar100", 200),
    "nb201imgnet": Family("nasbench201", "imagenet16-120", 200),
    "nb301": Family("darts", "cifar10", 100),
    # These inherit the weights of a supernet and are not trained.
    "ofa_pn": Family("proxylessnas", "imagenet", 0),
    "ofa_mbv3": Family("ofa_mbv3", "imagenet", 0),
    "ofa_resnet": Family("ofa_resnet", "imagenet", 0),
    "hiaml": Family("hiaml", "cifar10", 200),
    "two_path": Family("two_path", "cifar10", 200),
    "inception": Family("inception", "cifar10", 500),
}
"""Families by the name in the released code. The file ``ofa`` holds two of them, told apart by the
names of the graphs: ``ofa_pn`` and ``ofa_mbv3``."""


@dataclass(frozen=True)
class Graph:
    """Arrays of a computation graph as :class:`nascast.graphs.computation.ComputationGraph` has."""

    types: NDArray[np.int8]
    shapes: NDArray[np.int32]
    kernels: NDArray[np.int16]
    bias: NDArray[np.bool_]
    flops: NDArray[np.int64]
    params: NDArray[np.int64]
    edges: NDArray[np.int32]


@dataclass(frozen=True)
class Network:
    """One entry of a file."""

    arch: Architecture
    accuracy: float
    graph: Graph


class Cache:
    """Collects the networks of a pickled cache while it is read.

    Args:
        file: its name, for messages.
        family: a key of :data:`FAMILIES`.
    """

    def __init__(self, file: str, family: str) -> None:
        _family(file, family)
        self._file, self._name = file, family
        self.networks: list[Network] = []

    def shrink(self, filled: dict[Any, Any]) -> None:
        """Reduce a dictionary that has just been filled, if it is an entry of the cache.

        Raises:
            LabelError: naming the file and entry that is wrong.
        """
        if "compute graph" not in filled:
            return
        where = f"{self._file}, entry {len(self.networks)}"
        graph = _plain(where, filled["compute graph"])
        name = str(graph.get("name", "")).lower()
        mark = self._name.removeprefix("ofa_")
        if mark not in ("pn", "mbv3") or mark in name:
            accuracy = fraction(where, _percent(filled.get("acc")))
            self.networks.append(_network(where, self._name, graph, accuracy))
        filled.clear()


def read_family(
    entries: Iterable[tuple[str, str, Any]], file: str, family: str
) -> Iterator[Network]:
    """Yield the networks of a JSON file.

    Args:
        entries: name, field and value of each field of each network, in the order of the file.
        file: its name, for messages.
        family: a key of :data:`FAMILIES`.

    Raises:
        LabelError: naming the file and network that is wrong.
    """
    _family(file, family)
    graphs: dict[str, Mapping[str, Any]] = {}
    accuracies: dict[str, float] = {}
    for name, field, value in entries:
        where = f"{file}, {name[:80]}"
        if field == "cg":
            graphs[name] = _plain(where, value)
        elif field == "max_perf":
            accuracies[name] = fraction(where, value)
        if name in graphs and name in accuracies:
            yield _network(where, family, graphs.pop(name), accuracies.pop(name))
    for name in (*graphs, *accuracies):
        missing = "max_perf" if name in graphs else "cg"
        raise LabelError(f"{file}, {name[:80]}: has no {missing}")


def label_frames(networks: Sequence[Network], file: str, family: str) -> Iterator[pd.DataFrame]:
    """Yield Labels frames of up to 4,096 rows: ``test_acc`` is the published accuracy.

    Networks with one and the same graph have the seeds 0, 1, ... in the order of the file.

    Raises:
        LabelError: there are no networks.
    """
    known = _family(file, family)
    if not networks:
        raise LabelError(f"{file} has no network of {family}")
    counts: dict[str, int] = {}
    rows = []
    for network in networks:
        seed = counts.get(network.arch.arch_id, 0)
        counts[network.arch.arch_id] = seed + 1
        rows.append(
            {
                **identity(network.arch),
                "images": known.images,
                "seed": seed,
                "test_acc": network.accuracy,
                "epochs": known.epochs,
                "source": file,
            }
        )
    for start in range(0, len(rows), _ROWS):
        yield labels_frame(rows[start : start + _ROWS])


def _family(file: str, name: str) -> Family:
    if name not in FAMILIES:
        raise LabelError(f"{file}: unknown family {name}; there are {', '.join(FAMILIES)}")
    return FAMILIES[name]


def _percent(accuracy: Any) -> Any:
    is_number = isinstance(accuracy, int | float) and not isinstance(accuracy, bool)
    return accuracy * 100 if is_number else accuracy


def _plain(where: str, value: Any) -> Mapping[str, Any]:
    """Return the fields of a graph or node: of a JSON object, or of what stands for an object."""
    fields = value if isinstance(value, Mapping) else getattr(value, "state", None)
    if not isinstance(fields, Mapping):
        raise LabelError(f"{where}: a {type(value).__name__} is no graph or node of GENNAPE")
    return fields


def _network(where: str, family: str, fields: Mapping[str, Any], accuracy: float) -> Network:
    try:
        graph = _graph(where, fields)
    except (TypeError, ValueError, OverflowError, CycleError) as error:
        raise LabelError(f"{where}: its graph cannot be read ({error})") from error
    digest = blake2b(digest_size=16)
    for array in (graph.types, graph.shapes, graph.kernels, graph.bias, graph.edges):
        digest.update(np.ascontiguousarray(array).tobytes())
    spec = f"cg-{digest.hexdigest()}"
    return Network(Architecture(FAMILIES[family].space, spec, spec), accuracy, graph)


def _graph(where: str, fields: Mapping[str, Any]) -> Graph:
    """Bring the nodes, weighted ones first as the edges count them, into an order of running."""
    parts = [fields.get(kind) for kind in ("weighted_nodes", "regular_nodes")]
    if not all(isinstance(part, list) for part in parts):
        raise ValueError("it has no lists of weighted and regular nodes")
    nodes = [_plain(where, node) for part in parts for node in (part or [])]
    if not 0 < len(nodes) <= _MOST_NODES:
        raise ValueError(f"it has {len(nodes)} nodes")
    count, joined = len(nodes), fields.get("edge_pairs")
    if not isinstance(joined, list):
        raise ValueError("it has no list of edges")
    pairs = sorted({(_index(a, count), _index(b, count)) for a, b in joined})
    before: dict[int, list[int]] = {number: [] for number in range(count)}
    for source, target in pairs:
        before[target].append(source)
    order = list(TopologicalSorter(before).static_order())
    place = {number: rank for rank, number in enumerate(order)}
    edges = sorted((place[source], place[target]) for source, target in pairs)
    read = [_node(nodes[number]) for number in order]
    types, shapes, kernels, bias, flops, params = zip(*read, strict=True)
    return Graph(
        types=np.array(types, np.int8),
        shapes=np.array(shapes, np.int32),
        kernels=np.array(kernels, np.int16),
        bias=np.array(bias, np.bool_),
        flops=np.array(flops, np.int64),
        params=np.array(params, np.int64),
        edges=np.array(edges, np.int32).reshape(-1, 2),
    )


def _index(value: Any, count: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < count:
        raise ValueError(f"an edge joins {str(value)[:20]!r}, of {count} nodes")
    return value


def _node(
    node: Mapping[str, Any],
) -> tuple[int, tuple[int, ...], tuple[int, int], bool, int, int]:
    """Return type, shape, kernel, bias, FLOPs and parameters of a node."""
    kind = _sizes([node.get("op_type_idx")], 1)[0]
    kind = kind if kind <= LAST else 0
    h_in, h_out, w_in, w_out, c_in, c_out = _sizes(node.get("resolution"), 6)
    shape = (h_in, w_in, c_in, h_out, w_out, c_out)
    if kind not in _WEIGHTED:
        return kind, shape, (0, 0), False, 0, 2 * c_out if kind == BATCH_NORM else 0
    inputs, outputs, height, width = _sizes(node.get("shape"), 4)
    metadata = node.get("metadata")
    bias = bool(metadata.get("use_bias", False)) if isinstance(metadata, Mapping) else False
    weights = inputs * outputs * max(height * width, 1)
    flops = 2 * weights * h_out * w_out
    return kind, shape, (height, width), bias, flops, weights + bias * c_out


def _sizes(values: Any, count: int) -> list[int]:
    """Return integers that are no size of anything absurd; a missing one counts as 1."""
    if not isinstance(values, Sequence) or isinstance(values, str) or len(values) != count:
        raise ValueError(f"a node has {str(values)[:40]!r}, expected {count} numbers")
    found = [1 if value is None else int(value) for value in values]
    if any(not 0 <= value < 1 << 15 for value in found):
        raise ValueError(f"a node has the sizes {found}")
    return found
