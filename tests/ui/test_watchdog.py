"""The watchdog: when the EMS stops answering, where it stood, and that this is told later."""

import logging
import threading

import pytest

from ems.pulse import Pulse
from ui.status_bar import StatusBar
from ui.watchdog import Watchdog


class Clock:
    """A steady clock that a test moves."""

    def __init__(self) -> None:
        self.now_ns = 0

    def __call__(self) -> int:
        return self.now_ns


def test_where_it_stood_is_logged_at_once_and_told_when_it_goes_on(qtbot, caplog):
    clock = Clock()
    pulse = Pulse([], clock)
    told: list[tuple[str, str]] = []
    with caplog.at_level(logging.ERROR):
        dog = Watchdog(pulse, threading.get_ident())
        dog.stood_still.connect(lambda words, stack: told.append((words, stack)))
        try:
            clock.now_ns = 7_000_000_000
            qtbot.waitUntil(lambda: "does not answer" in caplog.text, timeout=10_000)
            assert "test_where_it_stood" in caplog.text
            assert told == []
            pulse._last_ns = clock.now_ns
            qtbot.waitUntil(lambda: bool(told), timeout=10_000)
        finally:
            dog.stop()
    [(words, stack)] = told
    assert "stood still for 7 s" in words
    assert "test_where_it_stood" in stack
    assert not dog._thread.is_alive()


@pytest.mark.parametrize(("seconds", "silent"), [(0.3, False), (2.9, False), (3.0, True)])
def test_the_status_bar_shows_an_ems_that_does_not_answer(qtbot, seconds, silent):
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.set_ems_silence(seconds)
    assert ("DOES NOT ANSWER" in bar.brokers.text()) is silent


async def test_the_pulse_beats_on_when_a_look_fails():
    looked: list[str] = []

    def fails() -> None:
        raise ValueError("a bug")

    import asyncio

    errors: list[dict] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: errors.append(context))
    pulse = Pulse([fails, lambda: looked.append("x")])
    task = asyncio.create_task(pulse.run())
    async with asyncio.timeout(10):
        while len(looked) < 2:
            await asyncio.sleep(0.01)
    task.cancel()
    assert len(errors) >= 2
    assert isinstance(errors[0]["exception"], ValueError)
