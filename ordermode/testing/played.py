"""Makes a pytest test of a rule: opens the venue and the EMS on it, plays, and judges."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from ordermode.testing.desk import Desk
from ordermode.testing.hand import CannotDo, OpenVenue
from ordermode.testing.rules import RULES

Play: TypeAlias = Callable[[Any, Desk], Awaitable[None]]
Test: TypeAlias = Callable[[Any, OpenVenue, Path], None]

PATIENT_S: Final = 60.0
"""No silence counts as one, however slow the machine is."""
IMPATIENT_S: Final = 0.3


def rule(number: int, *, answer_timeout_s: float = PATIENT_S) -> Callable[[Play], Test]:
    """Return what makes a test of a coroutine method that plays a rule on a `Desk`.

    Parameters
    ----------
    number : int
        Of the rule, as in `RULES`.
    answer_timeout_s : float
        After so much silence of the venue an outcome counts as unknown.
    """

    def make(play: Play) -> Test:
        def test(self: Any, open_venue: OpenVenue, tmp_path: Path) -> None:
            try:
                asyncio.run(_play(self, open_venue, tmp_path))
            except CannotDo as cannot:
                pytest.skip(f"rule {number}: {cannot}")

        async def _play(self: Any, open_venue: OpenVenue, folder: Path) -> None:
            async with open_venue(folder) as venue:
                desk = Desk(number, venue, folder, answer_timeout_s)
                try:
                    await desk.open()
                    await play(self, desk)
                finally:
                    await desk.close()
                wrong = desk.tap.complaints
                desk.check(not wrong, "; ".join(wrong))

        test.__name__ = test.__qualname__ = getattr(play, "__name__", f"test_rule_{number:02}")
        test.__doc__ = play.__doc__ or RULES[number]
        return pytest.mark.ordermode_rule(number)(test)  # type: ignore[no-any-return]

    return make
