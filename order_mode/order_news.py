"""What the user is told of orders and of the lines to brokers: a sentence for each."""

from typing import Final

from ems.flatten_rules import BEING_CLOSED
from ems.group_rules import NO_ENTRY
from ems.kill_switch import KILLED
from ems.market import Market
from ems.messages import Connection, Order, Request, Status
from ems.ties import FILLED_ELSEWHERE
from order_mode.chart_port import ChartPort
from order_mode.labels import filled_words, order_words

_REFUSED: Final[dict[Request | None, str]] = {
    "modify": "The change was refused, the order stays as it was, {}: {}",
    "cancel": "The cancel was refused, the order stays, {}: {}",
}
_ASKED_FOR: Final = frozenset({NO_ENTRY, BEING_CLOSED, KILLED})
"""Why orders end with another, with the position or by the kill switch: it is known already."""


class OrderNews:
    """Says on one chart what happened.

    Parameters
    ----------
    market, chart
        Of the orders.
    """

    def __init__(self, market: Market, chart: ChartPort) -> None:
        self._market = market
        self._chart = chart
        self._brokers_down: set[str] = set()

    def ended(self, order: Order, status: Status) -> None:
        """Say how an order ended; what the user has asked for needs no words."""
        what = order_words(self._market, order)
        match status.resp:
            case "closed":
                self._chart.notify(f"Filled: {filled_words(self._market, order, status)}", "info")
            case "error":
                self._chart.notify(f"Refused: {what}: {status.reason}", "error")
            case "canceled" if status.reason and status.reason not in _ASKED_FOR:
                by_group = status.tie is not None or status.reason == FILLED_ELSEWHERE
                self._chart.notify(
                    f"Cancelled: {what}: {status.reason}", "info" if by_group else "warning"
                )
            case "triggered":
                self._chart.notify(f"{what.capitalize()} reached", "info")

    def refused(self, order: Order, request: Request | None, reason: str) -> None:
        """Say that a change or a cancel was refused, and why; nothing of other requests."""
        if request in _REFUSED:
            what = order_words(self._market, order)
            text = _REFUSED[request].format(what, reason or "no reason given")
            self._chart.notify(text, "warning")

    def connection(self, msg: Connection) -> None:
        """Say that the line to a broker was lost, or is back."""
        if not msg.up:
            self._brokers_down.add(msg.broker)
            self._chart.notify(f"Connection to {msg.broker} lost. {msg.reason}".strip(), "error")
        elif msg.broker in self._brokers_down:
            self._brokers_down.discard(msg.broker)
            self._chart.notify(f"Connection to {msg.broker} is back.", "info")
