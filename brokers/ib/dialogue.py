"""The conversation with IB about orders: opened, kept up, and reconciled after each break."""

import asyncio
import logging
import time
from collections.abc import Mapping

from brokers.ib.contracts import Contracts
from brokers.ib.feed import IbFeed
from brokers.ib.ib_order import IbOrder
from brokers.ib.inquiries import Inquiries
from brokers.ib.link import Link
from brokers.ib.options import IbOptions
from brokers.ib.order_book import OrderBook, position
from brokers.ib.requests import Requests
from brokers.ib.survey import Surveyor
from brokers.ib.timing import Timing
from ems.messages import (
    BrokerdCancel,
    BrokerdError,
    BrokerdOrder,
    BrokerdPosition,
    BrokerdQuery,
    BrokerRequest,
    Connection,
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
        self._contracts = contracts
        self._feed = feed
        self._accounts = accounts
        self._sink = sink
        self._opening: Opening | None = None
        self._following: asyncio.Task[None] | None = None
        self.first_word = asyncio.Event()
        """Set once IB was reached, or was not."""
        theirs = {name: ours for ours, name in accounts.items()}
        self._book = OrderBook(
            contracts, theirs, options.client_id, sink, lambda: self._inquiries.doubt()
        )
        self._surveyor = Surveyor(link, timing, options.client_id)
        self._requests = Requests(link, contracts, self._book, options, timing, accounts, sink)
        self._inquiries = Inquiries(link, self._surveyor, self._book, timing, self._is_ours, sink)
        link.orders, link.ticks = self._book, feed
        link.on_up, link.on_ready, link.on_down = self._on_up, self._on_ready, self._on_down
        feed.tell = self._book.remark

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

    def close(self) -> None:
        """Stop what runs."""
        self._stop_following()
        self._requests.close()
        self._book.close()
        self._feed.tell = log.warning

    # ---- the connection: called by `brokers.ib.link.Link`

    async def _on_up(self, data_lost: bool) -> None:
        """Read everything that lives at IB."""
        self._stop_following()
        self._book.live = False
        self._book.index.clear()
        self._book.positions.clear()
        client, wire = self._link.client, self._link.wire
        client.updateReqId(wire.next_order_id)
        self._book.on_order_id = lambda order_id: client.updateReqId(order_id + 1)
        if data_lost:
            self._feed.renew()
        await self._surveyor.bind()
        survey = await self._surveyor.all()
        await self._surveyor.positions()
        await self._book.name_markets()
        open_ids = survey.open_perm_ids or frozenset()
        self._opening = Opening(
            accounts=tuple(self._accounts),
            orders=tuple(
                order.live_order(self._options.client_id, time.time_ns())
                for order in self._book.index
                if order.perm_id in open_ids and self._can_show(order)
            ),
            positions=self._positions(),
            fills=self._book.executions.all(),
        )

    def _on_ready(self) -> None:
        self._book.live = True
        self.first_word.set()
        self._say_connection(up=True, reason=self._missing_accounts())
        for order in self._book.index:
            if order.acked and not order.over:
                self._book.tell_state(order)  # its state and why it is held
        self._following = asyncio.create_task(self._follow())

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
        self._sink(Connection(broker="ib", up=up, time_ns=time.time_ns(), reason=reason))

    # ---- what lives there

    def _is_ours(self, order: IbOrder) -> bool:
        return not order.origin(self._options.client_id).forbidden

    def _can_show(self, order: IbOrder) -> bool:
        if not order.symbol:
            return False
        if order.price is None:
            self._book.remark(
                f"a {order.order.orderType} order in {order.symbol} lives at IB; it has no price, "
                "so it has no line here"
            )
            return False
        order.acked = True
        return True

    def _positions(self) -> tuple[BrokerdPosition, ...]:
        told = []
        for (account, con_id), (contract, size, cost) in self._book.positions.items():
            known = self._contracts.known_id(con_id)
            if known is not None:
                told.append(position(account, known.market.fqsn, contract, size, cost))
        return tuple(told)

    def _missing_accounts(self) -> str:
        login = self._link.client.getAccounts()
        missing = [f"{name} ({ours})" for ours, name in self._accounts.items() if name not in login]
        if not missing:
            return ""
        text = (
            f"the login at IB has no account {', '.join(missing)}; it has {', '.join(login)}. "
            "Compare them with accounts in [brokers.ib] of the config."
        )
        self._sink(
            BrokerdError(account=next(iter(self._accounts)), reason=text, time_ns=time.time_ns())
        )
        return text
