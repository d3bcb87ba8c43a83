"""Alerts that repeat are armed anew, and those whose time is up are taken back; in any market."""

import uuid
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from ems.client import EmsClient
from ems.errors import EmsError
from ems.messages import DONE_RESPS, Cancel, ClientMsg, Order, Status


class AlertKeeper:
    """Follows every alert that one client hears of.

    An alert that repeats is armed anew once the price has left its level, so that a market that
    stands at the level rings once. Its next ``oid`` follows from the one that rang: so `restore`
    knows, whenever the program ended, which ones were not armed anew yet, and none is armed twice.

    Parameters
    ----------
    client
        Where the new alerts and the cancels go.
    last_price
        The last price of a market that alerts look at; None before the first.
    tell
        Called with a sentence when an alert has expired, or could not be armed anew.
    clock_ns
        Now, UTC.
    """

    def __init__(
        self,
        client: EmsClient,
        last_price: Callable[[str], float | None],
        tell: Callable[[str], None],
        clock_ns: Callable[[], int],
    ) -> None:
        self._client = client
        self._last_price = last_price
        self._tell = tell
        self._clock_ns = clock_ns
        self._armed: dict[str, Order] = {}
        self._rung: dict[str, Order] = {}

    def on_msg(self, msg: ClientMsg) -> None:
        """Take one message of the EMS."""
        if not isinstance(msg, Status) or msg.req is None or msg.req.action != "alert":
            return
        if msg.resp == "triggered":
            self._armed.pop(msg.oid, None)
            if msg.req.repeats:
                self._rung[msg.oid] = msg.req
        elif msg.resp in DONE_RESPS:
            self._armed.pop(msg.oid, None)
        else:
            self._armed[msg.oid] = msg.req

    def look(self) -> None:
        """Do what is due: call it about every second."""
        for oid, alert in list(self._rung.items()):
            if self._left(alert):
                del self._rung[oid]
                self._arm(alert)
        now_ns = self._clock_ns()
        for oid, alert in list(self._armed.items()):
            if _expired(alert, now_ns):
                del self._armed[oid]
                self._tell(f"The alert at {alert.price:f} in {alert.symbol} has expired.")
                self._client.cancel(Cancel(oid=oid, symbol=alert.symbol))

    @property
    def waiting_symbols(self) -> set[str]:
        """The markets of alerts that rang and wait until the price has left them."""
        return {alert.symbol for alert in self._rung.values()}

    def restore(self, rung: Iterable[Order], known: Callable[[str], bool]) -> None:
        """Wait on with the alerts of earlier runs.

        Parameters
        ----------
        rung
            Every alert that rang and repeats.
        known
            Tells whether there ever was an order of this ``oid``.
        """
        for alert in rung:
            if not known(next_oid(alert.oid)):
                self._rung[alert.oid] = alert

    def _left(self, alert: Order) -> bool:
        last = self._last_price(alert.symbol)
        return last is not None and Decimal(repr(last)) != alert.price

    def _arm(self, alert: Order) -> None:
        if _expired(alert, self._clock_ns()):
            return
        try:
            self._client.submit(replace(alert, oid=next_oid(alert.oid)))
        except EmsError as error:
            self._tell(f"The alert at {alert.price:f} in {alert.symbol} ended: {error}")


def next_oid(oid: str) -> str:
    """Return the id under which an alert that rang is armed anew."""
    return str(uuid.uuid5(_AGAIN, oid))


_AGAIN: Final = uuid.UUID("5d2f9d3e-3c58-4b0e-9d58-1f8a6a1c7f52")


def _expired(alert: Order, now_ns: int) -> bool:
    return alert.expires_ns is not None and alert.expires_ns <= now_ns
