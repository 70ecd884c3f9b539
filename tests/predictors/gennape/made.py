"""Made networks whose accuracy is a smooth function of their embedding and FLOPs."""

from __future__ import annotations

import numpy as np

from nascast.predictors.gennape.labelled import LabelledNetworks

WIDTH = 12
QUICK = {
    "width": 32, "components": 4, "clusters": 3, "fuzzifier": 2.0, "cluster_iterations": 50,
    "learning_rate": 1e-3, "batch_size": 4, "epochs": 10, "tuning_epochs": 20,
}  # fmt: skip


def make_networks(count: int, seed: int) -> LabelledNetworks:
    rng = np.random.default_rng(seed)
    embeddings = rng.normal(2, 3, (count, WIDTH)).astype(np.float32)
    gflops = np.exp(0.1 * embeddings[:, 0].astype(np.float64))
    slope = np.linspace(-1, 1, WIDTH)
    # From 0.6 up: some are below the 0.8 at which GENNAPE prunes.
    accuracies = 0.78 + 0.17 * np.tanh(embeddings @ slope / 6 + np.log(gflops))
    return LabelledNetworks(embeddings, gflops, accuracies)
