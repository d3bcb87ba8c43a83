"""The order pane of a plot that order mode is attached to, for anyone's window."""

import asyncio
from collections.abc import Callable
from typing import Final

from PyQt6 import sip
from PyQt6.QtCore import QObject, Qt, QTimer
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ems.embedded import Ems
from order_mode.order_mode import OrderMode
from ui import theme
from ui.attach import Attachment
from ui.latest_prices import LatestPrices
from ui.order_pane import OrderPane
from ui.order_pane_wiring import OrderPaneWiring
from ui.quote_age import quote_words
from ui.scrolled_pane import scrolled
from ui.worn_style import wear

_AGES_MS: Final = 250
"""How old the quote is, is said so often."""


class OrderModePane(QWidget):
    """Account, prices, position, size and type of the next order of one plot.

    It lives as long as order mode is on the plot, and is empty and greyed out after that. It may be
    closed and deleted before: order mode stays as it is then.

    Parameters
    ----------
    attachment
        What ``attach_order_mode`` returned.

    Attributes
    ----------
    pane : OrderPane or None
        None until order mode is on the plot.
    """

    def __init__(self, attachment: Attachment, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pane: OrderPane | None = None
        self._attachment = attachment
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        wear(self, theme.stylesheet)  # its figures are written for these colours, not the host's
        self._space = QVBoxLayout(self)
        self._space.setContentsMargins(0, 0, 0, 0)
        self._undo: list[Callable[[], None]] = []
        undo = self._undo
        self.destroyed.connect(lambda: _undo_all(undo))
        attachment.ready.add_done_callback(self._on_ready)

    def _on_ready(self, ready: "asyncio.Future[OrderMode]") -> None:
        if sip.isdeleted(self) or ready.cancelled():
            return
        if error := ready.exception():
            words = QLabel(f"There is no order mode on the plot: {error}")
            words.setWordWrap(True)
            self._space.addWidget(words)
        elif not self._attachment.detached:
            self._show_pane(ready.result())

    def _show_pane(self, mode: OrderMode) -> None:
        pane = self.pane = OrderPane(mode.market)
        ems = self._attachment.source.in_process
        wiring = OrderPaneWiring(
            pane,
            lambda: mode,
            accounts=(mode.account,) if ems is None else ems.accounts,
            account=mode.account,
            sizing_of=lambda _: mode.sizing,
            terms=mode.terms,
            presets=mode.presets,
        )
        pane.editing_done.connect(self._attachment.port.take_focus)
        self._space.addWidget(scrolled(pane))
        self._listen(mode.listeners, wiring.show_mode)
        self._listen(self._attachment.detach_listeners, self._leave)
        wiring.show_mode()
        if ems is not None:
            self._follow_prices(ems, mode, pane)

    def _follow_prices(self, ems: Ems, mode: OrderMode, pane: OrderPane) -> None:
        fqsn = mode.market.fqsn
        prices = LatestPrices(mode.market, self, pane.set_quote, pane.set_last)
        prices.on_ticks(tick for tick in ems.hub.last(fqsn) if tick is not None)
        prices.tell()
        prices.start()
        ages = QTimer(pane)
        ages.timeout.connect(lambda: pane.set_quote_age(quote_words(ems.prices, fqsn)))
        ages.start(_AGES_MS)
        self._undo += [ems.hub.show(fqsn, prices.on_ticks), _unless_deleted(self, prices.remove)]
        self._undo.append(_unless_deleted(ages, ages.stop))

    def _listen(self, listeners: list[Callable[[], None]], listener: Callable[[], None]) -> None:
        listeners.append(listener)
        self._undo.append(lambda: listeners.remove(listener))

    def _leave(self) -> None:
        """Order mode is gone: what is shown would be so no longer."""
        _undo_all(self._undo)
        if self.pane is not None:
            self.pane.set_market(self._attachment.ready.result().market)
            self.pane.set_quote_age("")
        self.setEnabled(False)


def _undo_all(undo: list[Callable[[], None]]) -> None:
    while undo:
        undo.pop()()


def _unless_deleted(owner: QObject, undo: Callable[[], None]) -> Callable[[], None]:
    return lambda: None if sip.isdeleted(owner) else undo()
