"""Boxes stand in layers without touching, edges run down, and pages hold whole layers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nascast.report.graph_layout import lay_out_graph, pages
from nascast.report.series import ReportError

SIZE = (40.0, 10.0)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[tuple[float, float]], list[tuple[int, int]]]:
    """Sizes and edges of up to a dozen boxes."""
    count = draw(st.integers(1, 12))
    sizes = draw(
        st.lists(st.tuples(st.floats(5, 90), st.floats(5, 60)), min_size=count, max_size=count)
    )
    pairs = [(source, target) for target in range(count) for source in range(target)]
    return sizes, sorted(draw(st.sets(st.sampled_from(pairs)))) if pairs else []


def test_a_diamond_with_a_shortcut_worked_out_by_hand() -> None:
    edges = [(0, 1), (0, 2), (0, 3), (1, 3), (2, 3), (3, 4), (0, 4)]
    layout = lay_out_graph([SIZE] * 5, edges, beside=8, below=12)
    assert layout.layers == (0, 1, 1, 2, 3)
    assert layout.bands.tolist() == [[0, 10], [22, 32], [44, 54], [66, 76]]
    left, right = sorted(layout.centres[[1, 2]])
    # A lane of 5 points stands beside the two boxes or between them.
    assert right - left in (pytest.approx(48), pytest.approx(48 + 5 + 8))
    assert len({round(x, 6) for x in layout.routes[6][2:4, 0]}) == 1  # straight beside a layer
    assert layout.routes[0][0].tolist() == [layout.centres[0], 10]
    assert layout.routes[0][-1].tolist() == [layout.centres[1], 22]


def test_an_order_without_crossings_is_found() -> None:
    # 0 and 1 lead to 3 and 2: as numbered, their edges would cross.
    layout = lay_out_graph([SIZE] * 4, [(0, 3), (1, 2)])
    above, below = layout.centres[[0, 1]], layout.centres[[3, 2]]
    assert np.sign(above[1] - above[0]) == np.sign(below[1] - below[0])


def test_a_chain_is_straight() -> None:
    layout = lay_out_graph([(20, 10), (60, 10), (30, 10)], [(0, 1), (1, 2)])
    assert layout.centres == pytest.approx([30, 30, 30])


@given(graphs())
def test_boxes_of_a_layer_keep_their_distance(
    graph: tuple[list[tuple[float, float]], list[tuple[int, int]]],
) -> None:
    sizes, edges = graph
    layout = lay_out_graph(sizes, edges, beside=8, below=12)
    assert layout.routes == () or min(route[:, 0].min() for route in layout.routes) >= 0
    for source, target in edges:
        assert layout.layers[source] < layout.layers[target]
    for layer, (top, bottom) in enumerate(layout.bands):
        boxes = sorted(
            (layout.centres[i] - sizes[i][0] / 2, layout.centres[i] + sizes[i][0] / 2)
            for i in range(len(sizes))
            if layout.layers[i] == layer
        )
        assert boxes[0][0] >= -1e-6
        assert all(b[0] - a[1] >= 8 - 1e-6 for a, b in pairwise(boxes))
        # A line through a layer that it has no end in touches no box of the layer.
        for (source, target), route in zip(edges, layout.routes, strict=True):
            if layout.layers[source] < layer < layout.layers[target]:
                (x,) = {float(x) for x, y in route if top <= y <= bottom}
                assert all(x < a or x > b for a, b in boxes)


@given(graphs())
def test_routes_lead_from_box_to_box_downwards(
    graph: tuple[list[tuple[float, float]], list[tuple[int, int]]],
) -> None:
    sizes, edges = graph
    layout = lay_out_graph(sizes, edges)
    for (source, target), route in zip(edges, layout.routes, strict=True):
        top = layout.bands[layout.layers[source], 0]
        assert route[0] == pytest.approx([layout.centres[source], top + sizes[source][1]])
        end = [layout.centres[target], layout.bands[layout.layers[target], 0]]
        assert route[-1] == pytest.approx(end)
        assert (np.diff(route[:, 1]) >= -1e-9).all()
        assert len(route) % 2 == 0


@given(graphs(), st.floats(20, 300))
def test_pages_hold_every_layer_once_and_fit(
    graph: tuple[list[tuple[float, float]], list[tuple[int, int]]], height: float
) -> None:
    layout = lay_out_graph(*graph)
    runs = pages(layout, height)
    assert [layer for first, last in runs for layer in range(first, last)] == list(
        range(len(layout.bands))
    )
    for first, last in runs:
        assert first < last
        if last - first > 1:
            # The gap below a run's last layer may be the one that no longer fits.
            assert layout.bands[last - 1, 1] - layout.bands[first, 0] <= height + 1e-6


def test_a_page_ends_where_one_edge_crosses() -> None:
    # Two diamonds in a row: the even cut is at the waist between them.
    edges = [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4), (4, 5), (4, 6), (5, 7), (6, 7)]
    assert pages(lay_out_graph([SIZE] * 8, edges), 80) == [(0, 3), (3, 6)]
    assert pages(lay_out_graph([SIZE] * 8, edges), 500) == [(0, 6)]


@pytest.mark.parametrize("edges", [[(1, 0)], [(0, 0)], [(0, 2)]])
def test_edges_that_lead_nowhere_or_back_are_refused(edges: list[tuple[int, int]]) -> None:
    with pytest.raises(ReportError, match="later ones"):
        lay_out_graph([SIZE] * 2, edges)
    with pytest.raises(ReportError, match="0 boxes"):
        lay_out_graph([], [])
