"""The standing sections say what they were given."""

import pandas as pd
from tests.report.frames import TASKS, tidy_row
from tests.report.pages import Page

from nascast.report import sections
from nascast.report.html import PlainTable, Prose, Terms, render_report

RECORD = {
    "stage": "traces",
    "code_fingerprint": "0123456789abcdef",
    "config_hash": "fedcba9876543210",
    "versions": {"torch": "2.13.0", "python": "3.11.9"},
    "device": "cpu",
    "seed": 0,
}


def test_summary_states_the_run_and_its_command() -> None:
    box, command = sections.summary(
        tier="mini",
        tasks=TASKS,
        networks="60 cells",
        budgets=(10, 2300),
        labels="validation accuracy",
        seeds="two",
        commands=("make run",),
    )
    facts = dict(box.items)
    assert box.boxed
    assert facts["Tasks"] == ", ".join(TASKS)
    assert facts["Budgets"] == "10, 2,300 mini-batches of training"
    assert command.lines == ("make run",)


def test_how_to_read_takes_further_notes() -> None:
    section = sections.how_to_read(interval="90%", notes=("scenes10 stands for CIFAR-10.",))
    terms, prose = section.blocks
    assert isinstance(terms, Terms)
    assert "90% bootstrap" in dict(terms.items)["± and bands"]
    assert prose == Prose(("scenes10 stands for CIFAR-10.",))
    assert len(sections.how_to_read().blocks) == 1


def test_missing_cells_are_grouped_by_need() -> None:
    missing = {"value": float("nan"), "ci_low": float("nan"), "ci_high": float("nan")}
    rows = [tidy_row(f"M{index}", TASKS[0], 0.0) for index in range(8)]
    rows = [row | missing | {"source": "missing: images"} for row in rows]
    other = tidy_row("LCE-m", TASKS[0], 0.0) | missing | {"source": "missing: a predictor"}
    tables = {
        "first": pd.DataFrame([*rows, other]),
        "second": pd.DataFrame([other, tidy_row("NAP2", TASKS[0], 0.5)]),
    }
    section = sections.missing_cells(tables)
    assert section is not None
    (table,) = section.blocks
    assert isinstance(table, PlainTable)
    assert table.rows == (
        ("images", "8", "first", "M0, M1, M2, M3, M4, M5 and 2 more"),
        ("a predictor", "2", "first, second", "LCE-m"),
    )


def test_nothing_missing_is_no_section() -> None:
    assert sections.missing_cells({}) is None
    full = pd.DataFrame([tidy_row("NAP2", TASKS[0], 0.5)])
    assert sections.missing_cells({"full": full}) is None


def test_provenance_lists_equal_records_once() -> None:
    records = [RECORD, RECORD, RECORD | {"stage": "tables", "seed": None}]
    _, table = sections.provenance(records).blocks
    assert isinstance(table, PlainTable)
    versions = "python 3.11.9, torch 2.13.0"
    assert table.rows == (
        ("traces", "0123456789ab", "fedcba987654", "cpu", "0", versions),
        ("tables", "0123456789ab", "fedcba987654", "cpu", "–", versions),
    )


def test_sections_make_a_page() -> None:
    parts = (sections.how_to_read(), sections.provenance([RECORD]))
    page = Page(render_report("t", (), parts, "f"))
    assert page.problems == []
    assert page.count("th", scope="row") == 1
