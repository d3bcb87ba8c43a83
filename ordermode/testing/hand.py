"""What a backend's author writes for the suite: the venue to test at, and a hand in it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

import msgspec

from ems.messages import ReqId, Request, Side
from ems.ports import Backend


class CannotDo(Exception):
    """Raised by a hand for what its venue has not got; the text says why, in one sentence.

    What is then left out is shown as skipped, with this reason.
    """


class VenueOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One order as the venue itself has it, living or ended."""

    reqid: ReqId
    """The venue's id, as the backend says it."""
    oid: str = ""
    """Our id, where the venue keeps it."""
    action: Side
    price: Decimal
    size: Decimal
    filled: Decimal
    alive: bool


class VenueHand(Protocol):
    """Makes a venue do things: a simulator, or an account for tests at the real one.

    Each call returns once the venue has done it; the backend hears of it in its own time. What a
    venue cannot do raises `CannotDo` with the reason.
    """

    async def orders(self) -> Sequence[VenueOrder]:
        """Return every order that the venue has or had, from its own books."""

    async def fill(self, order: VenueOrder, size: Decimal) -> None:
        """Execute so much of this order, at its limit."""

    async def refuse_next(self, what: Request, words: str) -> None:
        """Refuse the next request of this kind, in these words."""

    async def say_unknown_state(self, order: VenueOrder) -> None:
        """Tell the backend a word for the order's state that it has never heard."""

    async def cut(self) -> None:
        """Break the line, and let nobody in until `mend`."""

    async def mend(self) -> None:
        """Let the backend in again."""

    async def place(self, action: Side, price: Decimal, size: Decimal) -> None:
        """Make an order that did not come through the backend, as the venue's own app does."""

    async def change(self, order: VenueOrder, price: Decimal) -> None:
        """Give an order another price, not through the backend."""

    async def cancel(self, order: VenueOrder) -> None:
        """Cancel an order, not through the backend."""

    async def trade(self, price: Decimal) -> None:
        """Let others trade at this price, bid and ask beside it; no resting order fills."""


@runtime_checkable
class TouchingHand(Protocol):
    """A hand that can let the market come to an order, if the backend states such types."""

    async def touch(self, order: VenueOrder) -> None:
        """Let others trade at the price that touches this order off."""


class Venue(msgspec.Struct, frozen=True, kw_only=True):
    """Where the rules are tried."""

    open_backend: Callable[[Path], Backend]
    """Makes the backend, with a folder to keep its state in; called again for each restart."""
    market: str
    """The fqsn of a market that is open."""
    account: str
    price: Decimal
    """A limit for buys that nothing fills by itself; trades at 100 ticks around it are sound."""
    size: Decimal
    """Of an order, in units; half of it is a size too."""
    hand: VenueHand
    feeds: Mapping[str, Backend] = {}
    """Backends that the market's prices come from, by name, if it is not the one under test."""
    patience_s: float = 10.0
    """How long what a rule demands may take."""


OpenVenue: TypeAlias = Callable[[Path], AbstractAsyncContextManager[Venue]]
"""What the fixture ``open_venue`` returns: enters a venue of its own for one test."""
