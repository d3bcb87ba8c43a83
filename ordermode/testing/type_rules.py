"""Rules of what a backend states that its venue can do: 19 and 20."""

import time
import uuid
from decimal import Decimal
from typing import Final, get_args

from msgspec.structs import replace

from ems.messages import BrokerdError, BrokerdOrder, Order, OrderType, TimeInForce, Trail
from ems.ports import Abilities
from ems.type_families import STOPS, TOUCHED_OFF, TRAILING, TWO_PRICES
from ordermode.testing.desk import Desk
from ordermode.testing.hand import CannotDo, TouchingHand
from ordermode.testing.played import rule
from ordermode.testing.trigger_rules import trades

_AWAY: Final = 20
"""Ticks from the market to where an order waits."""
_BEHIND: Final = 5
"""Ticks from there to its limit."""
_HOUR_NS: Final = 3_600_000_000_000
_RESTING: Final[tuple[TimeInForce, ...]] = ("gtc", "day", "gtd")


class TypeRules:
    """What is stated works there as itself; what is not is refused."""

    @rule(19)
    async def test_rule_19_order_types(self, desk: Desk) -> None:
        """Each type that waits: placed, changed, found again after a restart, cancelled."""
        await trades(desk, 0)
        can = _stated(desk)
        orders = [_order(desk, kind) for kind in sorted(can.types - {"market"})]
        for order in orders:
            await _works_as_itself(desk, order)
        orders = [await _changed(desk, order, can) for order in orders]
        await desk.restart()
        for order in orders:
            await desk.until(lambda order=order: _is_fresh(desk, order), "it is known again")  # type: ignore[misc]
            _check_same(desk, order)
            desk.cancel(order)
        for order in orders:
            await desk.until(
                lambda order=order: desk.resp(order) == "canceled",  # type: ignore[misc]
                f"the {order.type} order is told as canceled",
            )
            theirs = await desk.at_venue(order)
            desk.check(not theirs.alive, f"the {order.type} order still lives at the venue")

    @rule(19)
    async def test_rule_19_times_in_force(self, desk: Desk) -> None:
        """Each time in force that lets an order wait: it works with it, and is known so."""
        await trades(desk, 0)
        for tif in sorted(_stated(desk).tifs & set(_RESTING)):
            ends = time.time_ns() + _HOUR_NS if tif == "gtd" else None
            order = replace(_order(desk, "limit"), tif=tif, expires_ns=ends)
            await _works_as_itself(desk, order)
            (request,) = _asked(desk, order)
            desk.check(request.tif == tif, f"it was asked for as {request.tif}, not {tif}")
            desk.cancel(order)
            await desk.until(
                lambda order=order: desk.resp(order) == "canceled",  # type: ignore[misc]
                f"the order for {tif} is told as canceled",
            )

    @rule(19)
    async def test_rule_19_touched(self, desk: Desk) -> None:
        """A stop and what waits to be touched: the market comes, and that is told."""
        kinds = sorted(_stated(desk).types & (TOUCHED_OFF - TRAILING))
        if not kinds:
            return
        if not isinstance(desk.hand, TouchingHand):
            raise CannotDo("the hand has no `touch`: see `ordermode.testing.TouchingHand`")
        for kind in kinds:
            await trades(desk, 0)
            order = _order(desk, kind)
            await _works_as_itself(desk, order)
            await desk.hand.touch(await desk.at_venue(order))
            await desk.until(
                lambda order=order: _is_touched(desk, order),  # type: ignore[misc]
                f"it is told that the {kind} order was touched",
            )

    @rule(20)
    async def test_rule_20_what_is_not_stated(self, desk: Desk) -> None:
        """A type that is not stated is asked for past the EMS, which never would."""
        others = sorted(set(get_args(OrderType)) - _stated(desk).types)
        if not others:
            raise CannotDo("the backend states every type of order")
        await trades(desk, 0)
        for kind in others:
            request = _request(_order(desk, kind))
            desk.tap.ask(request)
            error = await desk.until(
                lambda oid=request.oid: _refusal(desk, oid),  # type: ignore[misc]
                f"a {kind} order, which it does not state, is refused",
            )
            desk.check(error.reason.strip(), f"the refusal of a {kind} order gives no reason")
            theirs = [one for one in await desk.hand.orders() if one.oid == request.oid]
            desk.check(not any(one.alive for one in theirs), f"the {kind} order lives at the venue")


