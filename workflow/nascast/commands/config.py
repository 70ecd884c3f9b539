"""``nascast config``: writes the shipped settings, or checks a file of them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

_CONFIG = Path("config")
_FAILURE = 1


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    config = commands.add_parser(
        "config",
        help="write the shipped settings, or check a file of yours",
        description="Write the settings of the shipped tiers, or check a file of settings.",
    )
    actions = config.add_subparsers(required=True, metavar="ACTION")
    write = actions.add_parser(
        "write",
        help="write the shipped tiers and the schema",
        description="Write the shipped tiers (config.yaml, tabular.yaml, paper.yaml) and "
        "schema.json, over files of these names.",
    )
    write.add_argument(
        "--to",
        type=Path,
        default=_CONFIG,
        metavar="DIR",
        help=f"folder to write to (default: {_CONFIG})",
    )
    write.set_defaults(run=_write)
    check = actions.add_parser(
        "check",
        help="say whether a file of settings is valid",
        description="Check a file of settings: print OK, or everything that is wrong.",
    )
    check.add_argument("file", type=Path, metavar="FILE", help="YAML file of a tier")
    check.set_defaults(run=_check)


def _write(options: argparse.Namespace) -> int:
    import json

    from nascast.config import schema, to_yaml
    from nascast.io.atomic import atomic_write_text
    from nascast.tiers import HEADINGS, TIERS

    texts = {f"{name}.yaml": to_yaml(make(), HEADINGS[name]) for name, make in TIERS.items()}
    texts["schema.json"] = json.dumps(schema(), indent=1) + "\n"
    for name, text in texts.items():
        atomic_write_text(options.to / name, text)
        print(options.to / name)
    return 0


def _check(options: argparse.Namespace) -> int:
    from nascast.config import load
    from nascast.predictors import registry
    from nascast.sections import ConfigError

    try:
        config = load(options.file)
    except ConfigError as error:  # one line a setting that is wrong, so not main's single line
        print(f"nascast: error: {error}", file=sys.stderr)
        return _FAILURE
    for experiment in config.experiments.values():
        for predictor in experiment.predictors:
            registry.module_of(predictor)
    counts = f"{len(config.experiments)} experiments, {len(config.tables)} tables"
    print(f"{options.file}: OK (tier {config.tier}, {counts})")
    return 0
