from __future__ import annotations

import pytest
from tests.predictors.observed import make_observations

from nascast.predictors.proxy_scores import ProxyScore
from nascast.predictors.registry import create
from nascast.proxies.registry import BUILT_IN as PROXIES


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("Fisher", "fisher"),
        ("Grad Norm", "grad_norm"),
        ("Grasp", "grasp"),
        ("Jacob. Cov.", "jacov"),
        ("SNIP", "snip"),
        ("SynFlow", "synflow"),
    ],
)
def test_a_zero_cost_predictor_is_its_proxy(name: str, column: str) -> None:
    seen = make_observations(5, seed=0)
    predictor = create(name)
    assert isinstance(predictor, ProxyScore)
    assert predictor.predict(seen).tolist() == seen.features["proxies"][column].tolist()
    assert column in PROXIES, "the column has the name under which the proxy is measured"
