"""Market data from IB, as the EMS asks for it."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from brokers.ib.codes import CODES, Effect, text_of
from brokers.ib.contracts import Contracts
from brokers.ib.history import STEPS, History
from brokers.ib.known_contract import KnownContract
from brokers.ib.link import Link
from brokers.ib.live_ticks import LiveTicks
from brokers.ib.options import IbOptions
from ems.market import Market
from ems.ports import TickSink, Unsubscribe
from ems.ticks import Bars, no_bars
from ems.trading_hours import TradingHours

log = logging.getLogger(__name__)

_RT_VOLUME: Final = "233"
"""The generic tick that tells each trade with its time."""
_RENEW_S: Final = 12 * 3600.0


class _Subscription:
    """One market whose ticks somebody wants."""

    def __init__(self, known: KnownContract, sink: TickSink) -> None:
        self.known = known
        self.sink = sink
        self.ticks = LiveTicks()
        self.req_id: int | None = None
        self.refusal = ""


class IbFeed:
    """Market data of one TWS; see `ems.ports.Feed`. Hears the ticks of its `Wire`.

    Parameters
    ----------
    tell
        Takes a sentence for the user when a market has no data.
    """

    def __init__(self, link: Link, contracts: Contracts, options: IbOptions) -> None:
        self.name = options.broker
        self._link = link
        self._contracts = contracts
        self._options = options
        self._history = History(link)
        self._subscriptions: list[_Subscription] = []
        self._by_request: dict[int, _Subscription] = {}
        self._renewing: asyncio.Task[None] | None = None
        self.tell: Callable[[str], None] = log.warning

    async def search(self, text: str) -> list[Market]:
        """Return the markets whose symbol or name contains the text, as far as IB tells."""
        if not text.strip():
            return []
        return [known.market for known in await self._contracts.search(text.strip())]

    async def market(self, fqsn: str) -> Market:
        """Return the market; raises `UnknownMarket`."""
        return (await self._contracts.find(fqsn)).market

    def hours(self, fqsn: str) -> TradingHours | None:
        """Return when the market trades, as IB told at the last connect; as `TellsHours`."""
        known = self._contracts.known(fqsn)
        return None if known is None else known.hours

    def period_ns(self, fqsn: str) -> int:
        """Return the shortest period of bars, ns: the same for every market."""
        return min(STEPS)

    async def bars(
        self, fqsn: str, period_ns: int, *, end_ns: int | None = None, count: int = 1000
    ) -> Bars:
        """Return up to ``count`` bars that start before ``end_ns``; none while TWS is away.

        Raises
        ------
        BadHistory
            If IB has no bars of this length, or refuses them.
        """
        known = await self._contracts.find(fqsn)
        if not self._link.connected:
            return no_bars()
        try:
            return await self._history.bars(known, period_ns, end_ns, count)
        except ConnectionError as error:
            log.warning("the history of %s is not here: %s", fqsn, error)
            return no_bars()

    async def subscribe(self, fqsn: str, sink: TickSink) -> Unsubscribe:
        """Deliver each batch of ticks to ``sink``, now or as soon as TWS is there."""
        subscription = _Subscription(await self._contracts.find(fqsn), sink)
        self._subscriptions.append(subscription)
        if self._link.connected:
            self._request(subscription)
        return lambda: self._stop(subscription)

    # ---- the connection

    def renew(self) -> None:
        """Ask for every subscribed market again: a new connection, or data was lost."""
        self._by_request.clear()
        client = self._link.client
        client.reqMarketDataType(self._options.data_type_number)
        for subscription in self._subscriptions:
            self._request(subscription)
        self.stop_renewing()
        self._renewing = asyncio.create_task(self._renew_contracts())

    def stop_renewing(self) -> None:
        """Ask no more for what changes from day to day."""
        if self._renewing is not None:
            self._renewing.cancel()
            self._renewing = None

    async def _renew_contracts(self) -> None:
        """Ask for the contracts again, now and twice a day: their hours are those of some days."""
        while True:
            for fqsn in {subscription.known.market.fqsn for subscription in self._subscriptions}:
                await self._contracts.renew(fqsn)
            await asyncio.sleep(_RENEW_S)

    def _request(self, subscription: _Subscription) -> None:
        client = self._link.client
        req_id = client.getReqId()
        subscription.req_id = req_id
        self._by_request[req_id] = subscription
        kind = subscription.known.sec_type
        generic = "" if kind in ("CASH", "IND") else _RT_VOLUME
        client.reqMktData(req_id, subscription.known.contract(), generic, False, False, [])

    def _stop(self, subscription: _Subscription) -> None:
        if subscription not in self._subscriptions:
            return
        self._subscriptions.remove(subscription)
        if subscription.req_id in self._by_request:
            del self._by_request[subscription.req_id]
            if self._link.connected:
                self._link.client.cancelMktData(subscription.req_id)

    # ---- `brokers.ib.listeners.TickListener`

    def on_price(self, req_id: int, kind: int, price: float, size: float) -> None:
        """Take a price with its size."""
        if (subscription := self._by_request.get(req_id)) is not None:
            subscription.ticks.on_price(kind, price, size)

    def on_size(self, req_id: int, kind: int, size: float) -> None:
        """Take a size alone."""
        if (subscription := self._by_request.get(req_id)) is not None:
            subscription.ticks.on_size(kind, size)

    def on_text(self, req_id: int, kind: int, text: str) -> None:
        """Take a tick that comes as text."""
        if (subscription := self._by_request.get(req_id)) is not None:
            subscription.ticks.on_text(kind, text)

    def on_packet(self) -> None:
        """Hand on what one packet brought, one batch a market."""
        for subscription in tuple(self._subscriptions):
            if ticks := subscription.ticks.take():
                subscription.sink(ticks)

    def on_data_error(self, req_id: int, code: int, text: str) -> bool:
        """Take a code about a subscription; what stops its data is told to the user, once."""
        subscription = self._by_request.get(req_id)
        if subscription is None:
            return False
        known = CODES.get(code)
        words = f"{subscription.known.market.fqsn}: {text_of(code, text)}"
        if known is not None and known.effect is Effect.WARNS:
            log.info("%s", words)
        elif subscription.refusal != words:
            subscription.refusal = words
            self.tell(f"no live prices of {words}")
        return True
