"""What the EMS asks of a backend: one port for market data, one for trading.

A backend is a folder in ``brokers/`` (or a package of somebody else's, found by the entry point
group ``ordermode.brokers``) with a feed, a broker, or both. Nothing here knows a venue.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol, TypeAlias, runtime_checkable

import msgspec

from ems.market import Market
from ems.messages import (
    BrokerdFill,
    BrokerdPosition,
    BrokerEvent,
    BrokerRequest,
    OrderType,
    Status,
    TieKind,
    TimeInForce,
)
from ems.ticks import Bars, Depth, Tick
from ems.trading_hours import TradingHours

TickSink: TypeAlias = Callable[[Sequence[Tick]], None]
"""Takes a batch of ticks, in order of time, by direct call."""

Unsubscribe: TypeAlias = Callable[[], None]


class Feed(Protocol):
    """Market data of one backend."""

    name: str
    """The last part of the fqsn of its markets."""

    async def search(self, text: str) -> list[Market]:
        """Return the markets whose name or description contains the text."""

    async def market(self, fqsn: str) -> Market:
        """Return the market; raises `UnknownMarket`."""

    def period_ns(self, fqsn: str) -> int:
        """Return the shortest period of bars, ns; every other is a whole multiple of it."""

    async def bars(
        self, fqsn: str, period_ns: int, *, end_ns: int | None = None, count: int = 1000
    ) -> Bars:
        """Return up to ``count`` bars that start before ``end_ns`` (None = all up to now).

        The last bar of an answer with ``end_ns=None`` may be unfinished: the ticks that a
        subscription delivers from then on continue it.
        """

    async def subscribe(self, fqsn: str, sink: TickSink) -> Unsubscribe:
        """Deliver each batch of ticks to ``sink`` from now on; call the result to stop."""


@runtime_checkable
class KnowsTicks(Protocol):
    """A feed that has single ticks of the past: bars of so many ticks are made of them."""

    def knows_ticks(self, fqsn: str) -> bool:
        """Tell whether it has those of this market."""

    async def ticks(self, fqsn: str, *, end_ns: int | None = None, count: int = 1000) -> Bars:
        """Return up to ``count`` ticks before ``end_ns`` (None = all up to now), the last ones.

        Each is a bar of one price, in the order in which they came; times may be equal. They are
        what bars of the market are made of: see `ems.market.Market.chart_price`.
        """


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What a venue says when the trades dialogue opens."""

    accounts: tuple[str, ...]
    orders: tuple[Status, ...] = ()
    """Every live order, each with its ``req`` and ``reqid``; ``req.oid`` is ours if it was."""
    positions: tuple[BrokerdPosition, ...] = ()
    """As of now, the fills below included; one that is not named is flat there."""
    fills: tuple[BrokerdFill, ...] = ()
    """The executions of late, as far back as the venue tells; each is counted once."""


EventSink: TypeAlias = Callable[[BrokerEvent], None]
"""Takes one event of the venue by direct call; safe to call from within `TradesDialogue.send`."""


class TradesDialogue(Protocol):
    """An open conversation with a venue."""

    @property
    def opening(self) -> Opening | None:
        """What lives at the venue, as of the last connect; None before the first.

        When the connection is lost the backend sends ``Connection(up=False)``; when it is back,
        it renews this and then sends ``Connection(up=True)``, and the EMS reconciles.
        """

    def send(self, request: BrokerRequest) -> None:
        """Send a request without waiting; every answer comes as an event.

        Raises
        ------
        ConnectionError
            If nothing was sent, for sure: the connection is known to be down.
        """


@runtime_checkable
class DeadMansSwitch(Protocol):
    """A trades dialogue whose venue cancels by itself what it has not heard of for a while."""

    def renew_switch(self, account: str, after_s: int) -> None:
        """Have every order of the account cancelled in so many seconds, unless renewed by then.

        Raises
        ------
        ConnectionError
            If there is no connection.
        """

    async def release_switch(self, account: str) -> None:
        """Turn it off, and wait until that has left; raises ConnectionError."""


class Broker(Protocol):
    """Trading at one backend."""

    name: str
    """The first part of the names of its accounts."""
    accounts: tuple[str, ...]
    """Known without a connection, from the config: ``("paper",)``."""

    def open_trades(self, sink: EventSink) -> AbstractAsyncContextManager[TradesDialogue]:
        """Open the trades dialogue; its events go to ``sink`` until the context is left.

        A venue that cannot be reached is no error: it enters with ``opening`` None and tries on.
        It may wait for its venue for a few seconds before that: all brokers are opened at once, and
        the feed of the same name is asked for markets only afterwards.
        """


@runtime_checkable
class ShowsDepth(Protocol):
    """A feed that knows more of the order book than the best bid and ask."""

    def depth(self, fqsn: str) -> Depth | None:
        """Return the book of a market that is subscribed to, as it is now; None if not known."""


