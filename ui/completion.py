"""What makes a shell complete the words of the command line."""

from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from pathlib import Path

import shtab

from ui.command_line import make_parser


def script(shell: str) -> str:
    """Return the completion script of a shell, one of `ui.upkeep_commands.SHELLS`."""
    parser = make_parser()
    for one in _parsers(parser):
        for action in one._actions:  # argparse has no public list of them
            if action.type is Path:
                kind = shtab.DIRECTORY if action.metavar == "DIR" else shtab.FILE
                action.complete = kind  # type: ignore[attr-defined]
    return shtab.complete(parser, shell=shell)


def _parsers(parser: ArgumentParser) -> Iterator[ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            for one in action.choices.values():
                yield from _parsers(one)
