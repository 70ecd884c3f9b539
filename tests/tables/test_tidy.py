"""Tidy tables: schema, round trip, and the verdict on every published value."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nascast.tables import tidy

CELL = {
    "row": "SoTL-E",
    "column": "nasbench201-cifar10",
    "metric": "kendall_tau",
    "budget": 100,
    "train_size": 300,
    "context": "in-domain",
    "settings": "published",
    "value": 0.5,
    "ci_low": 0.45,
    "ci_high": 0.55,
    "n": 400,
    "seeds": 3,
    "source": "real",
}


def table_of(*changes: dict) -> pd.DataFrame:
    return tidy.tidy_table(pd.DataFrame([CELL | change for change in changes]))


def published_of(value: float | None, **changes) -> pd.DataFrame:
    key = {name: CELL[name] for name in tidy.PUBLISHED_KEY}
    row = {"table": "t", **key, "value": value, "note": "", "where": "somewhere", **changes}
    return pd.DataFrame([row])


def verdict_of(table: pd.DataFrame, published: pd.DataFrame, **options) -> str | None:
    options = {"comparable": True} | options
    verdict = tidy.merge_published(table, published, **options)["verdict"].iloc[0]
    return None if pd.isna(verdict) else verdict


def test_columns_are_ordered_typed_and_filled():
    table = tidy.tidy_table(pd.DataFrame([dict(reversed(CELL.items()))]))
    assert list(table.columns) == list(tidy.DTYPES)
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == dict(tidy.DTYPES)
    assert table[["published", "verdict"]].isna().all(axis=None)


missing_changes = {"value": np.nan, "ci_low": np.nan, "ci_high": np.nan, "source": "missing: x"}


@given(
    st.lists(
        st.tuples(
            st.text("abcDEF ,\"'_%&é", min_size=1, max_size=8).filter(str.strip),
            st.none() | st.integers(0, 5000),
            st.none() | st.floats(-1, 1).map(lambda value: float(f"{value:.4g}")),
        ),
        min_size=1,
        max_size=6,
        unique_by=lambda cell: cell[:2],
    )
)
def test_csv_round_trip(cells):
    rows = [
        {
            "row": f"m{row}",
            "budget": budget,
            "value": value,
            "ci_low": None,
            "ci_high": None,
            "source": "missing: a, b" if value is None else "real",
        }
        for row, budget, value in cells
    ]
    table = table_of(*rows)
    text = tidy.table_to_csv(table)
    pd.testing.assert_frame_equal(tidy.table_from_csv(text), table)
    assert tidy.table_to_csv(tidy.table_from_csv(text)) == text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"row": None}, "row is empty"),
        ({"source": "somewhere"}, "source must be"),
        ({"source": "missing: labels"}, "a missing cell has a value"),
        ({"verdict": "fine"}, "unknown verdict"),
        ({"ci_low": 0.6, "ci_high": 0.4}, "upside down"),
        ({"colour": "red"}, "no columns colour"),
    ],
)
def test_broken_tables_are_refused(change, message):
    with pytest.raises(tidy.TableError, match=message):
        table_of(change)


def test_a_cell_stands_once():
    with pytest.raises(tidy.TableError, match=r"twice.*SoTL-E"):
        table_of({}, {"value": 0.7})
    with pytest.raises(tidy.TableError, match="twice"):
        table_of({"budget": None}, {"budget": None})


def test_other_columns_or_types_are_refused():
    table = table_of({})
    with pytest.raises(tidy.TableError, match="has the columns"):
        tidy.validate_table(table.drop(columns="n"))
    with pytest.raises(tidy.TableError, match="the columns n of a tidy table have other types"):
        tidy.validate_table(table.assign(n=1.5))


@pytest.mark.parametrize(
    ("published", "verdict"),
    [(0.48, "match"), (0.45, "match"), (0.40, "above"), (0.60, "below"), (None, None)],
)
def test_verdict_against_the_interval(published, verdict):
    assert verdict_of(table_of({}), published_of(published)) == verdict


def test_verdict_where_there_is_nothing_to_compare():
    published = published_of(0.48)
    missing = table_of(missing_changes)
    assert verdict_of(missing, published) == "cited"
    assert verdict_of(missing, published_of(None)) == "missing"
    assert verdict_of(missing, published, comparable=False) == "missing"
    assert verdict_of(table_of({}), published, comparable=False) == "not comparable"
    assert verdict_of(table_of({"source": "minibench"}), published) == "not comparable"
    without_interval = table_of({"ci_low": np.nan, "ci_high": np.nan})
    assert verdict_of(without_interval, published) == "not comparable"


def test_a_stand_in_shows_the_published_value_but_is_never_compared():
    stands_for = {"nasbench201-scenes10": "nasbench201-cifar10"}
    table = table_of({"column": "nasbench201-scenes10"})
    merged = tidy.merge_published(table, published_of(0.48), comparable=True, stands_for=stands_for)
    assert merged.loc[0, "published"] == 0.48
    assert merged.loc[0, "verdict"] == "not comparable"
    assert merged.loc[0, "column"] == "nasbench201-scenes10"


@pytest.mark.parametrize("name", tidy.PUBLISHED_KEY)
def test_published_values_belong_to_one_cell(name):
    other = 7 if name == "budget" else "another"
    merged = tidy.merge_published(
        table_of({}), published_of(0.48, **{name: other}), comparable=True
    )
    assert np.isnan(merged.loc[0, "published"])


def test_published_values_without_budget_match_cells_without_budget():
    merged = tidy.merge_published(
        table_of({"budget": None}), published_of(0.48, budget=None), comparable=True
    )
    assert merged.loc[0, "verdict"] == "match"


def test_published_values_may_belong_to_one_training_size():
    published = pd.concat([published_of(0.48, train_size=300), published_of(0.9, train_size=1000)])
    table = table_of({}, {"train_size": 1000}, {"train_size": 50})
    merged = tidy.merge_published(table, published, comparable=True)
    assert merged["published"].tolist()[:2] == [0.48, 0.9]
    assert np.isnan(merged.loc[2, "published"])
    unsized = tidy.merge_published(table, published_of(0.48), comparable=True)
    assert unsized["published"].tolist() == [0.48] * 3


def test_nap2_values_are_the_public_ones():
    published = tidy.load_published("nap2")
    assert tuple(published.columns) == tidy.PUBLISHED_COLUMNS
    known = published.dropna(subset="value").set_index("table")["value"].to_dict()
    assert known == {"nap2_table4": 0.48, "nap2_appendix_i": 0.665, "nap2_appendix_j": 0.564}
    assert published["where"].notna().all()
    assert published.loc[published["value"].isna(), "note"].str.contains("not public").all()
    with pytest.raises(tidy.TableError, match="'nap3'"):
        tidy.load_published("nap3")
