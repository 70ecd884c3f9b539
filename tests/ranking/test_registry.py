import pytest

from nascast.proxies import registry as proxies
from nascast.ranking import registry
from nascast.ranking.base import Ranker, RankingError
from nascast.ranking.shortcuts import Params
from nascast.ranking.zero_cost import ProxyRanker


def test_every_name_makes_a_ranker_that_calls_itself_so() -> None:
    assert len(set(registry.names())) == len(registry.names())
    assert set(proxies.BUILT_IN) <= set(registry.names())
    for name in registry.names():
        ranker = registry.create(name)
        assert isinstance(ranker, Ranker)
        assert ranker.name == name
        assert ranker.reference
        assert ranker.seeds >= 1


def test_counts_are_no_proxies_here() -> None:
    assert isinstance(registry.create("params"), Params)
    assert isinstance(registry.create("snip"), ProxyRanker)


def test_unknown_names_come_with_close_ones() -> None:
    with pytest.raises(RankingError, match="unknown predictor 'NWOTT': did you mean nwot"):
        registry.create("NWOTT")
    with pytest.raises(RankingError, match="choose one of auto, params"):
        registry.check("???")
    assert registry.check("nap2") == "nap2"
