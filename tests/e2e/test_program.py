"""The harness itself, tried on a small window: what a hand does arrives, and in order."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.e2e import key_and_click_window
from tests.e2e.program import Program
from tests.e2e.x_display import XDisplay

Events = list[tuple[str, str]]


class Window:
    """The small window as a program under test, and the events that it wrote."""

    def __init__(self, program: Program, database: Path) -> None:
        self.program = program
        self.database = database

    def events(self) -> Events:
        return self.program.query(self.database, "SELECT what, detail FROM event ORDER BY rowid")

    def wait_for(self, *expected: tuple[str, str]) -> None:
        self.program.wait_until(lambda: self.events() == list(expected), f"events {expected}")


@pytest.fixture
def window(start_program: Callable[[Sequence[str], str], Program], tmp_path: Path) -> Window:
    database = tmp_path / "events.sqlite"
    command = [sys.executable, key_and_click_window.__file__, str(database)]
    return Window(start_program(command, "keys and clicks"), database)


def test_a_held_key_and_a_click_arrive_in_order_and_where_they_were_made(window: Window) -> None:
    with window.program.hold("f"):
        window.program.click(120, 80)
    window.wait_for(
        ("start", ""),
        ("key down", "f"),
        ("click", "120 80"),
        ("let go", "120 80"),
        ("key up", "f"),
    )


def test_a_drag_starts_and_ends_where_it_was_told(window: Window) -> None:
    window.program.drag((10, 20), (210, 120))
    window.wait_for(("start", ""), ("click", "10 20"), ("let go", "210 120"))


def test_the_screenshot_shows_the_window_where_it_is(
    window: Window, display: XDisplay, tmp_path: Path
) -> None:
    left, top, width, height = window.program.geometry()
    assert (width, height) == (key_and_click_window.WIDTH, key_and_click_window.HEIGHT)

    def painted() -> bool:
        pixels = display.screenshot()[top : top + height, left : left + width]
        return bool((pixels == np.array(key_and_click_window.COLOR)).all())

    window.program.wait_until(painted, "window in its colour")
    display.save_screenshot(tmp_path / "screen.png")
    assert (tmp_path / "screen.png").read_bytes().startswith(b"\x89PNG")


def test_what_it_wrote_is_there_after_a_kill_and_it_starts_again(window: Window) -> None:
    window.program.press("d")
    window.wait_for(("start", ""), ("key down", "d"), ("key up", "d"))
    window.program.kill()
    window.program.start()
    window.wait_for(("start", ""), ("key down", "d"), ("key up", "d"), ("start", ""))


def test_the_exit_code_of_a_program_that_ends_by_itself(window: Window) -> None:
    window.program.press("ctrl+q")
    assert window.program.wait_for_exit() == key_and_click_window.CLOSE_CODE


def test_a_program_that_ends_early_fails_the_wait_with_what_it_printed(
    start_program: Callable[[Sequence[str], str], Program],
) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such market')"]
    with pytest.raises(AssertionError, match="no such market"):
        start_program(command, "never shown")
