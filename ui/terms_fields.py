"""The fields that say what new orders are: type, time in force, post-only, reduce-only."""

from dataclasses import replace
from typing import Final

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QWidget,
)

from order_mode.order_terms import (
    DEFAULT_TERMS,
    STANDING_TIFS,
    TYPE_RULES,
    OrderTerms,
    StandingTif,
    TypeRule,
)
from order_mode.trail_distance import parse_trail

_TYPES: Final[dict[TypeRule, str]] = {
    "by_side": "By side of price",
    "limit": "Limit",
    "stop": "Stop",
    "stop_limit": "Stop-limit",
    "trailing_stop": "Trailing stop",
    "trailing_stop_limit": "Trailing stop-limit",
    "limit_if_touched": "Limit if touched",
    "market_if_touched": "Market if touched",
}
_TIFS: Final[dict[StandingTif, str]] = {"gtc": "GTC", "day": "Day", "ioc": "IOC"}

_TIME_HELP: Final = "Time in force: until cancelled, to the end of the day, at once"


class TermsFields(QWidget):
    """Type, time in force, how far stops trail, and two boxes to tick.

    Signals
    -------
    terms_changed(OrderTerms)
        The user chose others.
    editing_done()
        Enter or Esc in a field: the focus should go back to the chart.
    """

    terms_changed = pyqtSignal(object)
    editing_done = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._terms = DEFAULT_TERMS
        self.type_choice, self.tif_choice = QComboBox(), QComboBox()
        self.trail_field, self.trail_fault = QLineEdit(), QLabel()
        self.post_only, self.reduce_only = QCheckBox("Post-only"), QCheckBox("Reduce-only")
        self._arrange()
        self.type_choice.activated.connect(self._take)
        self.tif_choice.activated.connect(self._take)
        self.trail_field.editingFinished.connect(self._take_trail)
        self.post_only.clicked.connect(self._take)
        self.reduce_only.clicked.connect(self._take)

    def set_terms(self, terms: OrderTerms) -> None:
        """Show these; announces nothing."""
        self._terms = terms
        self.type_choice.setCurrentIndex(TYPE_RULES.index(terms.type))
        self.tif_choice.setCurrentIndex(STANDING_TIFS.index(terms.tif))
        self._show_trail()
        self.post_only.setChecked(terms.post_only)
        self.reduce_only.setChecked(terms.reduce_only)

    def set_day_end(self, words: str) -> None:
        """Say when an order for the day is over; nothing to say where that is not known."""
        self.tif_choice.setToolTip(f"{_TIME_HELP}\n{words}" if words else _TIME_HELP)

    def _take(self) -> None:
        self._terms = replace(
            self._terms,
            type=TYPE_RULES[self.type_choice.currentIndex()],
            tif=STANDING_TIFS[self.tif_choice.currentIndex()],
            post_only=self.post_only.isChecked(),
            reduce_only=self.reduce_only.isChecked(),
        )
        self.terms_changed.emit(self._terms)

    def _show_trail(self) -> None:
        self.trail_field.setText("" if self._terms.trail is None else str(self._terms.trail))
        self.trail_fault.hide()

    def _take_trail(self) -> None:
        """Take what was typed; what is no trail stays there, with what is wrong, and counts not."""
        text = self.trail_field.text().strip()
        try:
            trail = parse_trail(text) if text else None
        except ValueError as error:
            self.trail_fault.setText(str(error))
            self.trail_fault.show()
            return
        changed = trail != self._terms.trail
        self._terms = replace(self._terms, trail=trail)
        self._show_trail()
        if changed:
            self.terms_changed.emit(self._terms)

    def _arrange(self) -> None:
        self.type_choice.addItems([_TYPES[rule] for rule in TYPE_RULES])
        self.tif_choice.addItems([_TIFS[tif] for tif in STANDING_TIFS])
        self.type_choice.setToolTip(
            "By side of price: a buy above the market or a sell below it is a stop, else a limit"
        )
        self.set_day_end("")
        self.post_only.setToolTip("Limit orders are refused rather than filled at once")
        self.reduce_only.setToolTip("Orders close what is there and open nothing")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        for row, (title, choice) in enumerate(
            (("Type", self.type_choice), ("Time", self.tif_choice))
        ):
            choice.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            grid.addWidget(QLabel(title), row, 0)
            grid.addWidget(choice, row, 1)
        self._arrange_trail(grid)
        boxes = QHBoxLayout()
        for box in (self.post_only, self.reduce_only):
            box.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            boxes.addWidget(box)
        grid.addLayout(boxes, 4, 0, 1, 2)

    def _arrange_trail(self, grid: QGridLayout) -> None:
        field = self.trail_field
        field.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        field.setPlaceholderText("to the click")
        field.setToolTip(
            "How far a trailing stop trails: 20 ticks, 1.5 % or 2 atr. Empty: from the market to "
            "where you click"
        )
        field.installEventFilter(self)
        self.trail_fault.setObjectName("why")
        self.trail_fault.setWordWrap(True)
        self.trail_fault.hide()
        grid.addWidget(QLabel("Trail"), 2, 0)
        grid.addWidget(field, 2, 1)
        grid.addWidget(self.trail_fault, 3, 0, 1, 2)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Hand the focus back on Enter and Esc; Esc leaves the trail as it was."""
        if not (isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress):
            return super().eventFilter(watched, event)
        if event.key() == Qt.Key.Key_Escape:
            self._show_trail()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take_trail()
        else:
            return False
        self.editing_done.emit()
        return True
