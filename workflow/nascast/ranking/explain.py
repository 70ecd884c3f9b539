"""What is known of one candidate: its graph, its features, and where its score comes from."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Sequence

from torch import nn

from nascast.graphs.computation import ComputationGraph
from nascast.io.text_table import aligned
from nascast.proxies import registry as proxies
from nascast.proxies.base import Status
from nascast.proxies.measure import Score, measure
from nascast.ranking import registry
from nascast.ranking.base import CandidateError, Context, Network
from nascast.ranking.known import known_proxies
from nascast.ranking.looking import built, ready
from nascast.ranking.scoring import Ranking
from nascast.ranking.user_code import describe
from nascast.ranking.zero_cost import ProxyRanker, batch_for
from nascast.seeds import derive_seed
from nascast.spaces import registry as spaces
from nascast.spaces.base import CellGraph
from nascast.spaces.shortcuts import size_features

_MOST_LAYERS = 40


def explain(network: Network, ranking: Ranking, context: Context) -> str:
    """Return a text about one candidate.

    Args:
        network: the candidate that was looked at.
        ranking: of this candidate alone.
        context: what the proxies are measured with.
    """
    parts = [
        _identity(network),
        _layers(network),
        _graph(network.graph),
        _cell(cell_of(network)),
        _sizes(network),
        _proxies(network, context),
        _score(ranking),
    ]
    return "\n".join(part for part in parts if part)


def cell_of(network: Network) -> CellGraph | None:
    """Return what is searched in a network of a known space; None of others."""
    arch = network.candidate.arch
    return None if arch is None else spaces.create(arch.space).cell_graph(arch)


def _identity(network: Network) -> str:
    arch = network.candidate.arch
    lines = [network.name]
    if arch is not None:
        lines.append(f"space {arch.space}, spec {arch.spec}")
    lines.append(
        f"reads {_times(network.shape)}, puts out {_times(network.outputs)}; "
        f"{network.params:,} parameters, {network.macs:,} MACs, {2 * network.macs:,} FLOPs an input"
    )
    return "\n".join(lines) + "\n"


def _layers(network: Network) -> str:
    """Return the modules that hold parameters, in module order; the middle of many is left out."""
    model = built(network.candidate, 0)
    rows = [
        (name or "(the network)", type(part).__name__, shape, f"{params:,}")
        for name, part, shape, params in _own_parameters(model)
    ]
    left_out = len(rows) - _MOST_LAYERS
    if left_out > 0:
        half = _MOST_LAYERS // 2
        rows = [*rows[:half], (f"... {left_out} more", "", "", ""), *rows[-half:]]
    return "Layers with parameters\n" + aligned(("name", "kind", "weight", "parameters"), rows)


def _own_parameters(model: nn.Module) -> list[tuple[str, nn.Module, str, int]]:
    found = []
    for name, part in model.named_modules():
        own = [tensor for tensor in part._parameters.values() if tensor is not None]
        if own:
            shape = " x ".join(map(str, own[0].shape)) or "1"
            found.append((name, part, shape, sum(tensor.numel() for tensor in own)))
    return found


def _graph(graph: ComputationGraph) -> str:
    counts = Counter(graph.type_names)
    listed = ", ".join(f"{count} {name}" for name, count in counts.most_common())
    return f"Computation graph: {len(graph)} nodes, {len(graph.edges)} edges\n  {listed}\n"


def _cell(cell: CellGraph | None) -> str:
    if cell is None:
        return ""
    rows = [
        (str(node), operation, " ".join(str(s) for s, target in cell.edges if target == node))
        for node, operation in enumerate(cell.operations)
    ]
    return "What is searched\n" + aligned(("node", "operation", "reads"), rows)


def _sizes(network: Network) -> str:
    arch = network.candidate.arch
    if arch is None:
        return ""
    space = spaces.create(arch.space)
    (classes,) = network.outputs
    row = size_features(space, [arch], space.published, network.shape[1], classes).iloc[0]
    return "Shortcuts\n" + aligned(
        ("effective params", "convolutions", "convs per path"),
        [
            (
                f"{int(row['effective_params']):,}",
                f"{int(row['conv_count']):,}",
                f"{row['mean_path_convs']:.3g}",
            )
        ],
    )


def _proxies(network: Network, context: Context) -> str:
    known = known_proxies()
    rows = []
    for name, (value, seconds) in _values(network, context).items():
        rho = f"{known[name].spearman:.2f}" if name in known else ""
        rows.append((name, value, seconds, rho))
    head = ("proxy", "value", "seconds", "our mean Spearman")
    where = f"one initialisation, {context.batch_size} inputs, {context.images.description}"
    return f"Zero-cost proxies ({where})\n" + aligned(head, rows)


def _values(network: Network, context: Context) -> dict[str, tuple[str, str]]:
    """Return the value of each proxy, or what is wrong with it, and its seconds."""
    names = proxies.names()
    try:
        context.tell("measuring all proxies")
        return _measured(network, names, context)
    except Exception:  # whatever the user's network raises: find out for which proxies it does
        found: dict[str, tuple[str, str]] = {}
        for name in names:
            context.tell(f"measuring {name}")
            try:
                found |= _measured(network, [name], context)
            except CandidateError as error:
                found[name] = f"none: {error}", ""
            except Exception as error:
                found[name] = f"none: {describe(error)}", ""
        return found


def _measured(
    network: Network, names: Sequence[str], context: Context
) -> dict[str, tuple[str, str]]:
    model = ready(network.candidate, 0, context.device)
    seed = derive_seed("rank", network.name, 0)
    scores = measure(model, batch_for(network, context, 0), names, seed)
    return {name: (_shown(score), f"{score.seconds:.3f}") for name, score in scores.items()}


def _shown(score: Score) -> str:
    if score.status is Status.OK:
        return f"{score.value:.6g}"
    return f"{score.status}: {score.reason}" if score.reason else str(score.status)


def _score(ranking: Ranking) -> str:
    lines = [f"Score by {ranking.predictor}"]
    lines += [f"  {place.score:.6g}: {place.reason}" for place in ranking.places]
    lines += [f"  none: {failure.error}" for failure in ranking.failures]
    if ranking.note:
        lines.append(f"  {ranking.note}")
    lines.append(f"  {_definition(ranking.predictor)}")
    return "\n".join(lines) + "\n"


def _definition(predictor: str) -> str:
    """Return the first paragraph of what the predictor's class says of itself."""
    ranker = registry.create(predictor)
    is_proxy = isinstance(ranker, ProxyRanker)
    kind: object = type(proxies.create(predictor)) if is_proxy else type(ranker)
    text = inspect.getdoc(kind) or ""
    return " ".join(text.split("\n\n")[0].replace("``", "").split())


def _times(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape)) or "one number"
