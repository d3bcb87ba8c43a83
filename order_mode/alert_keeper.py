"""Alerts that repeat are armed anew, and those whose time is up are taken back; in any market."""

import uuid
from collections.abc import Callable
from decimal import Decimal

from msgspec.structs import replace

from ems.client import EmsClient
from ems.errors import EmsError
from ems.messages import DONE_RESPS, Cancel, ClientMsg, Order, Status


class AlertKeeper:
    """Follows every alert that one client hears of.

    An alert that repeats is armed anew once the price has left its level, so that a market that
    stands at the level rings once; and at `close` at once, so that it is there at the next start.

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

    def close(self) -> None:
        """Arm what waits, whatever the price is: it must not be lost with the program."""
        rung, self._rung = self._rung, {}
        for alert in rung.values():
            self._arm(alert)

    def _left(self, alert: Order) -> bool:
        last = self._last_price(alert.symbol)
        return last is not None and Decimal(repr(last)) != alert.price

    def _arm(self, alert: Order) -> None:
        if _expired(alert, self._clock_ns()):
            return
        try:
            self._client.submit(replace(alert, oid=str(uuid.uuid4())))
        except EmsError as error:
            self._tell(f"The alert at {alert.price:f} in {alert.symbol} ended: {error}")


def _expired(alert: Order, now_ns: int) -> bool:
    return alert.expires_ns is not None and alert.expires_ns <= now_ns
