"""The fields that say what new orders are: type, time in force, post-only, reduce-only."""

from dataclasses import replace
from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QLabel, QWidget

from order_mode.order_terms import (
    DEFAULT_TERMS,
    STANDING_TIFS,
    TYPE_RULES,
    OrderTerms,
    StandingTif,
    TypeRule,
)

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


class TermsFields(QWidget):
    """Type, time in force, and two boxes to tick.

    Signals
    -------
    terms_changed(OrderTerms)
        The user chose others.
    """

    terms_changed = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._terms = DEFAULT_TERMS
        self.type_choice, self.tif_choice = QComboBox(), QComboBox()
        self.post_only, self.reduce_only = QCheckBox("Post-only"), QCheckBox("Reduce-only")
        self._arrange()
        self.type_choice.activated.connect(self._take)
        self.tif_choice.activated.connect(self._take)
        self.post_only.clicked.connect(self._take)
        self.reduce_only.clicked.connect(self._take)

    def set_terms(self, terms: OrderTerms) -> None:
        """Show these; announces nothing."""
        self._terms = terms
        self.type_choice.setCurrentIndex(TYPE_RULES.index(terms.type))
        self.tif_choice.setCurrentIndex(STANDING_TIFS.index(terms.tif))
        self.post_only.setChecked(terms.post_only)
        self.reduce_only.setChecked(terms.reduce_only)

    def _take(self) -> None:
        self._terms = replace(
            self._terms,
            type=TYPE_RULES[self.type_choice.currentIndex()],
            tif=STANDING_TIFS[self.tif_choice.currentIndex()],
            post_only=self.post_only.isChecked(),
            reduce_only=self.reduce_only.isChecked(),
        )
        self.terms_changed.emit(self._terms)

    def _arrange(self) -> None:
        self.type_choice.addItems([_TYPES[rule] for rule in TYPE_RULES])
        self.tif_choice.addItems([_TIFS[tif] for tif in STANDING_TIFS])
        self.type_choice.setToolTip(
            "By side of price: a buy above the market or a sell below it is a stop, else a limit"
        )
        self.tif_choice.setToolTip("Time in force: until cancelled, to the end of the day, at once")
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
        boxes = QHBoxLayout()
        for box in (self.post_only, self.reduce_only):
            box.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            boxes.addWidget(box)
        grid.addLayout(boxes, 2, 0, 1, 2)
