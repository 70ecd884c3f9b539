"""The ``nascast`` command. Each subcommand imports what it needs, so that starting stays fast."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

import nascast
from nascast.commands import config, explain, rank, sources, table
from nascast.errors import NascastError

_FAILURE = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    0 done, 1 failed or interrupted, 2 wrong usage (argparse), 3 done in part (``rank``).
    """
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except NascastError as error:
        print(f"nascast: error: {' '.join(str(error).split())}", file=sys.stderr)
        return _FAILURE
    except BrokenPipeError:  # the reader of our output has seen enough, as in `nascast ... | head`
        sys.stderr.close()
        return _FAILURE
    except KeyboardInterrupt:
        print("nascast: interrupted; the same command goes on from here", file=sys.stderr)
        return _FAILURE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nascast", description=nascast.__doc__)
    parser.add_argument("--version", action="version", version=f"nascast {nascast.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (rank, explain, sources, config, table):
        command.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
