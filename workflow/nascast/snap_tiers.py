"""What the tiers study of SNAP: the paper's model, and each choice that the paper leaves open."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from nascast.snap_sections import SnapRecipe, SnapStudy

CELLS_101 = 423_624
# Shares of NAS-Bench-101 that Figure 6 trains on, in percent.
FRACTIONS = (90, 70, 50, 30, 10, 5, 1)
# Where few cells make few batches, as many epochs as in the paper.
_FEW = 10
LENGTHS = ("short", "medium", "long")
ENCODERS = {"minilm": "minilm", "minilm64": "minilm64", "minilm_tuned": "minilm-tuned"}
CONTROLS = ("one_hot", "random", "shuffled")
TUNED = "minilm-tuned"


def tabular_studies(tasks: Sequence[str]) -> dict[str, SnapStudy]:
    """Return the studies on real labels, zero-shot from NAS-Bench-101 to some tasks.

    All but the first train at the screening scale, a tenth of the cells for 40 epochs.
    """
    named = list(tasks)
    return {
        "snap_paper": SnapStudy(
            tasks=named,
            recipes={"paper": SnapRecipe(), "tg_nas": SnapRecipe(preset="tg_nas")},
            watched=["paper", "tg_nas"],
            seeds=3,
            cells="all",
            epochs=150,
        ),
        "snap_choices": SnapStudy(tasks=named, recipes=choices(), watched=["paper"], seeds=10),
        "snap_controls": SnapStudy(
            tasks=named,
            recipes={
                f"{operators}{suffix}": SnapRecipe(encoder=operators, target=target)
                for operators in ("minilm", *CONTROLS)
                for suffix, target in (("", None), ("_rank", "rank"))
            },
        ),
        "snap_sentences": SnapStudy(
            tasks=named,
            recipes={
                f"{name}_{length}": SnapRecipe(encoder=encoder, length=length)
                for name, encoder in ENCODERS.items()
                for length in LENGTHS
            },
        ),
        "snap_settings": SnapStudy(tasks=named, recipes=model_settings()),
        "snap_fractions": SnapStudy(
            tasks=named,
            recipes={
                f"percent_{percent}": SnapRecipe(
                    cells=CELLS_101 * percent // 100, epochs=150 if percent <= _FEW else None
                )
                for percent in FRACTIONS
            },
            seeds=3,
        ),
    }


def choices() -> dict[str, SnapRecipe]:
    """Return the paper's preset with one choice changed at a time, and the code's preset."""
    return {
        "paper": SnapRecipe(),
        "tg_nas": SnapRecipe(preset="tg_nas"),
        "rank": SnapRecipe(target="rank"),
        "pairwise": SnapRecipe(loss="pairwise"),
        "forward": SnapRecipe(adjacency="forward"),
        "backward": SnapRecipe(adjacency="backward"),
        "both": SnapRecipe(adjacency="both"),
        "unnormalised": SnapRecipe(normalised=False),
        "no_loops": SnapRecipe(loops=False),
        "pruned": SnapRecipe(form="op_graph_pruned"),
        "contracted": SnapRecipe(form="op_graph_contracted"),
        "global": SnapRecipe(readout="global"),
        "sum": SnapRecipe(readout="sum"),
        "mean_sum": SnapRecipe(readout="mean_sum"),
        "tuned": SnapRecipe(encoder=TUNED),
        # Eight epochs are those of a trial that looked at NAS-Bench-201: no row to choose.
        "rank_8_epochs": SnapRecipe(target="rank", epochs=8),
        "rank_pruned": SnapRecipe(target="rank", form="op_graph_pruned"),
        "rank_contracted_both": SnapRecipe(
            target="rank", form="op_graph_contracted", adjacency="both", readout="mean_sum"
        ),
    }


def model_settings() -> dict[str, SnapRecipe]:
    """Return the grid of Table 6, with widths of the convolutions beside it.

    Its third axis, vectors of 768 numbers, is another encoder: all-mpnet-base-v2, which has to be
    fetched. It comes in with the encoder ``mpnet`` where a network allows.
    """
    grid = {
        f"layers_{layers}_decay_1e{exponent}_{length}": SnapRecipe(
            layers=layers, weight_decay=10.0**-exponent, length=length
        )
        for layers, exponent, length in product((4, 3), (4, 5, 6), ("long", "short"))
    }
    return grid | {f"width_{width}": SnapRecipe(width=width) for width in (32, 128)}


def mini_studies(tasks: Sequence[str]) -> dict[str, SnapStudy]:
    """Return the studies of the mini tier.

    The 250 labelled cells of its NAS-Bench-101 are far too few to train on. So the models that
    ship, trained on the real table, rank its networks by their cell graphs, and one small training
    shows that the way there works.
    """
    source = "nasbench101-scenes10"
    named = [task for task in tasks if task != source]
    return {
        "snap_shipped": SnapStudy(
            source=source,
            tasks=named,
            recipes={name: SnapRecipe(checkpoint=f"snap-{name}") for name in ("paper", "rank")},
            seeds=3,
        ),
        "snap_small": SnapStudy(
            source=source,
            tasks=[task for task in named if task.startswith("nasbench201-")],
            recipes={"rank": SnapRecipe(target="rank", batch_size=32)},
            seeds=1,
            cells=200,
            held_out=50,
        ),
    }
