"""How a new order begins: on its way to its venue, held here, or waiting for its group."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from msgspec.structs import replace

from ems.departing_ties import DepartingTies
from ems.departures import Departures
from ems.dialog_changes import Fact
from ems.dialog_index import DialogIndex
from ems.expiry import Expiry
from ems.group_checks import GroupChecks
from ems.lifecycle import Start
from ems.market import broker_of
from ems.messages import Link, Order
from ems.order_dialog import OrderDialog
from ems.risk import Gate
from ems.transitions import E


class OrderStarts:
    """Makes the records of new orders that may begin.

    Parameters
    ----------
    clock
        Now, UTC ns.
    """

    def __init__(
        self,
        gate: Gate,
        groups: GroupChecks,
        departures: Departures,
        ties: DepartingTies,
        index: DialogIndex,
        expiry: Expiry,
        clock: Callable[[], int],
    ) -> None:
        self._gate = gate
        self._groups = groups
        self._departures = departures
        self._ties = ties
        self._index = index
        self._expiry = expiry
        self._clock = clock

    def start(self, order: Order, among: Sequence[Order]) -> Start | str:
        """Return how a new order begins, or why it cannot.

        Parameters
        ----------
        among
            The orders that it was sent with, itself included.
        """
        refusal = (
            self._gate.refuses_new(order)
            or self._groups.refuses(order, among)
            or self._departures.lacks(order)
        )
        if refusal:
            return refusal
        if self._departures.must_hold(order):
            order = replace(order, exec_mode="dark")
        dialog = self.record(order)
        self._limit_time(dialog)
        if order.link is not None and order.link.role != "peer":
            dialog.first_price = self._groups.first_stop(order)
            dialog.asked_size = self._asked_size(order, among)
            return Start(dialog, E.WAIT, Fact(order=order, msg=order))
        if order.exec_mode == "dark" or order.action == "alert":
            return Start(dialog, E.HOLD, Fact(order=order, msg=order))
        leaving = self._departures.leaving(order)
        if isinstance(leaving, str):
            return leaving
        reason = self._departures.words(order, leaving)
        tie = self._ties.of(leaving)
        return Start(dialog, E.SUBMIT, Fact(order=leaving, msg=order, reason=reason, tie=tie))

    def refuses_link(self, dialog: OrderDialog, link: Link) -> str | None:
        """Say why an order that is there cannot get another place in a group; None if it can."""
        return self._groups.refuses_link(dialog, link)

    def plain(self, order: Order) -> Start:
        """Return how an order begins that passes at a glance: it goes out as it is."""
        return Start(self.record(order), E.SUBMIT, Fact(order=order, msg=order))

    def record(self, order: Order) -> OrderDialog:
        """Return the record of an order that nothing has happened to."""
        return OrderDialog(order=order, broker=broker_of(order.account), changed_ns=self._clock())

    def _limit_time(self, dialog: OrderDialog) -> None:
        if self._departures.ends_here(dialog.order):
            dialog.ends_ns = self._departures.ends_ns(dialog.order, dialog.changed_ns)
            if dialog.ends_ns is not None:
                self._expiry.note(dialog.oid, dialog.ends_ns)

    def _asked_size(self, order: Order, among: Sequence[Order]) -> Decimal | None:
        """Return what an exit of a position is to close; None for one that follows its entry."""
        assert order.link is not None
        name = order.link.group
        follows = any(one.oid == name for one in among) or self._index.by_oid(name) is not None
        return None if follows else order.size
