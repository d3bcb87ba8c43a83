"""What an execution was, in a card beside its arrow while the cursor is over it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QLabel, QWidget

from ems.messages import BrokerdFill
from order_mode.labels import account_words
from ui import theme
from ui.worn_style import wear

_MOST: Final = 6
_BESIDE: Final = QPoint(14, 12)


class FillCard(QLabel):
    """A few lines of text over a viewport; the mouse goes through it.

    Parameters
    ----------
    viewport
        What it lies over.
    """

    def __init__(self, viewport: QWidget) -> None:
        super().__init__(viewport)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.PlainText)
        wear(self, _style)
        self.setFont(theme.number_font(11))
        self.hide()

    def show_fills(self, fills: Sequence[BrokerdFill], at: QPoint | None) -> None:
        """Show these executions beside a point of the viewport; nothing without any."""
        if not fills or at is None:
            self.hide()
            return
        words = [_words(fill) for fill in fills[-_MOST:]]
        if len(fills) > _MOST:
            words.append(f"and {len(fills) - _MOST} more, in the table of fills")
        self.setText("\n\n".join(words))
        self.adjustSize()
        self._lie_beside(at)
        self.show()
        self.raise_()

    def _lie_beside(self, at: QPoint) -> None:
        over = self.parentWidget()
        corner = at + _BESIDE
        if over is not None:
            corner.setX(max(0, min(corner.x(), over.width() - self.width())))
            corner.setY(max(0, min(corner.y(), over.height() - self.height())))
        self.move(corner)


def _words(fill: BrokerdFill) -> str:
    time = datetime.fromtimestamp(fill.broker_time_ns / 1e9, UTC)
    lines = [
        f"{fill.action.upper()} {fill.size:f} at {fill.price:f}",
        f"{time:%Y-%m-%d %H:%M:%S} UTC",
        account_words(fill.account),
        f"fee {fill.fee:f} {fill.fee_currency}".rstrip() if fill.fee else "",
        f"execution {fill.exec_id}",
    ]
    return "\n".join(filter(None, lines))


def _style() -> str:
    return (
        f"background: {theme.RAISED}; color: {theme.TEXT}; border: 1px solid {theme.BORDER};"
        "border-radius: 4px; padding: 6px 8px;"
    )
