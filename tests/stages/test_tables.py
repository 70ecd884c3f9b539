"""A table is written in every form, one below the other where it has several layouts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from nascast.stages.tables import write_table
from nascast.tables import tidy
from nascast.tables.layout import lay_out


def test_all_forms_hold_all_layouts(tmp_path: Path) -> None:
    cell = {"row": "snip", "column": "cells-discs", "metric": "kendall_tau", "budget": 10}
    cell |= {"context": "zero-shot", "settings": "published", "value": 0.25, "source": "real"}
    table = tidy.tidy_table(pd.DataFrame([cell]))
    first = lay_out(table, title="The first")
    output = {ending: tmp_path / f"t.{ending}" for ending in ("csv", "md", "tex", "html")}
    write_table("t", table, [first, replace(first, title="The second")], output)
    assert tidy.table_from_csv(output["csv"].read_text()).equals(table)
    for ending in ("md", "tex", "html"):
        text = output[ending].read_text()
        assert text.index("The first") < text.index("The second")
        assert text.count("0.250") == 2
    assert 'id="t-2"' in output["html"].read_text()
    assert "tab:t-1" in output["tex"].read_text()