def _stated(desk: Desk) -> Abilities:
    """Return what the backend says of the market; limit orders only if it says nothing."""
    return desk.ems.departures.abilities(desk.venue.account, desk.market.fqsn)


def _order(desk: Desk, kind: OrderType) -> Order:
    """Return a buy of a type that waits where the market is not."""
    tick = desk.market.tick_size
    ticks = _AWAY if kind in STOPS else -_AWAY
    price = desk.price(ticks)
    beyond = {"limit_if_touched": price}.get(kind, price + _BEHIND * tick)
    return Order(
        oid=str(uuid.uuid4()),
        action="buy",
        exec_mode="live",
        symbol=desk.market.fqsn,
        account=desk.venue.account,
        price=price,
        size=desk.venue.size,
        type=kind,
        limit_price=beyond if kind in TWO_PRICES else None,
        trail=Trail(_AWAY * tick) if kind in TRAILING else None,
    )


async def _works_as_itself(desk: Desk, order: Order) -> None:
    desk.listener.client.submit(order)
    await desk.until(lambda: desk.resps(order), f"the {order.type} order is told of")
    said = desk.last(order)
    desk.check(said.resp != "error", f"the {order.type} order was refused: {said.reason}")
    await desk.until(lambda: desk.resp(order) == "open", f"the {order.type} order is open")
    requests = _asked(desk, order)
    desk.check(len(requests) == 1, f"it was asked for {len(requests)} times")
    desk.check(requests[0].type == order.type, f"it left as a {requests[0].type} order")
    theirs = await desk.at_venue(order)
    desk.check(theirs.alive and not theirs.filled, "it does not wait at the venue")


async def _changed(desk: Desk, order: Order, can: Abilities) -> Order:
    """Ask for another price, or another trail where the venue can change it."""
    tick = desk.market.tick_size
    by = tick * (1 if order.type in STOPS else -1)
    limit = None if order.limit_price is None else order.limit_price + by
    wanted = replace(order, price=order.price + by, limit_price=limit)
    if order.trail is not None:
        if not can.retrail:
            return order
        wanted = replace(wanted, trail=Trail(order.trail.amount + tick))
    desk.listener.client.modify(wanted)

    def confirmed() -> bool:
        said = desk.last(order)
        desk.check(said.refused is None, f"the change was refused: {said.reason}")
        return said.change is None and said.req is not None and _terms(said.req) == _terms(wanted)

    await desk.until(confirmed, f"the change of the {order.type} order is confirmed")
    return wanted


def _terms(order: Order) -> tuple[OrderType, Decimal | None, Decimal | None, Trail | None]:
    """What a client sees of an order; the prices of one that trails move by themselves."""
    if order.trail is None:
        return order.type, order.price, order.limit_price, None
    behind = None if order.limit_price is None else order.limit_price - order.price
    return order.type, None, behind, order.trail


def _is_fresh(desk: Desk, order: Order) -> bool:
    said = desk.listener.statuses(order.oid)
    return bool(said) and said[-1].resp == "open" and not said[-1].stale


def _check_same(desk: Desk, order: Order) -> None:
    said = desk.last(order).req
    seen = None if said is None else _terms(said)
    desk.check(seen == _terms(order), f"after the restart it is {seen}, not {_terms(order)}")


def _asked(desk: Desk, order: Order) -> list[BrokerdOrder]:
    sent = desk.tap.sent(order.oid, BrokerdOrder, new=True)
    return [request for request in sent if isinstance(request, BrokerdOrder)]


def _request(order: Order) -> BrokerdOrder:
    assert order.action != "alert"
    return BrokerdOrder(
        oid=order.oid,
        account=order.account,
        symbol=order.symbol,
        action=order.action,
        price=order.price,
        size=order.size,
        time_ns=time.time_ns(),
        type=order.type,
        limit_price=order.limit_price,
        trail=order.trail,
    )


def _is_touched(desk: Desk, order: Order) -> bool:
    said = desk.last(order)
    desk.check(said.resp not in ("error", "canceled"), f"it ended as {said.resp}: {said.reason}")
    return said.triggered or bool(said.filled)


def _refusal(desk: Desk, oid: str) -> BrokerdError | None:
    said = (event for event in desk.tap.events if isinstance(event, BrokerdError))
    return next((error for error in said if error.oid == oid), None)
