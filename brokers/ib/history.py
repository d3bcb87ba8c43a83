"""History from IB: pages of bars, backwards, as fast as IB allows."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from ib_async import BarData

from brokers.ib.known_contract import KnownContract
from brokers.ib.link import Link
from brokers.ib.wire import Refused
from ems.errors import BadHistory
from ems.market import Market
from ems.ticks import BAR_DTYPE, Bars, no_bars

log = logging.getLogger(__name__)

_SECOND: Final = 1_000_000_000
_MINUTE: Final = 60 * _SECOND
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
PAGE_TIMEOUT_S: Final = 60.0
HISTORY_ERROR: Final = 162
"""IB's code for a history request without an answer: no data, or too many requests."""
PACING_PAUSES_S: Final = (15.0, 30.0, 60.0)
"""Pauses after which IB is asked again when there were too many requests, by whomever."""


class Step(NamedTuple):
    """How IB is asked for bars of one length."""

    bar_size: str
    page: str
    """How much time one request may span: IB's step sizes, kept to where pages come quickly."""


STEPS: Final[dict[int, Step]] = {
    1 * _SECOND: Step("1 secs", "1800 S"),
    5 * _SECOND: Step("5 secs", "7200 S"),
    10 * _SECOND: Step("10 secs", "14400 S"),
    15 * _SECOND: Step("15 secs", "14400 S"),
    30 * _SECOND: Step("30 secs", "28800 S"),
    1 * _MINUTE: Step("1 min", "2 D"),
    2 * _MINUTE: Step("2 mins", "2 D"),
    3 * _MINUTE: Step("3 mins", "1 W"),
    5 * _MINUTE: Step("5 mins", "1 W"),
    10 * _MINUTE: Step("10 mins", "1 W"),
    15 * _MINUTE: Step("15 mins", "1 W"),
    20 * _MINUTE: Step("20 mins", "1 W"),
    30 * _MINUTE: Step("30 mins", "1 M"),
    1 * _HOUR: Step("1 hour", "1 M"),
    2 * _HOUR: Step("2 hours", "1 M"),
    3 * _HOUR: Step("3 hours", "1 M"),
    4 * _HOUR: Step("4 hours", "1 M"),
    8 * _HOUR: Step("8 hours", "1 M"),
    1 * _DAY: Step("1 day", "1 Y"),
    7 * _DAY: Step("1 week", "5 Y"),
}
"""https://interactivebrokers.github.io/tws-api/historical_bars.html, historical_limitations.html"""


class Pace:
    """Keeps requests within IB's rules for history.

    Fewer than six requests for a contract in two seconds, and at most sixty in ten minutes:
    https://interactivebrokers.github.io/tws-api/historical_limitations.html

    Parameters
    ----------
    clock
        Returns seconds that only rise.
    """

    RULES: Final = ((5, 2.0), (58, 600.0))

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._sent: deque[float] = deque(maxlen=max(count for count, _ in self.RULES))

    def wait_s(self) -> float:
        """Return how long the next request has to wait."""
        now = self._clock()
        waits = [0.0]
        for count, window_s in self.RULES:
            if len(self._sent) >= count:
                waits.append(self._sent[-count] + window_s - now)
        return max(waits)

    def note(self) -> None:
        """Count a request that leaves now."""
        self._sent.append(self._clock())