@runtime_checkable
class TellsGaps(Protocol):
    """A feed that knows when it has missed trades, more than it could fetch."""

    def watch_gaps(self, fqsn: str, told: Callable[[], None]) -> Unsubscribe:
        """Call this when trades of the market were missed; call the result to stop.

        Bars that were made of ticks have a hole then, which `Feed.bars` can fill.
        """


@runtime_checkable
class UsesDepth(Protocol):
    """A broker that trades against a feed, and against its order book where it shows one."""

    def use_depth(self, fqsn: str, depth: Callable[[], Depth | None]) -> None:
        """Ask this from now on for the book of the market; called before `MatchesTicks.watch`."""


@runtime_checkable
class MatchesTicks(Protocol):
    """A broker that trades against a feed, as paper does: the EMS hands it each tick."""

    def watch(self, market: Market) -> None:
        """Make the market known before its first tick."""

    def on_tick(self, fqsn: str, tick: Tick) -> None:
        """Match what rests in this market against the tick."""


class Abilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a venue can do with an order; the EMS holds here what it cannot."""

    types: frozenset[OrderType] = frozenset({"limit"})
    tifs: frozenset[TimeInForce] = frozenset({"gtc"})
    post_only: bool = False
    reduce_only: bool = False
    ties: frozenset[TieKind] = frozenset()
    """The kinds of groups that live at the venue; see `ems.messages.Tie`."""
    changes_tied: bool = False
    """An order in such a group can be changed where it is. Where it cannot, the EMS cancels it and
    puts another in its place."""
    retrail: bool = False
    """How far a trailing stop trails can be changed while it works: a modify with another trail,
    confirmed by `BrokerdStatus.trail`."""


@runtime_checkable
class StatesAbilities(Protocol):
    """A broker that can do more than GTC limit orders, which are all that others are taken for."""

    def abilities(self, market: Market) -> Abilities:
        """Return what can be asked for in this market."""


@runtime_checkable
class NamesAccounts(Protocol):
    """A broker that can be there several times, and knows which accounts of its venue it trades.

    One account is not to be traded through two of them: its orders would be there twice.
    """

    @property
    def venue_accounts(self) -> Mapping[str, str]:
        """The venue's own name of each account, by ours."""


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """How much of what a venue allows of requests is used up now."""

    used: float
    limit: float


@runtime_checkable
class StatesUsage(Protocol):
    """A broker whose venue allows so many requests, and that counts them."""

    def usage(self, market: Market) -> Usage | None:
        """Return what is used up of the requests in this market; None while nobody trades."""


@runtime_checkable
class TellsHours(Protocol):
    """A feed whose venue says when its markets trade."""

    def hours(self, fqsn: str) -> TradingHours | None:
        """Return the hours of a market around now, as far as they are known; None = not said."""


@runtime_checkable
class Playback(Protocol):
    """A feed that plays a recording: what the user can do with it."""

    speed: float
    """Recorded seconds a second; ``inf`` = as fast as the machine goes."""
    paused: bool

    @property
    def time_ns(self) -> int:
        """The recording's time, UTC ns."""

    @property
    def at_end(self) -> bool:
        """True once the last tick is played."""

    def step(self) -> None:
        """Play the ticks up to the next change of price, and stay paused."""


@runtime_checkable
class Remarks(Protocol):
    """A feed that has something to say about its data: faults of a file, a place not found."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences for the user, the first ones first."""


@runtime_checkable
class Closes(Protocol):
    """A feed with something to put away when the program ends, at once."""

    def close(self) -> None:
        """Stop, and keep what has to be kept."""


@runtime_checkable
class ClosesSlowly(Protocol):
    """A feed with connections to end when the program does."""

    async def aclose(self) -> None:
        """End every connection."""


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """What came of asking a venue."""

    text: str
    """Who answered, in words for the user."""
    clock_offset_s: float | None = None
    """Our clock less the venue's, in seconds; None = it does not tell the time."""


@runtime_checkable
class Reachable(Protocol):
    """A feed or a broker that can look whether its venue answers: ``ordermode doctor`` asks."""

    async def reach(self) -> Reached:
        """Ask the venue something that changes nothing there, as nobody's second connection.

        Raises
        ------
        OSError
            If there is no answer.
        EmsError
            If the answer is a refusal; in the venue's words.
        """


class Backend(msgspec.Struct, frozen=True, kw_only=True):
    """What one backend offers."""

    name: str
    feed: Feed | None = None
    broker: Broker | None = None


BackendFactory: TypeAlias = Callable[[Mapping[str, Any], Path], Backend]
"""What an entry point in the group ``ordermode.brokers`` names.

Takes the options of the config's table ``[brokers.<name>]`` and a folder of its own to keep state
in; raises `EmsError` with a sentence for the user if the options are wrong. One that takes ``name``
too can be there several times, with ``kind`` in each further table: ``name`` is that of the table,
and so of its feed and its broker, the last part of its markets and the first of its accounts.
"""
