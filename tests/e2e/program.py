"""A program under test: a process on an X display, driven with keys and mouse as a person would."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from tests.e2e.x_display import XDisplay

T = TypeVar("T")

TIMEOUT_S = 60.0
"""How long a wait lasts at most; only a failing test waits that long."""

_POLL_S = 0.05
_LEFT_BUTTON = 1


def ordermode_command(state_dir: Path, *arguments: str) -> list[str]:
    """Return the command of the installed `ordermode`, with a state folder of its own."""
    installed = Path(sys.executable).with_name("ordermode")
    return [str(installed), "--state-dir", str(state_dir), *arguments]


class Program:
    """A program on a display: started, driven, killed, started again.

    Parameters
    ----------
    display : XDisplay
        The display that its window opens on. One program a display, so that the keys reach it.
    command : sequence of str
        The program and its arguments.
    title : str
        Regular expression that the title of its main window matches.
    log : Path
        The file that takes what it prints, over all its starts.
    """

    def __init__(self, display: XDisplay, command: Sequence[str], *, title: str, log: Path) -> None:
        self.display = display
        self._command = list(command)
        self._title = title
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self.window = 0
        """The X id of its window; 0 before `start`."""

    def start(self) -> None:
        """Start it, wait for its window and give that the keyboard."""
        environment = {**os.environ, "DISPLAY": self.display.name, "QT_QPA_PLATFORM": "xcb"}
        environment.pop("WAYLAND_DISPLAY", None)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.window = self.wait_until(self._find_window, f"a window named {self._title!r}")
        self.focus()

    def _find_window(self) -> int:
        try:
            found = self.display.xdotool("search", "--onlyvisible", "--name", self._title)
        except subprocess.CalledProcessError:  # xdotool's word for "none"
            return 0
        return int(found.split()[0])

    def wait_until(self, condition: Callable[[], T], what: str, timeout_s: float = TIMEOUT_S) -> T:
        """Return what `condition` returns, as soon as that is true.

        Raises
        ------
        AssertionError
            If the time is over or the program has ended before; with what it printed.
        """
        assert self._process is not None, "the program was not started"
        deadline = time.monotonic() + timeout_s
        while not (answer := condition()):
            try:
                code = self._process.wait(_POLL_S)
            except subprocess.TimeoutExpired:
                late = time.monotonic() > deadline
                assert not late, f"no {what} within {timeout_s} s. It printed:\n{self.output()}"
            else:
                raise AssertionError(f"ended ({code}) before {what}. It printed:\n{self.output()}")
        return answer

    def output(self) -> str:
        """Return what it has printed so far, over all its starts."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def query(self, database: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query of one of its SQLite files, read as a bystander.

        A file or a table that is not there yet has no rows.
        """
        try:
            with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
                return connection.execute(sql, values).fetchall()
        except sqlite3.OperationalError as error:
            if any(reason in str(error) for reason in ("unable to open", "no such table")):
                return []
            raise

    def focus(self) -> None:
        """Give its window the keyboard; there is no window manager that would."""
        self.display.xdotool("windowfocus", self.window)
        self.wait_until(self._has_focus, "the keyboard focus")

    def _has_focus(self) -> bool:
        return int(self.display.xdotool("getwindowfocus", "-f")) == self.window

    def geometry(self) -> tuple[int, int, int, int]:
        """Return its window's left, top, width and height on the screen, in pixels."""
        lines = self.display.xdotool("getwindowgeometry", "--shell", self.window).splitlines()
        values = dict(line.split("=") for line in lines)
        return int(values["X"]), int(values["Y"]), int(values["WIDTH"]), int(values["HEIGHT"])

    def key_down(self, key: str) -> None:
        """Press a key, by its X name ("f", "ctrl", "Escape"), and keep it down."""
        self.display.xdotool("keydown", key)

    def key_up(self, key: str) -> None:
        """Let go of a key."""
        self.display.xdotool("keyup", key)

    def press(self, key: str) -> None:
        """Press a key, or several at once ("ctrl+q"), and let go."""
        self.display.xdotool("key", key)

    @contextmanager
    def hold(self, *keys: str) -> Iterator[None]:
        """Keep keys down while the block runs; the last one down is the first one up."""
        held: list[str] = []
        try:
            for key in keys:
                held.append(key)
                self.key_down(key)
            yield
        finally:
            for key in reversed(held):
                self.key_up(key)

    def move(self, x: int, y: int) -> None:
        """Move the mouse to a place in its window, in pixels from its top left."""
        self.display.xdotool("mousemove", "--window", self.window, x, y)

    def click(self, x: int, y: int, button: int = _LEFT_BUTTON) -> None:
        """Click at a place in its window."""
        self.move(x, y)
        self.display.xdotool("click", button)

    def drag(self, start: tuple[int, int], stop: tuple[int, int], steps: int = 10) -> None:
        """Drag with the left button from one place in its window to another."""
        self.move(*start)
        self.display.xdotool("mousedown", _LEFT_BUTTON)
        for step in range(1, steps + 1):
            x, y = (a + (b - a) * step // steps for a, b in zip(start, stop, strict=True))
            self.move(x, y)
        self.display.xdotool("mouseup", _LEFT_BUTTON)

    def wait_for_exit(self, timeout_s: float = TIMEOUT_S) -> int:
        """Return its exit code once it has ended by itself."""
        assert self._process is not None, "the program was not started"
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(
                f"still runs after {timeout_s} s. It printed:\n{self.output()}"
            ) from None

    def kill(self) -> None:
        """End it and all that it started at once, as `kill -9` does; nothing to do if it ended."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):  # it ended by itself, and so did its children
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
