"""What the program does about alerts that repeat or expire, in markets with a chart or without."""

import time
from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import QTimer

from ems.client import EmsClient
from ems.embedded import Ems
from ems.errors import EmsError
from ems.messages import ClientMsg
from order_mode.alert_keeper import AlertKeeper

_LOOK_MS: Final = 1_000
"""Alerts are looked at so often."""


class AlertDesk:
    """Between the alerts of one EMS and its prices.

    Parameters
    ----------
    ems
        Has the prices, and the alerts of earlier runs.
    client
        Where new alerts and cancels go.
    tell
        Called with a sentence when an alert has expired, or could not be armed anew.
    """

    def __init__(self, ems: Ems, client: EmsClient, tell: Callable[[str], None]) -> None:
        self._ems = ems
        self._client = client
        self._tell = tell
        self._keeper = AlertKeeper(client, self._last_price, tell, time.time_ns)
        self._look = QTimer()
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self._keeper.look)
        self._look.start()

    def on_msg(self, msg: ClientMsg) -> None:
        """Take one message of the EMS."""
        self._keeper.on_msg(msg)

    async def restore(self) -> None:
        """Wait on for the markets of repeating alerts that rang and were not armed anew yet."""
        journal = self._ems.journal
        self._keeper.restore(journal.rung_to_repeat(), lambda oid: journal.dialog(oid) is not None)
        for symbol in self._keeper.waiting_symbols:
            try:
                await self._client.market(symbol)  # its price is needed
            except EmsError as error:
                self._tell(f"The alerts in {symbol} are not armed anew: {error}")

    def stop(self) -> None:
        """Look no more."""
        self._look.stop()

    def _last_price(self, fqsn: str) -> float | None:
        quote, trade = self._ems.hub.last(fqsn)
        market = self._ems.hub.markets.get(fqsn)
        if market is not None and market.chart_price == "bid":
            return None if quote is None else quote.bid
        return None if trade is None else trade.price
