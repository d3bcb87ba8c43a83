"""The paper venue itself: its markets, orders and positions, durable at every step."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

import msgspec
from msgspec.structs import replace

from brokers.paper import translate
from brokers.paper.admission import (
    admitted,
    objection_to_change,
    objection_to_numbers,
    objection_to_terms,
)
from brokers.paper.calm import Calm
from brokers.paper.events import MatchEvent
from brokers.paper.fees import Fees
from brokers.paper.latency import Wire
from brokers.paper.matching import MatchingEngine
from brokers.paper.options import PaperOptions
from brokers.paper.order import PaperOrder
from brokers.paper.record import ChangeRecord
from brokers.paper.store import PaperStore
from ems.market import Market
from ems.messages import (
    BrokerdCancel,
    BrokerdError,
    BrokerdMsg,
    BrokerdOrder,
    BrokerdQuery,
    BrokerRequest,
    ReqId,
    Request,
)
from ems.ports import Opening
from ems.ticks import Depth, Tick

_NS_IN_MS = 1_000_000
_TAKES = "it would trade at once with what is displayed"


class _Floor(msgspec.Struct, frozen=True):
    """Where one market is traded."""

    engine: MatchingEngine
    wire: Wire


class PaperVenue:
    """Take requests and ticks, keep what they change, then say it.

    Parameters
    ----------
    store : PaperStore
        The venue's memory; open orders in it rest again at once.
    options : PaperOptions
        Accounts, latency and fees.
    clock : callable
        Returns the program's time, UTC ns.
    say : callable
        Takes each message, in order, once what it tells is on disk; must not call back.
    depth_of : callable
        Returns the order book of a market, where its feed shows one.
    """

    def __init__(
        self,
        store: PaperStore,
        options: PaperOptions,
        clock: Callable[[], int],
        say: Callable[[BrokerdMsg], None],
        depth_of: Callable[[str], Depth | None] = lambda _fqsn: None,
    ) -> None:
        self._store = store
        self._options = options
        self._fees = Fees(options.fee_rate, options.fee_per_unit)
        self._clock = clock
        self._say = say
        self._depth_of = depth_of
        self._watched: set[str] = set()
        self.calm: dict[str, Calm] = {}
        """Of each market that is watched: what may take a tick in the place of `tick`."""
        # what belongs to an account that left the config sleeps in the store until it is back
        self._live: dict[ReqId, PaperOrder] = {
            order.reqid: order for order in store.open_orders if self._has(order.account)
        }
        self._positions = {
            (position.account, position.symbol): position
            for position in store.positions
            if self._has(position.account)
        }
        # a market that is not watched has no ticks, but its orders can be changed and cancelled
        self._floors = {market.fqsn: self._open_floor(market, None) for market in store.markets}

    def opening(self) -> Opening:
        """Return what lives here now."""
        now_ns = self._clock()
        return Opening(
            accounts=self._options.accounts,
            orders=tuple(translate.live_order(order, now_ns) for order in self._live.values()),
            positions=tuple(translate.position(p, now_ns) for p in self._positions.values()),
        )

    def watch(self, market: Market) -> None:
        """Trade this market: from now on its ticks fill orders."""
        floor = self._floors.get(market.fqsn)
        if floor is None or floor.engine.market != market:
            self._store.save(markets=[market])
            self._floors[market.fqsn] = self._open_floor(market, floor)
        self._watched.add(market.fqsn)
        self.calm[market.fqsn] = self._floors[market.fqsn].engine.calm

    def request(self, request: BrokerRequest) -> None:
        """Take a request, at once or when its latency is over."""
        floor = self._floors.get(self._symbol_of(request))
        if floor is not None and floor.engine.time_ns is not None and floor.wire.latency_ns:
            floor.wire.put(request, floor.engine.time_ns)
        else:
            self._arrive(request, None)
        if floor is not None:
            floor.engine.settle(floor.wire.next_ns)

    def tick(self, fqsn: str, tick: Tick) -> None:
        """Let arrive what was sent before this tick, then match what rests against it."""
        floor = self._floors.get(fqsn)
        if floor is None or fqsn not in self._watched:
            return
        for at_ns, request in floor.wire.arrived(tick.time_ns):
            self._arrive(request, at_ns)
        events = floor.engine.tick(tick)
        if events:
            self._keep(floor.engine.market, events, self._live)
        floor.engine.settle(floor.wire.next_ns)

    # ---- requests that have arrived

    def _arrive(self, request: BrokerRequest, at_ns: int | None) -> None:
        match request:
            case BrokerdOrder(reqid=None):
                self._new(request, at_ns)
            case BrokerdOrder():
                self._modify(request, at_ns)
            case BrokerdCancel():
                self._cancel(request)
            case BrokerdQuery():
                self._answer(request)

    def _new(self, asked: BrokerdOrder, at_ns: int | None) -> None:
        objection = self._objection_to_new(asked)
        if objection:
            self._refuse(asked, "new", objection)
            return
        engine = self._floors[asked.symbol].engine
        order = admitted(asked, self._store.last_number + 1, engine.market, engine.time_ns)
        if order.post_only and engine.takes_at_once(order):
            self._refuse(asked, "new", f"post-only: {_TAKES}")
            return
        if order.reduce_only and not engine.holdings.wanted(order):
            self._refuse(asked, "new", "reduce only: there is no position for it to reduce")
            return
        self._keep(engine.market, engine.new(order, at_ns), {order.reqid: order})

    def _objection_to_new(self, asked: BrokerdOrder) -> str:
        if not self._has(asked.account):
            known = ", ".join(self._options.accounts)
            return f"paper does not know the account {asked.account}, only {known}"
        if asked.symbol not in self._watched:
            return f"paper does not know the market {asked.symbol}; open its chart first"
        market = self._floors[asked.symbol].engine.market
        objection = objection_to_numbers(market, asked.price, asked.size)
        objection = objection or objection_to_terms(market, asked)
        if objection:
            return objection
        earlier = self._store.order_of_oid(asked.oid)
        return f"order {asked.oid} is already known as {earlier.reqid}" if earlier else ""

    def _modify(self, asked: BrokerdOrder, at_ns: int | None) -> None:
        order = self._find(asked.reqid, asked.account)
        if order is None:
            self._refuse(asked, "modify", self._no_such_order(asked))
            return
        engine = self._floors[order.symbol].engine
        objection = objection_to_change(order, asked)
        objection = objection or objection_to_numbers(engine.market, asked.price, asked.size)
        objection = objection or objection_to_terms(engine.market, asked)
        changed = replace(order, price=asked.price, limit_price=asked.limit_price)
        if not objection and order.post_only and engine.takes_at_once(changed):
            objection = f"cannot modify, post-only: {_TAKES}"
        if objection:
            self._refuse(asked, "modify", objection)
            return
        events = engine.modify(
            order, asked.price, asked.size, at_ns, asked.limit_price, asked.trail
        )
        self._keep(engine.market, events, {order.reqid: order})

    def _cancel(self, asked: BrokerdCancel) -> None:
        order = self._find(asked.reqid, asked.account)
        if order is None:
            self._refuse(asked, "cancel", f"cannot cancel: {self._no_such_order(asked)}")
            return
        engine = self._floors[order.symbol].engine
        self._keep(engine.market, engine.cancel(order), {order.reqid: order})

    def _answer(self, query: BrokerdQuery) -> None:
        order = (
            self._store.order_of_oid(query.oid)
            if query.reqid is None
            else self._store.order(query.reqid)
        )
        if order is not None and order.account != query.account:
            order = None
        fills = [] if order is None else self._store.fills(order.number)
        self._say(translate.report(query, order, fills, self._clock()))

    def _refuse(self, asked: BrokerdOrder | BrokerdCancel, request: Request, reason: str) -> None:
        self._say(
            BrokerdError(
                account=asked.account,
                reason=reason,
                time_ns=self._clock(),
                oid=asked.oid,
                reqid=asked.reqid,
                symbol=asked.symbol if isinstance(asked, BrokerdOrder) else None,
                request=request,
            )
        )

    # ---- what every change goes through

    def _keep(
        self, market: Market, events: Iterable[MatchEvent], orders: Mapping[ReqId, PaperOrder]
    ) -> None:
        """Write what the events changed, all or nothing, and only then tell it."""
        change = ChangeRecord(orders, self._positions, market.currency, self._clock)
        for event in events:
            change.add(event)
        if change.orders:
            self._store.save(change.orders.values(), change.fills, change.positions.values())
        self._positions.update(change.positions)
        for reqid, order in change.orders.items():
            if order.status == "open":
                self._live[reqid] = order
            else:
                self._live.pop(reqid, None)
        for message in change.messages:
            self._say(message)

    def _find(self, reqid: ReqId | None, account: str) -> PaperOrder | None:
        if reqid is None or not self._has(account):
            return None
        order = self._live.get(reqid) or self._store.order(reqid)
        return order if order is not None and order.account == account else None

    def _symbol_of(self, request: BrokerRequest) -> str:
        if not isinstance(request, BrokerdCancel):
            return request.symbol
        order = self._find(request.reqid, request.account)
        return "" if order is None else order.symbol

    def _open_floor(self, market: Market, old: _Floor | None) -> _Floor:
        depth = partial(self._depth_of, market.fqsn)
        engine = MatchingEngine(market, self._fees, self._options.slippage_ticks, depth)
        for position in self._positions.values():
            if position.symbol == market.fqsn:
                engine.holdings.set(position.account, position.size)
        for order in sorted(self._live.values(), key=lambda order: order.priority):
            if order.symbol == market.fqsn:
                engine.restore(order)
        if old is None:
            return _Floor(engine, Wire(self._options.latency_ms * _NS_IN_MS))
        engine.time_ns = old.engine.time_ns
        return _Floor(engine, old.wire)

    def _has(self, account: str) -> bool:
        return account in self._options.accounts

    @staticmethod
    def _no_such_order(asked: BrokerdOrder | BrokerdCancel) -> str:
        return f"paper has no order {asked.reqid} in account {asked.account}"
