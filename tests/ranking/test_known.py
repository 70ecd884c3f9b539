from __future__ import annotations

import math

import pytest

from nascast.proxies import registry as proxies
from nascast.ranking.auto import CALIBRATION
from nascast.ranking.base import RankingError
from nascast.ranking.known import known_proxies, read_known

HEADER = "proxy,task,spearman,seconds,n,seeds\n"


def test_means_are_over_spaces_of_means_over_tasks() -> None:
    text = HEADER + (
        "snip,a-x,0.2,1,60,1\nsnip,a-y,0.4,3,60,1\nsnip,b-x,0.9,10,60,1\n"
        "zen,a-x,0.7,1,60,1\nzen,a-y,0.7,1,60,1\nzen,b-x,0.7,1,60,1\n"
    )
    known = read_known(text)
    assert list(known) == ["zen", "snip"]
    assert known["snip"].spearman == pytest.approx(0.6)
    assert known["snip"].seconds == pytest.approx(6)
    assert (known["snip"].tasks, known["snip"].spaces) == (3, 2)


def test_a_proxy_that_lacks_a_task_is_not_compared() -> None:
    text = HEADER + "snip,a-x,0.2,1,60,1\nsnip,b-x,0.2,1,60,1\nzen,a-x,0.9,1,60,1\n"
    assert list(read_known(text)) == ["snip"]


@pytest.mark.parametrize("text", ["", "proxy,task\n", HEADER])
def test_another_table_is_refused(text: str) -> None:
    with pytest.raises(RankingError, match="measured_proxies"):
        read_known(text)


def test_the_shipped_table_holds_all_proxies_of_ours() -> None:
    known = known_proxies()
    assert set(known) == set(proxies.BUILT_IN)
    assert CALIBRATION in known
    values = [one.spearman for one in known.values()]
    assert values == sorted(values, reverse=True)
    assert all(-1 <= value <= 1 for value in values)
    assert all(one.seconds >= 0 and math.isfinite(one.seconds) for one in known.values())
    assert all(one.spaces >= 5 for one in known.values())
