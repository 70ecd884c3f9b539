"""One run of the whole workflow, and what Snakemake then plans after each kind of change."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from tests.end_to_end.checkout import LABELLED, RESULTS, TABLES, Checkout, tiny_tier

from nascast.spaces import registry as spaces
from nascast.tables import tidy

# What follows on each change, in the tiny tier: two tasks, two families, two shards.
REPORT = {"build_report": 1}
TABLES_ON = REPORT | {"make_table": 2}
SCORES_ON = TABLES_ON | {"score_predictions": 1}
PREDICTIONS_ON = SCORES_ON | {"evaluate_predictors": 4}
FAMILY_ON = SCORES_ON | {"evaluate_predictors": 2}
ENCODER_ON = FAMILY_ON | {"train_encoder": 1, "encode_traces": 1}
TRACES_ON = PREDICTIONS_ON | ENCODER_ON | {"evaluate_predictors": 4}
TRACES_ON |= {"trace_networks": 2, "summarise_traces": 1}


class Page(HTMLParser):
    """Counts elements and keeps the addresses that a page would load something from."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.counts[tag] = self.counts.get(tag, 0) + 1
        loading = "href" if tag == "link" else "src"
        self.loads += [value or "" for name, value in attrs if name == loading]


def test_every_table_is_there_and_whole(finished: Checkout) -> None:
    folder = finished.root / RESULTS / "tables"
    endings = ("csv", "html", "md", "tex")
    assert {path.name for path in folder.iterdir()} == {
        f"{name}.{ending}" for name in TABLES for ending in endings
    }
    for name in TABLES:
        table = tidy.table_from_csv((folder / f"{name}.csv").read_text())
        tau = table[table["metric"] == "kendall_tau"]
        assert set(tau["source"].dropna()) >= {"minibench"}
        assert tau["value"].dropna().between(-1, 1).all()
        for ending in endings[1:]:
            text = (folder / f"{name}.{ending}").read_text()
            assert "NAP2" in text
            assert "nan" not in re.findall(r"[\w-]+", text.lower())


def test_the_families_need_no_labels(finished: Checkout) -> None:
    count = len(spaces.names())
    jobs = {"describe_networks": count, "draw_family": count, "compare_families": 1, "families": 1}
    assert finished.planned("families") == jobs


def test_every_method_of_the_experiment_has_a_value(finished: Checkout) -> None:
    table = tidy.table_from_csv(
        (finished.root / RESULTS / "tables" / "nap2_table4.csv").read_text()
    )
    tau = table[(table["metric"] == "kendall_tau") & (table["source"] == "minibench")]
    methods = tiny_tier()["experiments"]["nap2"]["predictors"]
    assert set(tau["row"]) == set(methods)
    assert len(tau) == len(methods) * 2  # budgets
    assert set(tau["n"]) == {6}


def test_transfer_covers_every_ordered_pair(finished: Checkout) -> None:
    path = finished.root / RESULTS / "tables" / "nap2_transfer.csv"
    table = tidy.table_from_csv(path.read_text())
    tau = table[(table["metric"] == "kendall_tau") & (table["row"] == "NAP2")]
    assert set(zip(tau["context"], tau["column"], strict=True)) == {
        ("in-domain" if source == target else f"from nasbench201-{source}", f"nasbench201-{target}")
        for source in LABELLED
        for target in LABELLED
    }
    assert tau["value"].notna().all()


def test_the_report_stands_alone(finished: Checkout) -> None:
    page = Page()
    page.feed((finished.root / RESULTS / "report.html").read_text())
    assert page.counts["table"] >= len(TABLES)
    assert page.counts["svg"] >= 6
    assert all(address.startswith("data:") for address in page.loads)


def test_every_job_has_a_log_and_a_benchmark(finished: Checkout) -> None:
    results = finished.root / RESULTS
    logs = {path.relative_to(results / "logs").with_suffix("") for path in files(results / "logs")}
    timed = files(results / "benchmarks")
    assert {path.relative_to(results / "benchmarks").with_suffix("") for path in timed} == logs
    assert len(logs) == 16
    assert all(float(pd.read_csv(path, sep="\t").loc[0, "s"]) > 0 for path in timed)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_second_run_does_nothing_and_soon(finished: Checkout) -> None:
    start = time.monotonic()
    output = finished.snakemake("tables", "--cores", "2")
    assert "Nothing to be done" in output
    assert time.monotonic() - start < 10


