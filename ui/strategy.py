"""A strategy in a file of the user's own, run beside the chart on the same EMS."""

import inspect
import runpy
import sys
import traceback
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from ems.embedded import Ems
from ems.errors import EmsError
from ems.trading_client import TradingClient
from order_mode.chart_port import Level

Note: TypeAlias = Callable[[str, Level], None]


class Strategy(msgspec.Struct, frozen=True):
    """What a file has to run."""

    name: str
    main: Callable[[TradingClient], Coroutine[Any, Any, None]]


def load_strategy(file: Path) -> Strategy:
    """Return the strategy in a Python file: its ``async def main(client)``.

    Raises
    ------
    EmsError
        If there is none, or the file cannot be run; the text says where it fails.
    """
    if not file.is_file():
        raise EmsError(f"there is no file {file} to run")
    sys.path.insert(0, str(file.parent.resolve()))  # as `python FILE` does
    try:
        names = runpy.run_path(str(file), run_name="ordermode_strategy")
    except Exception as error:
        raise EmsError(f"{file} cannot be run: {_where(error, file)}") from error
    main = names.get("main")
    if not inspect.iscoroutinefunction(main):
        raise EmsError(f"{file} has no `async def main(client)` to run")
    return Strategy(file.name, main)


async def run_strategy(strategy: Strategy, ems: Ems, note: Note) -> None:
    """Run it until it returns or is cancelled; the user is told of its start and its end."""
    async with TradingClient(ems) as client:
        note(f"{strategy.name} runs", "info")
        try:
            await strategy.main(client)
        except EmsError as error:
            note(f"{strategy.name} has stopped: {error}", "error")
        except Exception as error:
            note(f"{strategy.name} has crashed: {error!r}", "error")
            raise
        else:
            note(f"{strategy.name} has ended", "info")


def _where(error: Exception, file: Path) -> str:
    """Return the error with the line of the file that it comes from."""
    if isinstance(error, SyntaxError):
        return f"line {error.lineno}: {error.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(file)]
    return f"line {lines[-1]}: {error!r}" if lines else repr(error)
