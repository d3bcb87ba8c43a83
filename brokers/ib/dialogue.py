"""The conversation with IB about orders: opened, kept up, and reconciled after each break."""

import asyncio
import logging
import time
from collections.abc import Iterator, Mapping

from brokers.ib.contracts import Contracts
from brokers.ib.feed import IbFeed
from brokers.ib.fills import Fills
from brokers.ib.ib_order import IbOrder
from brokers.ib.inquiries import Inquiries
from brokers.ib.link import Link, show_fault
from brokers.ib.listeners import Listeners
from brokers.ib.market_names import MarketNames
from brokers.ib.options import IbOptions
from brokers.ib.order_book import OrderBook
from brokers.ib.order_codes import OrderCodes
from brokers.ib.positions import Positions
from brokers.ib.requests import Requests
from brokers.ib.survey import Surveyor
from brokers.ib.timing import Timing
from ems.messages import (
    BrokerdCancel,
    BrokerdOrder,
    BrokerdQuery,
    BrokerRequest,
    Connection,
    Notice,
    Status,
)
from ems.ports import EventSink, Opening

log = logging.getLogger(__name__)


class IbDialogue:
    """See `ems.ports.TradesDialogue`.

    Parameters
    ----------
    accounts : mapping
        IB's names of the accounts by ours.
    sink
        Takes each event.
    """

    def __init__(
        self,
        options: IbOptions,
        timing: Timing,
        link: Link,
        contracts: Contracts,
        feed: IbFeed,
        accounts: Mapping[str, str],
        sink: EventSink,
    ) -> None:
        self._options = options
        self._link = link
        self._feed = feed
        self._accounts = accounts
        self._sink = sink
        self._opening: Opening | None = None
        self._following: asyncio.Task[None] | None = None
        self._remarks: set[str] = set()
        named = "" if options.broker == "ib" else f" ({options.broker})"
        self._title = f"Interactive Brokers{named}"
        self.first_word = asyncio.Event()
        """Set once IB was reached, or was not."""
        names = {theirs: ours for ours, theirs in accounts.items()}
        client_id = options.client_id
        self._markets = MarketNames(contracts, self.remark)
        self._book = OrderBook(names, self._markets, client_id, sink, self.remark, self._doubt)
        self._fills = Fills(names, self._markets, self._book, sink)
        self._positions = Positions(names, self._markets, lambda: self._book.live, sink)
        self._surveyor = Surveyor(link, timing, client_id)
        self._requests = Requests(link, contracts, self._book, options, timing, accounts, sink)
        self._inquiries = Inquiries(
            link, self._surveyor, self._book, self._fills, self._markets, timing, self._is_ours,
            sink,
        )  # fmt: skip
        codes = OrderCodes(self._book, client_id)
        link.listeners = Listeners(self._book, self._fills, self._positions, codes, feed)
        link.on_up, link.on_ready, link.on_down = self._on_up, self._on_ready, self._on_down
        feed.tell = self.remark

    @property
    def opening(self) -> Opening | None:
        """What lived at IB at the last connect; None while the connection is down."""
        return self._opening

    def send(self, request: BrokerRequest) -> None:
        """Send a request; every answer comes as an event.

        Raises
        ------
        ConnectionError
            If nothing was sent: the connection to TWS, or that of TWS to IB, is down.
        """
        if self._link.why_down:
            raise ConnectionError(self._link.why_down)
        match request:
            case BrokerdOrder(reqid=None):
                self._requests.place(request)
            case BrokerdOrder():
                self._requests.change(request)
            case BrokerdCancel():
                self._requests.cancel(request)
            case BrokerdQuery():
                self._inquiries.ask(request)

    def remark(self, text: str) -> None:
        """Tell the user something that belongs to no order; the same only once."""
        if text not in self._remarks:
            self._remarks.add(text)
            said = f"{self._title}: {text}"
            self._sink(
                Notice(time_ns=time.time_ns(), level="warning", text=said, src=self._options.broker)
            )

    def close(self) -> None:
        """Stop what runs."""
        self._stop_following()
        self._requests.close()
        self._markets.close()
        self._feed.stop_renewing()
        self._feed.tell = log.warning

    def _doubt(self) -> None:
        self._inquiries.doubt()

    # ---- the connection: called by `brokers.ib.link.Link`

    async def _on_up(self, data_lost: bool) -> None:
        """Read everything that lives at IB."""
        self._stop_following()
        self._book.live = False
        self._book.index.clear()
        self._positions.clear()
        client, wire = self._link.client, self._link.wire
        client.updateReqId(wire.next_order_id)
        self._book.on_order_id = lambda order_id: client.updateReqId(order_id + 1)
        if data_lost:
            self._feed.renew()
        await self._surveyor.bind()
        survey = await self._surveyor.all()
        await self._surveyor.positions()
        await self._name_orders()
        open_ids = survey.open_perm_ids or frozenset()
        self._opening = Opening(
            accounts=tuple(self._accounts),
            orders=tuple(self._live_orders(open_ids)),
            positions=await self._positions.told(),
            fills=self._fills.executions.all(),
        )

    def _live_orders(self, open_ids: frozenset[int]) -> Iterator[Status]:
        for order in self._book.index:
            if order.perm_id in open_ids and self._book.can_show(order):
                order.acked = True
                yield order.live_order(self._options.client_id, time.time_ns())

    async def _name_orders(self) -> None:
        """Find the markets of the orders and fills that were heard of."""
        await self._markets.settle()
        nameless = [order for order in self._book.index if not order.symbol]
        await self._markets.find_all(order.contract for order in nameless)
        for order in nameless:
            order.symbol = self._markets.of(order.contract.conId)

    def _on_ready(self) -> None:
        self._book.live = True
        self.first_word.set()
        self._say_connection(up=True, reason=self._missing_accounts())
        for order in self._book.index:
            self._book.tell_state(order)  # why it is held, and what came in the meantime
        self._following = asyncio.create_task(self._follow())
        self._following.add_done_callback(show_fault)

    def _on_down(self, reason: str) -> None:
        self._stop_following()
        self._opening = None
        self._inquiries.forget()
        self.first_word.set()
        self._say_connection(up=False, reason=reason)

    async def _follow(self) -> None:
        try:
            await self._inquiries.run()
        except ConnectionError as error:
            log.info("no more questions: %s", error)  # the link tells why

    def _stop_following(self) -> None:
        if self._following is not None:
            self._following.cancel()
            self._following = None

    def _say_connection(self, *, up: bool, reason: str) -> None:
        self._sink(
            Connection(broker=self._options.broker, up=up, time_ns=time.time_ns(), reason=reason)
        )

    # ---- what lives there

    def _is_ours(self, order: IbOrder) -> bool:
        return not order.origin(self._options.client_id).forbidden

    def _missing_accounts(self) -> str:
        login = self._link.client.getAccounts()
        missing = [f"{name} ({ours})" for ours, name in self._accounts.items() if name not in login]
        if not missing:
            return ""
        text = (
            f"the login at IB has no account {', '.join(missing)}; it has {', '.join(login)}. "
            f"Compare them with accounts in [brokers.{self._options.broker}] of the config."
        )
        self.remark(text)
        return text
