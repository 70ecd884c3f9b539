from __future__ import annotations

from pathlib import Path

import pandas as pd

from nascast.stages.proxies import measured_run


def test_a_run_knows_its_tasks(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    pd.DataFrame({"row": ["snip"], "column": ["cells-discs"]}).to_csv(path, index=False)
    plain = {"labels": "real", "stands_for": "", "substitute": ""}
    tasks = {
        "cells-discs": plain | {"labels": "minibench", "stands_for": "cells-photos"},
        "cells-rings": plain | {"substitute": "other rings"},
    }
    run = measured_run([path], tasks, comparable=True)
    assert run.measured() == ["cells-discs"]
    assert run.sources == {"cells-discs": "minibench", "cells-rings": "real"}
    assert run.stands_for == {"cells-discs": "cells-photos"}
    assert run.substitutes == {"cells-rings": "other rings"}
    assert run.comparable
    assert run.place("cells-photos") == ("cells-discs", "minibench")
    assert not measured_run([], tasks).measured()
