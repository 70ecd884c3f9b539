import pytest

from nascast.ranking.costs import Progress, duration, total_work


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (125, "2 min 5 s"), (3780, "1 h 3 min")],
)
def test_durations_as_a_person_says_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_work_is_in_units_of_one_network() -> None:
    assert total_work([10, 20, 30]) == 6
    assert total_work([10, 20, 30], 1) == 3
    assert total_work([0, 0]) == 2  # networks without a product cost something as well


def test_the_rest_takes_as_long_as_its_work() -> None:
    now, lines = [100.0], []
    progress = Progress("nap2", [10, 30], lines.append, lambda: now[0])
    progress.at(0, "small")
    now[0] = 110.0
    progress.at(1, "large")
    now[0] = 125.0
    progress.at(1, "large", 0.5, "5/10 mini-batches")
    assert lines == [
        "nap2 1/2 small",
        "nap2 2/2 large, 30 s left",
        "nap2 2/2 large 5/10 mini-batches, 15 s left",
    ]
