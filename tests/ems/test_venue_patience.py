"""How long a venue gets, on a clock that only the test moves."""

from collections.abc import Iterator

import pytest

from ems.venue_patience import FORGETS_S, PATIENCE_S, VenuePatience
from tests.ems.test_order_life_machine import StoppedClockLoop


class Waiting:
    """One thing that is waited for, and asked about at each ring."""

    def __init__(self) -> None:
        self.answers: list[bool] = []
        self.patience = VenuePatience(self.ask)

    def ask(self) -> None:
        self.answers.append(self.patience.waits("order", "smaller"))


@pytest.fixture
def loop() -> Iterator[StoppedClockLoop]:
    made = StoppedClockLoop()
    yield made
    made.close()


def waiting_on(loop: StoppedClockLoop) -> Waiting:
    async def make() -> Waiting:
        return Waiting()

    return loop.run_until_complete(make())


def test_it_waits_and_then_it_does_not(loop: StoppedClockLoop) -> None:
    waiting = waiting_on(loop)
    waiting.ask()
    loop.pass_time(PATIENCE_S / 2)
    assert waiting.answers == [True]
    loop.pass_time(PATIENCE_S / 2)
    assert waiting.answers == [True, False]


def test_a_computer_that_slept_has_waited_long_enough(loop: StoppedClockLoop) -> None:
    waiting = waiting_on(loop)
    waiting.ask()
    loop.pass_time(10 * FORGETS_S)
    assert waiting.answers == [True, False]


def test_what_was_done_is_waited_for_anew(loop: StoppedClockLoop) -> None:
    waiting = waiting_on(loop)
    waiting.ask()
    loop.pass_time(PATIENCE_S)
    waiting.patience.forget("order")
    waiting.ask()
    assert waiting.answers == [True, False, True]
    waiting.patience.stop()
    loop.pass_time(PATIENCE_S)
    assert len(waiting.answers) == 3
