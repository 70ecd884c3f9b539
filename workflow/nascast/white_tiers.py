"""What the tiers share about White et al. 2021: its tables and figures, filled from grids."""

from __future__ import annotations

from collections.abc import Sequence

from nascast.table_sections import GridFigure, GridMetric, GridTable

_METRICS: dict[str, tuple[GridMetric, str]] = {
    "white_kendall": ("kendall_tau", "Kendall tau"),
    "white_sparse": ("sparse_kendall_tau", "sparse Kendall tau"),
    "white_pearson": ("pearson", "Pearson r"),
    "white_spearman": ("spearman", "Spearman rho"),
}


def grid_tables(grids: Sequence[str], show: Sequence[Sequence[int]]) -> dict[str, GridTable]:
    """Return the tables of predictors on networks drawn at random.

    Args:
        grids: that fill them; a task is shown from the first one that has it.
        show: cells that are rendered, (labelled networks, query budget).
    """
    tables = {
        name: _table(grids, show, f"White et al. 2021, {words}", metric)
        for name, (metric, words) in _METRICS.items()
    }
    tables["white_omni_ablation"] = GridTable(
        grids=list(grids),
        layout="ablation",
        show=[list(cell) for cell in show],
        title="White et al. 2021, OMNI and its ablations, Kendall tau",
    )
    return tables


def mutation_tables(grids: Sequence[str], show: Sequence[Sequence[int]]) -> dict[str, GridTable]:
    """Return the table of the second protocol: test and training sets made by mutation.

    Args:
        grids: as in :func:`grid_tables`, with ``sampling: mutation``.
        show: cells that are rendered.
    """
    title = "White et al. 2021, Kendall tau, sets made by mutation"
    return {"white_mutation": _table(grids, show, title, "kendall_tau")}


def _table(
    grids: Sequence[str], show: Sequence[Sequence[int]], title: str, metric: GridMetric
) -> GridTable:
    return GridTable(
        grids=list(grids), metric=metric, show=[list(cell) for cell in show], title=title
    )


def grid_figures(grids: Sequence[str]) -> dict[str, GridFigure]:
    """Return the figure of the winners over initialisation and query budget."""
    title = "White et al. 2021, the best predictor by initialisation and query budget"
    return {"white_tau_surface": GridFigure(grids=list(grids), title=title)}
