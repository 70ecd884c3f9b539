from __future__ import annotations

import pytest
from tests.search.made import LABELS, Hidden

from nascast.search.trainings import Trainings


def test_a_training_reveals_one_label_and_counts() -> None:
    hidden = Hidden()
    trainings = Trainings(hidden, 3)
    assert trainings.train("000001") == LABELS["000001"]
    trainings.train("000000")
    assert hidden.seen == ["000001", "000000"]
    assert trainings.revealed == {name: LABELS[name] for name in hidden.seen}
    assert (len(trainings), trainings.left) == (2, 1)
    assert "000001" in trainings
    assert "111111" not in trainings
    assert 0 <= trainings.seconds[0] <= trainings.seconds[1]


def test_none_is_trained_twice_and_none_too_many() -> None:
    trainings = Trainings(LABELS, 2)
    trainings.train("000001")
    with pytest.raises(ValueError, match="000001 was trained before"):
        trainings.train("000001")
    trainings.train("000010")
    with pytest.raises(ValueError, match="all 2 trainings are spent"):
        trainings.train("000100")


def test_of_equal_networks_the_earlier_comes_first() -> None:
    trainings = Trainings({"a": 0.5, "b": 0.7, "c": 0.5}, 3)
    for name in "cab":
        trainings.train(name)
    assert trainings.best_first() == ["b", "c", "a"]
