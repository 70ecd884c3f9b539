"""Copy finished tables with their origin to ``docs/results`` and render ``docs/results.md``.

Run by ``make results``. Results are not committed; these compact copies are.
"""

import json
import shutil
import sys
from pathlib import Path

import pandas as pd
import yaml

from nascast.io.atomic import atomic_write_text
from nascast.io.hashing import hash_file
from nascast.ranking.known import COLUMNS, FILE
from nascast.tasks import registry

RESULTS, DOCS = Path("results"), Path("docs")
# The mini tier's tables are made in minutes on any machine; only what takes hours is kept.
TIER = "tabular"
CHECKPOINTS = Path("resources/models")
PROXIES = "mini/scores/proxies-zero_cost.csv"
KNOWN_PROXIES = Path("workflow/nascast/ranking") / FILE
# Measured tables that belong to no experiment, by their name in docs/results.
MEASURED = {
    "minibench_reliability.csv": "mini/tables/minibench_reliability.csv",
    "snap_r_selection.csv": f"{TIER}/snap_r/selection.csv",
    "snap_r_zero_shot.csv": f"{TIER}/snap_r/zero_shot.csv",
    "snap_table8.csv": f"{TIER}/tables/snap_table8.csv",
}


def publish_tables() -> list[Path]:
    """Copy the tidy tables of the tier, and say what they were made from."""
    folder = DOCS / "results"
    folder.mkdir(parents=True, exist_ok=True)
    config = yaml.safe_load(Path(f"config/{TIER}.yaml").read_text())
    declared = {*config["tables"], *config.get("searches", {})}
    copied = []
    for table in sorted((RESULTS / TIER / "tables").glob("*.csv")):
        # The overview of the families is no table of an experiment.
        if table.stem in declared:
            shutil.copyfile(table, folder / table.name)
            copied.append(folder / table.name)
    if not copied:
        sys.exit(
            f"nascast: error: {RESULTS / TIER}/tables holds no table; make them with "
            f"`snakemake tables --cores 2 --configfile config/{TIER}.yaml`"
        )
    origin = {
        "command": f"snakemake tables --cores 2 --configfile config/{TIER}.yaml",
        "tables": {path.name: hash_file(path) for path in copied},
        "config": f"config/{TIER}.yaml",
        "protocols": config["protocols"],
        "experiments": config["experiments"],
    }
    atomic_write_text(folder / "origin.json", json.dumps(origin, indent=1) + "\n")
    return copied


def publish_measured() -> None:
    """Copy what was measured beside the experiments, as far as it was."""
    for name, path in MEASURED.items():
        measured = RESULTS / path
        if measured.is_file():
            shutil.copyfile(measured, DOCS / "results" / name)


def publish_proxies() -> None:
    """Write what the library knows of zero-cost proxies, if the mini tier's were scored."""
    path = RESULTS / PROXIES
    if not path.is_file():
        return
    tasks = yaml.safe_load(Path("config/config.yaml").read_text())["tasks"]
    scores = pd.read_csv(path)
    known = compact_proxies(scores, {name: task["label_task"] for name, task in tasks.items()})
    atomic_write_text(KNOWN_PROXIES, known.to_csv(index=False, float_format="%.4g"))


def compact_proxies(scores: pd.DataFrame, label_tasks: dict[str, str]) -> pd.DataFrame:
    """Return one row a (proxy, classification task): Spearman correlation and seconds a network.

    A proxy that says the same of every network ranks none: its correlation counts as 0.
    """
    kept = scores[
        scores["column"].map(lambda name: registry.create(label_tasks[name]).is_classification)
    ]
    parts = {
        metric: kept[kept["metric"] == metric].set_index(["row", "column"])
        for metric in ("spearman", "seconds")
    }
    found = parts["spearman"].assign(
        spearman=parts["spearman"]["value"], seconds=parts["seconds"]["value"]
    )
    found = found.fillna({"spearman": 0.0}).reset_index()
    return found.rename(columns={"row": "proxy", "column": "task"})[list(COLUMNS)]


def publish_checkpoints() -> None:
    """Copy finished checkpoints with their cards."""
    for path in sorted((RESULTS / TIER / "checkpoints").glob("nap2-*")):
        CHECKPOINTS.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, CHECKPOINTS / path.name)


def render_page(tables: list[Path]) -> str:
    """Return ``docs/results.md``: every table as Markdown, from the committed CSV alone."""
    parts = [
        "# Results",
        "Written by `make results` from `docs/results/*.csv`; a test fails when they drift.",
        f"Command: `snakemake tables --cores 2 --configfile config/{TIER}.yaml`. Kendall tau on "
        "held-out networks, mean over folds and seeds; 95% bootstrap interval over networks and "
        "seeds in brackets.",
    ]
    for path in tables:
        parts.append(f"## {path.stem}")
        parts.append(summarise(pd.read_csv(path)))
    return "\n\n".join(parts) + "\n"


