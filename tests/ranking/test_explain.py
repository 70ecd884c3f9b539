from __future__ import annotations

from tests.ranking.shown import SHAPE, context, mlp
from tests.ranking.test_zero_cost import Stubborn
from torch import nn

from nascast.proxies import registry as proxies
from nascast.ranking.base import Setting
from nascast.ranking.candidates import Given, read_candidates
from nascast.ranking.explain import cell_of, explain
from nascast.ranking.looking import look
from nascast.ranking.scoring import make_ranker, rank_candidates
from nascast.ranking.user_code import candidates_of_objects

SETTING = Setting(SHAPE)


def explanation(model: object, predictor: str, setting: Setting = SETTING) -> str:
    (candidate,) = candidates_of_objects({"mine": model}, "models")
    ranking = rank_candidates(
        Given([candidate], []), make_ranker(predictor), setting, context(seeds=1)
    )
    return explain(look(candidate, setting), ranking, context())


def test_a_module_is_explained() -> None:
    text = explanation(mlp(5), "snip")
    assert "reads 3 x 8 x 8, puts out 4; 989 parameters, 980 MACs, 1,960 FLOPs" in text
    lines = text.splitlines()
    assert "1     Linear  5 x 192  965" in lines
    assert "Computation graph: 5 nodes, 4 edges" in lines
    assert "  2 MatMul, 1 Input, 1 ReLU, 1 Output" in lines
    (score,) = (line for line in lines if line.endswith("a mini-batch of 16"))
    value = next(line.split()[1] for line in lines if line.startswith("snip "))
    assert score.strip().startswith(f"{value}: snip")
    assert all(any(line.startswith(f"{name} ") for line in lines) for name in proxies.names())
    assert lines[-1] == (
        "  sum of |W * dL/dW|, entry by entry, over convolutions and linear layers."
    )


def test_a_proxy_that_fails_leaves_the_others_alone() -> None:
    lines = explanation(Stubborn(), "params").splitlines()
    found = {line.split()[0]: line for line in lines if line and line.split()[0] in proxies.names()}
    assert "none: RuntimeError: no way back" in found["snip"]
    assert found["l2_norm"].split()[1].replace(".", "").isdigit()
    assert "  772: parameters, counted" in lines


def test_many_layers_are_cut_in_their_middle() -> None:
    deep = nn.Sequential(*(nn.Conv2d(3, 3, 1) for _ in range(50)), mlp(3))
    text = explanation(deep, "params")
    assert "... 12 more" in text
    assert "\n0 " in text
    assert "\n50.3 " in text


def test_a_spec_shows_its_cell_and_its_shortcuts() -> None:
    setting = Setting((3, 8, 8), 10)
    cell = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|"
    (candidate,) = read_candidates([f"nasbench201:{cell}"], setting).candidates
    found = look(candidate, setting)
    ranking = rank_candidates(
        Given([candidate], []), make_ranker("params"), setting, context(seeds=1)
    )
    text = explain(found, ranking, context(batch_size=4))
    assert f"space nasbench201, spec {cell}" in text
    drawn = cell_of(found)
    assert drawn is not None
    shown = text.split("What is searched\n")[1].splitlines()[1 : 1 + len(drawn.operations)]
    assert [line.split()[1] for line in shown] == list(drawn.operations)
    assert "effective params  convolutions  convs per path\n316,346           1" in text


def test_a_module_has_no_cell() -> None:
    (candidate,) = candidates_of_objects({"mine": mlp(2)}, "models")
    assert cell_of(look(candidate, SETTING)) is None
