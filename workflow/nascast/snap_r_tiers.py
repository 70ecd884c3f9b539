"""SNAP-R's settings in the tabular tier, fixed before a label of any other space was read."""

from __future__ import annotations

from nascast.snap_r_sections import (
    STRUCTURE,
    Candidate,
    InternalShift,
    MemberChoice,
    Mixtures,
    SnapRSelection,
    SnapRSettings,
    Variation,
)
from nascast.tasks.registry import TRANSNAS

# Deviations over paths and receptive fields differ most between spaces.
_LOOSE = [".*spread.*", ".*reach"]
_NO_SIZE = ["size:.*", ".*weights"]
_COUNTS = ["count:conv", "count:spatial", "count:pool"]
# What larger and deeper networks have more of: size, convolutions and spatial ones on the paths.
_SUMS = {
    "size": ["size:relative"],
    "convs": ["path:mean_conv"],
    "spatial": ["walk:spatial"],
    "size_convs": ["size:relative", "path:mean_conv"],
    "size_spatial": ["size:relative", "walk:spatial"],
    "size_convs_spatial": ["size:relative", "path:mean_conv", "walk:spatial"],
}
# Parts of the mini benchmark by family; no choice has looked at any of them.
_MINI = {
    "nasbench201": ["scenes10", "scenes50", "scenes50hard", "digits"],
    "darts": ["scenes10"],
    "hiaml": ["scenes10"],
    "two_path": ["scenes10"],
    "transnas_macro": ["rooms10-class_scene"],
    "transnas_micro": [f"rooms10-{task}" for task in TRANSNAS],
}


def tabular_snap_r() -> SnapRSettings:
    """Return candidates, criterion and experiments."""
    return SnapRSettings(
        selection=SnapRSelection(
            candidates=_candidates(), mixtures=_mixtures(), shifts=_shifts(), concept=["scenes10"]
        ),
        variations={
            "no size": Variation(drop=_NO_SIZE),
            "population": Variation(population=True),
            "raw accuracy": Variation(target="raw"),
            "no monotone constraints": Variation(settings={"monotone": 0}),
            "no paths": Variation(drop=["path:.*"]),
            "no walks": Variation(drop=["walk:.*"]),
            "no counts": Variation(drop=["count:.*"]),
            "no shape": Variation(drop=["shape:.*"]),
            "no sum": Variation(without=["sum"]),
            "and a network": Variation(members=[_member("network")]),
        },
        baselines={
            # What the same cells tell without a graph.
            "LightGBM (size, counts)": Candidate(
                members=[_member("trees", monotone=0)],
                keep=["size:params", "size:macs", *_COUNTS],
                target="raw",
            ),
            "ridge (size, counts)": Candidate(
                members=[_member("ridge")], keep=["size:params", "size:macs", *_COUNTS]
            ),
            "LightGBM (graph features)": Candidate(
                members=[_member("trees", monotone=0)],
                keep=[*STRUCTURE, "size:params", "size:macs"],
                target="raw",
            ),
        },
        tasks=["nasbench201-cifar10", "nasbench201-cifar100", "nasbench201-imagenet16-120"],
        minibench=_MINI,
    )


def _member(kind: str, **settings: float) -> MemberChoice:
    return MemberChoice.model_validate({"kind": kind, "settings": settings})


def _candidates() -> dict[str, Candidate]:
    """Return kinds of members, sizes of trees and choices of features."""
    trees = _member("trees")
    return {
        "trees_150": Candidate(members=[_member("trees", trees=150)]),
        "trees_300": Candidate(members=[trees]),
        "trees_600": Candidate(members=[_member("trees", trees=600)]),
        "trees_extra": Candidate(members=[_member("trees", extra=1)]),
        "trees_free": Candidate(members=[_member("trees", monotone=0)]),
        "trees_stumpy": Candidate(members=[_member("trees", trees=600, leaves=4)]),
        "trees_raw": Candidate(members=[trees], target="raw"),
        "firm_300": Candidate(members=[trees], drop=_LOOSE),
        "firm_no_size": Candidate(members=[trees], drop=[*_LOOSE, *_NO_SIZE]),
        "ranker": Candidate(members=[_member("ranker")]),
        "forest": Candidate(members=[_member("forest")]),
        "ridge": Candidate(members=[_member("ridge")], drop=_LOOSE),
        "network": Candidate(members=[_member("network")], drop=_LOOSE),
        "trees_network": Candidate(members=[trees, _member("network")], drop=_LOOSE),
    }


def _mixtures() -> Mixtures:
    few, many = _member("trees", trees=150), _member("trees", trees=600)
    return Mixtures(
        learned={"150": [few], "300": [_member("trees")], "600": [many], "both": [few, many]},
        sums=_SUMS,
        shares=[0.1, 0.2, 0.3, 0.5, 1.0],
    )


def _shifts() -> dict[str, InternalShift]:
    """Return the ways in which cell spaces differ: size, density, depth, mix of operations."""
    bounds = {
        "vertices": ("count:length", 4, 5),
        "edges": ("shape:edges", 8, 9),
        "convolutions": ("count:conv", 2, 4),
        "spatial": ("count:spatial", 1, 3),
        "pools": ("count:pool", 0, 1),
        "size": ("size:relative", 0.58, 0.58),
        "shortcut": ("path:min_length", 0, 1),
        "depth": ("path:max_length", 3, 4),
    }
    shifts = {
        name: InternalShift(column=column, low=low, high=high)
        for name, (column, low, high) in bounds.items()
    }
    return {
        **shifts,
        "small": InternalShift(column="count:length", low=3, high=4, directions=["down"]),
    }