def summarise(table: pd.DataFrame) -> str:
    """Return the headline metric of a tidy table, methods and contexts against budgets."""
    if (table["context"] == "zero-shot").all():
        return summarise_proxies(table)
    if (table["context"] == "search").all():
        return summarise_searches(table)
    if table.duplicated(["row", "column", "metric", "budget", "context", "settings"]).any():
        return summarise_grid(table)
    tau = table[(table["metric"] == "kendall_tau") & table["value"].notna()]
    text = [
        f"{value:.3f} [{low:.3f}, {high:.3f}]"
        for value, low, high in zip(tau["value"], tau["ci_low"], tau["ci_high"], strict=True)
    ]
    single = tau["column"].nunique() == 1
    index = ["row"] if single else ["row", "context", "column"]
    if tau.duplicated([*index, "budget"]).any():
        index.append("settings")
    wide = tau.assign(text=text).pivot(index=index, columns="budget", values="text")
    order = tau.drop_duplicates(index).set_index(index).index
    networks = f"n = {int(tau['n'].max())}, seeds = {int(tau['seeds'].max())}"
    columns = "columns: query budgets, in mini-batches or, of published curves, epochs"
    shown = wide.loc[order].fillna("–")
    if not single or len(index) > 1:
        shown.index = pd.Index([", ".join(place) for place in shown.index], name=", ".join(index))
    return f"{networks}; {columns}\n\n" + shown.to_markdown()


def summarise_grid(table: pd.DataFrame) -> str:
    """Return the first metric of a table of grids, each method in its largest cell of a task."""
    metric = table["metric"].iloc[0]
    known = table[(table["metric"] == metric) & table["value"].notna()]
    last = (
        known.sort_values(["train_size", "budget"]).groupby(["row", "column"], sort=False).tail(1)
    )
    text = [
        f"{value:.3f} ({size} networks, budget {budget})"
        for value, size, budget in zip(
            last["value"], last["train_size"], last["budget"], strict=True
        )
    ]
    wide = last.assign(text=text).pivot(index="row", columns="column", values="text")
    wide = wide.loc[known["row"].unique(), known["column"].unique()]
    networks = f"n = {int(known['n'].max())}, seeds = {int(known['seeds'].max())}"
    return (
        f"{networks}; {metric} in the largest cell of each method\n\n"
        + wide.fillna("–").to_markdown()
    )


def summarise_proxies(table: pd.DataFrame) -> str:
    """Return what was measured of a table of proxies, with the published numbers in brackets."""
    compared = table.groupby("metric")["published"].transform("count") > 0
    measured = table.groupby(["metric", "column"])["value"].transform("count") > 0
    shown = table[compared & measured]
    if shown.empty:
        return "Nothing of this table was measured."
    text = [
        ("–" if pd.isna(value) else f"{value:.3g}")
        + ("" if pd.isna(published) else f" ({published:.3g})")
        for value, published in zip(shown["value"], shown["published"], strict=True)
    ]
    place = shown["metric"] + ", " + shown["column"]
    wide = shown.assign(text=text, place=place).pivot(index="row", columns="place", values="text")
    wide = wide.loc[shown["row"].unique(), place.unique()]
    networks = f"n = {int(shown['n'].max())}, seeds = {int(shown['seeds'].max())}"
    return f"{networks}; published numbers in brackets\n\n" + wide.fillna("–").to_markdown()


def summarise_searches(table: pd.DataFrame) -> str:
    """Return the regret of searches, methods against tasks and trained networks."""
    regret = table[(table["metric"] == "regret") & table["value"].notna()]
    if regret.empty:
        return "Nothing of this table was searched."
    text = [
        f"{value:.4f} [{low:.4f}, {high:.4f}]"
        for value, low, high in zip(
            regret["value"], regret["ci_low"], regret["ci_high"], strict=True
        )
    ]
    wide = regret.assign(text=text).pivot(index="row", columns=["column", "budget"], values="text")
    wide = wide.loc[regret["row"].unique()]
    wide.columns = [f"{column}, {budget}" for column, budget in wide.columns]
    size = f"n = {int(regret['n'].max())}, seeds = {int(regret['seeds'].max())}"
    return f"{size}; regret in the label's unit after so many trained networks\n\n" + (
        wide.to_markdown()
    )


def main() -> None:
    """Publish tables, checkpoints and the page."""
    tables = publish_tables()
    publish_checkpoints()
    publish_proxies()
    publish_measured()
    atomic_write_text(DOCS / "results.md", render_page(tables))
    print(f"{len(tables)} tables copied to {DOCS / 'results'}")


if __name__ == "__main__":
    main()