def test_a_moved_checkout_is_up_to_date(clone: Checkout) -> None:
    assert clone.planned("tables") == {}


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("traces/statistics.py", TRACES_ON),
        ("predictors/trace_encoder.py", ENCODER_ON),
        ("predictors/nap2.py", FAMILY_ON),
        ("predictors/learning_curve.py", FAMILY_ON),
        ("evaluation/scores.py", SCORES_ON),
        ("tables/render.py", TABLES_ON),
        ("report/sections.py", REPORT),
    ],
)
def test_an_edit_reruns_the_stages_that_import_it(
    clone: Checkout, module: str, expected: dict[str, int]
) -> None:
    append(clone, f"workflow/nascast/{module}", "\nEDITED = True\n")
    assert clone.planned("tables") == expected


def test_an_edited_script_reruns_its_stage(clone: Checkout) -> None:
    append(clone, "workflow/scripts/summarise_traces.py", "\nEDITED = True\n")
    assert clone.planned("tables") == PREDICTIONS_ON | {"summarise_traces": 1}


def test_comments_rerun_nothing(clone: Checkout) -> None:
    code = sorted((clone.root / "workflow").rglob("*.py"))
    assert len(code) > 80
    for path in code:
        append(clone, path, "\n# A remark.\n")
    assert clone.planned("tables") == {}


def append(checkout: Checkout, path: Path | str, text: str) -> None:
    with (checkout.root / path).open("a") as file:
        file.write(text)


def test_published_values_belong_to_the_tables(clone: Checkout) -> None:
    append(clone, "workflow/nascast/tables/published/nap2.csv", "\n")
    assert clone.planned("tables") == TABLES_ON


def test_a_setting_reruns_what_it_decides(clone: Checkout) -> None:
    settings = tiny_tier()
    settings["tables"]["nap2_table4"]["title"] = "Another title"
    clone.configure(settings)
    assert clone.planned("tables") == REPORT | {"make_table": 1}


def test_a_further_network_keeps_the_full_shards(clone: Checkout) -> None:
    settings = tiny_tier()
    settings["protocols"]["sgd"]["networks"] = 13
    clone.configure(settings)
    assert clone.planned("tables")["trace_networks"] == 1


@pytest.mark.parametrize("table", TABLES)
def test_a_table_alone_plans_no_other(finished: Checkout, table: str) -> None:
    forced = finished.planned(table, "--forceall")
    everything = TRACES_ON | {"prepare_images": 1, "collect_labels": 1, "measure_sizes": 1}
    del everything["build_report"]
    assert forced == everything | {"make_table": 1, table: 1}


def test_wrong_settings_are_named(clone: Checkout) -> None:
    path = clone.root / "config" / "config.yaml"
    path.write_text(path.read_text().replace("steps: 4", "steps: many").replace("C:", "D:"))
    output = clone.snakemake("-n", "tables", expect=1)
    assert "ConfigError" in output
    assert "protocols.sgd.steps: Input should be a valid integer" in output
    assert "Traceback" not in output


def test_an_unknown_predictor_is_named_even_if_all_files_are_there(clone: Checkout) -> None:
    path = clone.root / "config" / "config.yaml"
    path.write_text(path.read_text().replace("- SoTL-E", "- SoTLE"))
    output = clone.snakemake("-n", "tables", expect=1)
    assert "unknown predictor 'SoTLE': did you mean 'SoTL-E'" in output


def test_missing_labels_fail_in_one_line(clone: Checkout) -> None:
    (clone.root / "resources" / "minibench" / "nasbench201" / "digits" / "shard=0.parquet").unlink()
    (
        clone.root / "resources" / "minibench" / "nasbench201" / "scenes10" / "shard=0.parquet"
    ).unlink()
    target = str(RESULTS / "labels" / "nasbench201.parquet")
    output = clone.snakemake(target, "--cores", "1", expect=1)
    assert (
        len(re.findall("nascast: error in collect_labels: no labels of nasbench201", output)) == 1
    )
    assert "Traceback" not in output
    assert "no labels" in (clone.root / RESULTS / "logs/collect_labels/nasbench201.log").read_text()


def test_a_predictor_of_another_distribution_joins_the_run(clone: Checkout, tmp_path: Path) -> None:
    library = clone.root / "workflow"
    (library / "extra_predictor.py").write_text(PREDICTOR)
    (library / "extra-1.0.dist-info").mkdir()
    (library / "extra-1.0.dist-info" / "METADATA").write_text("Name: extra\nVersion: 1.0\n")
    points = "[nascast.predictors]\nlast step = extra_predictor:LastStep\n"
    (library / "extra-1.0.dist-info" / "entry_points.txt").write_text(points)
    settings = tiny_tier()
    settings["experiments"]["nap2"]["predictors"].append("last step")
    clone.configure(settings)
    assert clone.planned("tables") == FAMILY_ON


PREDICTOR = """
from nascast.predictors.learning_curve import LearningCurveScore

class LastStep(LearningCurveScore):
    name = "last step"
    needs = frozenset({"step_losses"})
    reference = "a test"

    def score(self, query):
        return -query.feature("step_losses")[:, -1]
"""
