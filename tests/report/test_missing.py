"""What is missing is said, in a panel that takes little room."""

from __future__ import annotations

from tests.report.pages import texts

from nascast.report.canvas import Figure
from nascast.report.missing import missing_panel, shown_title


def test_a_missing_panel_says_what_is_needed() -> None:
    panel = missing_panel("cells-rings", "missing: the rings", 400.0)
    assert panel.alt == "cells-rings: missing: the rings"
    assert panel.width == 400.0
    shown = texts(Figure("f", (panel,)).svg())
    assert {"cells-rings", "the rings"} <= set(shown)
    assert panel.height < 100


def test_a_stand_in_has_both_names() -> None:
    assert shown_title("cells-photos", "cells-discs") == "cells-discs for photos"
    assert shown_title("cells-photos", "cells-photos") == "cells-photos"
