"""A display for each test, and programs on it that never outlive it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.e2e.program import Program, ordermode_command
from tests.e2e.x_display import XDisplay


def _require_tools() -> None:
    missing = [tool for tool in ("Xvfb", "xdotool") if shutil.which(tool) is None]
    if not missing:
        return
    reason = f"{' and '.join(missing)} not installed: apt-get install xvfb xdotool"
    if "CI" in os.environ:  # there they must be, or the suite would pass without its last word
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def display(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[XDisplay]:
    """An X display of the test's own; its parameter, if it has one, is the size of the screen."""
    _require_tools()
    folder = tmp_path / "display"
    folder.mkdir()
    opened = XDisplay(folder, *getattr(request, "param", ()))
    yield opened
    opened.close()


@pytest.fixture
def start_program(
    request: pytest.FixtureRequest, display: XDisplay, tmp_path: Path
) -> Iterator[Callable[[Sequence[str], str], Program]]:
    """Start `(command, title)` and wait for its window; all of them are killed after the test.

    The last screen stays in the test's folder as `last.png`, for whoever has to find out why it
    failed; pytest keeps the folders of failed tests.
    """
    started: list[Program] = []

    def start(command: Sequence[str], title: str) -> Program:
        log = tmp_path / f"program{len(started)}.log"
        program = Program(display, command, title=title, log=log)
        started.append(program)
        program.start()
        return program

    yield start
    try:
        display.save_screenshot(tmp_path / "last.png")
    finally:
        for program in started:
            program.kill()


@pytest.fixture
def start_ordermode(
    start_program: Callable[[Sequence[str], str], Program], tmp_path: Path
) -> Callable[..., Program]:
    """Start the installed `ordermode` with these arguments and the state folder `tmp_path/state`.

    Its journal is the SQLite file `tmp_path/state/journal.sqlite`.
    """

    def start(*arguments: str) -> Program:
        return start_program(ordermode_command(tmp_path / "state", *arguments), "ordermode")

    return start
