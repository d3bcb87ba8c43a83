"""Dark orders whose price was touched while the gate could not let them out.

They stay held, their owner is told why once, and each batch of ticks is another try.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol

from ems.lifecycle import Lifecycle
from ems.messages import Notice
from ems.order_dialog import OrderDialog
from ems.outbox import Broadcast
from ems.ports import TickSink, Unsubscribe
from ems.refusal import Refusal
from ems.ticks import Tick
from ems.transitions import S


class ShowsTicks(Protocol):
    """Where the batches of ticks come from."""

    def show(self, fqsn: str, display: TickSink) -> Unsubscribe:
        """Hand each batch of the market's ticks over; call the result to stop."""


class _Waiting(NamedTuple):
    symbol: str
    price: Decimal
    why: str
    kind: str


class WaitingTriggers:
    """Holds touched orders until they may go.

    Parameters
    ----------
    lifecycle
        Tells the clients that an order waits.
    tell
        Tells those who follow a market why, in words.
    clock
        Now, UTC ns.
    hub
        Its ticks are the moments of another try.
    retry
        Called with the oid and the sentence of the trigger: the way a trigger goes.
    """

    def __init__(
        self,
        lifecycle: Lifecycle,
        hub: ShowsTicks,
        retry: Callable[[str, str], None],
        tell: Broadcast,
        clock: Callable[[], int],
    ) -> None:
        self._lifecycle = lifecycle
        self._tell = tell
        self._clock = clock
        self._hub = hub
        self._retry = retry
        self._waiting: dict[str, _Waiting] = {}
        self._listening: dict[str, Unsubscribe] = {}

    def hold(self, dialog: OrderDialog, why: str, refusal: Refusal) -> None:
        """Keep the order, and say why if that was not said already."""
        order = dialog.order
        known = self._waiting.get(dialog.oid)
        self._waiting[dialog.oid] = _Waiting(order.symbol, order.price, why, refusal.kind)
        if order.symbol not in self._listening:
            self._listening[order.symbol] = self._hub.show(
                order.symbol, lambda ticks: self._try_again(order.symbol, ticks)
            )
        if known is None or known.kind != refusal.kind:
            text = f"{why} It waits: {refusal.text} It goes out as soon as it may."
            self._lifecycle.refuse(dialog, "new", text)
            words = f"{order.action.capitalize()} {order.size:f} at {order.price:f}: {text}"
            notice = Notice(time_ns=self._clock(), level="warning", text=words)
            self._tell(order.symbol, notice)

    def forget(self, oid: str) -> None:
        """The order goes out, or it waits for another price."""
        gone = self._waiting.pop(oid, None)
        if gone and not any(other.symbol == gone.symbol for other in self._waiting.values()):
            self._listening.pop(gone.symbol)()

    def _try_again(self, symbol: str, _: Sequence[Tick]) -> None:
        for oid, waiting in list(self._waiting.items()):
            if waiting.symbol != symbol:
                continue
            dialog = self._lifecycle.index.by_oid(oid)
            if dialog is None or dialog.state is not S.HELD or dialog.order.price != waiting.price:
                self.forget(oid)
            else:
                self._retry(oid, waiting.why)