class History:
    """Asks IB for bars, one page after another."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._pace = Pace(lambda: asyncio.get_running_loop().time())
        self._turn = asyncio.Lock()

    async def bars(
        self, known: KnownContract, period_ns: int, end_ns: int | None, count: int
    ) -> Bars:
        """Return up to ``count`` bars that start before ``end_ns``; fewer if IB has no more.

        Raises
        ------
        BadHistory
            If IB has no bars of this length, or refuses.
        ConnectionError
            If the connection is down or is lost meanwhile.
        """
        step = STEPS.get(period_ns)
        if step is None:
            raise BadHistory(
                f"IB has no bars of {period_ns / _SECOND:g} seconds; "
                f"it has {', '.join(step.bar_size for step in STEPS.values())}"
            )
        pages: list[Bars] = []
        have, end = 0, end_ns
        while have < count:
            page = _before(await self._page(known, step, end), end)
            if not len(page):
                break
            pages.insert(0, page)
            have += len(page)
            end = int(page["time"][0])
        return np.concatenate(pages)[-count:] if pages else no_bars()

    async def _page(self, known: KnownContract, step: Step, end_ns: int | None) -> Bars:
        pauses = iter(PACING_PAUSES_S)
        async with self._turn:
            while True:
                try:
                    return read_bars(await self._ask(known, step, end_ns), known.market)
                except Refused as error:
                    if _is_end(error):
                        return no_bars()
                    pause_s = next(pauses, None) if _is_pacing(error) else None
                    if pause_s is None:
                        raise BadHistory(
                            f"IB gives no history of {known.market.fqsn}: {error}"
                        ) from error
                    log.warning("IB: %s; asking again in %.0f s", error, pause_s)
                    await asyncio.sleep(pause_s)

    async def _ask(self, known: KnownContract, step: Step, end_ns: int | None) -> list[Any]:
        await asyncio.sleep(self._pace.wait_s())  # one request at a time: see `_page`
        client, wire = self._link.client, self._link.wire
        req_id = client.getReqId()
        self._pace.note()
        try:
            return await wire.ask(
                req_id,
                lambda: client.reqHistoricalData(
                    req_id, known.contract(), _end_text(end_ns), step.page, step.bar_size,
                    _what(known.sec_type), False, 2, False, [],
                ),
                PAGE_TIMEOUT_S,
            )  # fmt: skip
        except TimeoutError as error:
            raise BadHistory(
                f"IB has not answered for the history of {known.market.fqsn} within "
                f"{PAGE_TIMEOUT_S:.0f} s"
            ) from error


def _is_pacing(error: Refused) -> bool:
    """Tell whether there were too many requests."""
    return error.code == HISTORY_ERROR and "pacing" in error.text.lower()


def _is_end(error: Refused) -> bool:
    """Tell whether there is no data that far back; the same code also names a lack of rights."""
    return error.code == HISTORY_ERROR and "no data" in error.text.lower()


def _what(sec_type: str) -> str:
    return {"CASH": "BID", "CRYPTO": "AGGTRADES"}.get(sec_type, "TRADES")


def _end_text(end_ns: int | None) -> str:
    """IB's way to write a moment in UTC; empty = now."""
    if end_ns is None:
        return ""
    return datetime.fromtimestamp(end_ns / _SECOND, UTC).strftime("%Y%m%d-%H:%M:%S")


def _before(bars: Bars, end_ns: int | None) -> Bars:
    return bars if end_ns is None else bars[bars["time"] < end_ns]


def read_bars(answer: list[BarData], market: Market) -> Bars:
    """Return IB's bars as ours; raises `BadHistory` if one cannot be read."""
    try:
        return _bars(answer, market.timezone)
    except (ValueError, OverflowError, OSError) as error:
        raise BadHistory(f"IB's history of {market.fqsn} cannot be read: {error}") from error


def _bars(answer: list[BarData], zone: str) -> Bars:
    bars = np.empty(len(answer), dtype=BAR_DTYPE)
    for row, bar in enumerate(answer):
        volume = bar.volume if bar.volume >= 0 else np.nan
        bars[row] = (_time_ns(bar.date, zone), bar.open, bar.high, bar.low, bar.close, volume)
    bars.sort(order="time")
    return bars[np.concatenate(([True], np.diff(bars["time"]) > 0))] if len(bars) else bars


def _time_ns(text: date | datetime | str, zone: str) -> int:
    """Seconds since 1970 for short bars; a day, in the exchange's zone, for long ones."""
    words = str(text)
    if len(words) == len("20261122"):
        day = datetime.strptime(words, "%Y%m%d").replace(tzinfo=ZoneInfo(zone))
        return int(day.timestamp()) * _SECOND
    return int(words) * _SECOND
