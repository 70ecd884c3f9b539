"""Compare operators before and after fine-tuning: SNAP's Table 8, and operators never seen."""

from pathlib import Path
from typing import Any

import pandas as pd

from nascast.predictors.store import load_tensors
from nascast.stages.devices import choose_device
from nascast.stages.operators import similarities
from nascast.stages.runner import stage
from nascast.stages.tables import write_table
from nascast.tables import similarity
from nascast.text.corpus import corpus
from nascast.text.pairs import held_out_pairs
from nascast.text.sentence_models import MINILM, load

TITLE = "SNAP, Table 8: similarity of operators before and after fine-tuning"


def main(job: Any) -> None:
    """Write the tidy rows and three renderings."""
    choose_device("cpu")
    model = load(MINILM)
    pairs = {None: list(similarity.PAIRS), **held_out_pairs(corpus())}
    frames = [similarity.similarity_rows(pairs, similarity.NOT_TUNED, similarities(model, pairs))]
    for seed, path in enumerate(job.input.weights):
        model.restore(load_tensors(Path(path))[0])
        frames.append(similarity.similarity_rows(pairs, seed, similarities(model, pairs)))
    table = similarity.build_table(pd.concat(frames, ignore_index=True))
    write_table(similarity.TABLE, table, [similarity.lay_out_table(table, TITLE)], job.output)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
