from __future__ import annotations

import numpy as np
from tests.search.made import LABELS, PROBLEM, Linear

from nascast.search.base import run_search
from nascast.search.candidates import Mutants
from nascast.search.guided_evolution import GuidedEvolution


def test_the_predicted_best_are_trained_best_first() -> None:
    Linear.forget()
    algorithm = GuidedEvolution(Linear, initial=8, batch=3, mutants=Mutants(30, 3))
    trained = list(run_search(algorithm, PROBLEM, LABELS, 11, seed=0).revealed)
    (query,) = Linear.asked
    again = Linear(Linear.seeds[0])
    again.fit(Linear.shown[0])
    predicted = dict(zip(query.arch_ids, again.predict(query), strict=True))
    assert trained[8:] == sorted(predicted, key=lambda name: -predicted[name])[:3]


def test_several_members_are_averaged() -> None:
    rng = np.random.default_rng(0)
    mean = GuidedEvolution(Linear).promise(np.array([[1.0, 5.0], [3.0, 5.0]]), rng)
    assert mean.tolist() == [2.0, 5.0]
