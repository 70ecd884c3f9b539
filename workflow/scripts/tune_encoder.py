"""Fine-tune all-MiniLM-L6-v2 on descriptions of operators; write the weights that changed."""

import json
import time
from pathlib import Path
from typing import Any

from nascast.predictors.store import save_tensors
from nascast.stages.devices import choose_device
from nascast.stages.runner import provenance, stage
from nascast.text.corpus import corpus, seen
from nascast.text.sentence_models import MINILM, load
from nascast.text.tuning import TuningSettings, fine_tune


def main(job: Any) -> None:
    """Write the trained parameters; settings, losses and seconds stand in the file's metadata."""
    choose_device("cpu")
    settings, seed = job.params.tuning, int(job.wildcards.seed)
    model, texts = load(MINILM), seen(corpus())
    start = time.perf_counter()
    weights, losses = fine_tune(model, texts, TuningSettings(**settings), seed)
    seconds = time.perf_counter() - start
    print(f"{len(texts)} descriptions, {seconds:.0f} s, loss by epoch:", *losses)
    metadata = {
        "settings": json.dumps(settings),
        "losses": json.dumps(losses),
        "seconds": f"{seconds:.1f}",
        "provenance": provenance(job, settings, seed=seed).to_json(),
    }
    save_tensors(weights, metadata, Path(job.output[0]))


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
