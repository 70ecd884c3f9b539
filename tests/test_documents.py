"""What the documents say can be done can be done as they say it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    ROOT / "README.md",
    *sorted((ROOT / "config").glob("*")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "resources").rglob("*.md")),
    *sorted((ROOT / "docs" / "results").glob("*.json")),
]
# Each takes every word behind it, up to the next flag.
GREEDY = r"--(?:configfiles?|config|forcerun|until|omit-from)"
COMMANDS = re.compile(r"snakemake [^\n`\"]*")


def swallowed(command: str) -> list[str]:
    """Return the words that a flag of a snakemake command takes although they look like targets."""
    found = []
    for arguments in re.findall(rf"{GREEDY}((?: (?!-)\S+)+)", command):
        words = arguments.split()
        found += [word for word in words[1:] if re.fullmatch(r"[a-z][a-z0-9_]*", word)]
    return found


def test_a_swallowed_target_is_noticed() -> None:
    assert swallowed("snakemake --cores 2 --configfile config/tabular.yaml tables") == ["tables"]
    assert not swallowed("snakemake tables --cores 2 --configfile config/tabular.yaml")
    assert not swallowed("snakemake tables --configfile config/tabular.yaml --cores 2")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_command_hands_a_target_to_a_flag(path: Path) -> None:
    for command in COMMANDS.findall(path.read_text()):
        assert not swallowed(command), f"{path.name}: put the target first in `{command}`"
