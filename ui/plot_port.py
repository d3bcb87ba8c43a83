"""A pyqtgraph plot as order mode sees a chart."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol, runtime_checkable

import pyqtgraph as pg
from PyQt6 import sip
from PyQt6.QtCore import QPointF
from PyQt6.QtWidgets import QGraphicsView

from ems.messages import BrokerdFill
from order_mode.chart_port import Level, UserQuestion
from order_mode.keymap import Keymap
from order_mode.line import STAGED_KEY, Line
from ui.chart.price_scale import PriceScale
from ui.chart.view import ChartView
from ui.fill_arrows import FillArrows
from ui.fill_card import FillCard
from ui.key_overlay import KeyOverlay
from ui.line_choices import LineChoices
from ui.order_lines import OrderLines
from ui.plot_notice import PlotNotice
from ui.price_plus import PricePlus
from ui.question_card import QuestionCard

_WHY: Final = "order mode"


class ChartHost(Protocol):
    """What the program around a plot may offer, as `ui.chart` does; a bare plot does without."""

    def hold_view(self, why: str) -> None:
        """Stop every automatic scale and scroll until `release_view` with the same reason."""

    def release_view(self, why: str) -> None:
        """Allow automatic scale and scroll again."""

    def set_extra_prices(self, prices: Sequence[float]) -> None:
        """Take the prices of the order lines, for an auto-scale that shows those nearby."""


@runtime_checkable
class NotifyingHost(Protocol):
    """A host that shows notices itself; without, they are shown on the plot."""

    def notify(self, text: str, level: Level) -> None:
        """Show a sentence to the user; level is ``info``, ``warning`` or ``error``."""


@runtime_checkable
class KnowsRange(Protocol):
    """A host that has bars, and so knows how far the price goes in one."""

    def atr(self) -> float | None:
        """Return the average true range of the last bars, points of price; None if unknown."""


class PlotPort:
    """Draws what order mode asks for on a plot; an `order_mode.chart_port.ChartPort`.

    Parameters
    ----------
    plot_item : pg.PlotItem
        In a view already.
    view : QGraphicsView
        That the plot is in.
    x_of_time
        x of a time in UTC nanoseconds, on the plot's x axis.
    host
        Of the plot, None for a bare one.
    choices
        How the lines look and what drags them.
    """

    def __init__(
        self,
        plot_item: pg.PlotItem,
        view: QGraphicsView,
        x_of_time: Callable[[int], float],
        host: ChartHost | None,
        choices: LineChoices,
    ) -> None:
        self.box: pg.ViewBox = plot_item.vb
        self.choices = choices
        self.scale = _scale_of(plot_item)
        """How prices lie on the y axis."""
        self.lines = OrderLines(self.box, choices.side, self.scale)
        self.arrows = FillArrows(self.box, x_of_time, self.scale)
        self.plus = PricePlus(self.box)
        self.notice = PlotNotice(self.box)
        viewport = view.viewport()
        assert viewport is not None
        self.keys = KeyOverlay(viewport)
        self.fill_card = FillCard(viewport)
        self.question = QuestionCard(viewport, view)
        self.menu_asked: Callable[[], None] = lambda: None
        """Opens a menu; set by who watches the mouse."""
        self.exits_asked: Callable[[str], None] = lambda key: None
        """Opens the menu of the exits of a line; likewise."""
        self.takes_right_clicks = True
        """A right click is for order mode, not for the plot."""
        self._view = view
        self._host = host
        self.host_follows_ems: bool = getattr(host, "follows_ems", False)
        """The program hears of notices by itself; they need not be told twice."""
        self._told_prices: dict[str, float] = {}
        self._held: tuple[list[bool | float], list[list[float]]] | None = None

    @property
    def has_host(self) -> bool:
        """True if the program around the plot takes part."""
        return self._host is not None

    def set_log_scale(self, is_log: bool) -> None:
        """Place everything anew: the y axis has become logarithmic or linear."""
        self.scale.is_log = is_log
        self.lines.rescale()
        self.arrows.update()

    def price_at(self, y: float) -> float:
        """Return the price at a row of the pane, logical pixels."""
        return self.scale.price(float(self.box.mapToView(QPointF(0.0, y)).y()))

    def take_focus(self) -> None:
        """Give the keyboard to the plot."""
        self._view.setFocus()

    @property
    def gone(self) -> bool:
        """True if the plot was closed or deleted, and with it what was drawn on it."""
        return bool(sip.isdeleted(self.keys) or sip.isdeleted(self.lines))

    def show_line(self, line: Line) -> None:
        """Draw the line; one with the same key is replaced."""
        self.lines.show_line(line)
        self._tell_prices(line.key)

    def remove_line(self, key: str) -> None:
        """Draw this line no more."""
        self.lines.remove_line(key)
        self._tell_prices(key)

    def line_under_cursor(self) -> str | None:
        """Return the key of the marked line."""
        return self.lines.line_at_cursor()

    def lines_under_cursor(self) -> int:
        """Return how many lines are under the cursor."""
        return len(self.lines.lines_at_cursor())

    def mark_next_line(self) -> None:
        """Mark the next of them."""
        self.lines.choose_next()

    def open_menu(self) -> None:
        """Open the menu of what is at the cursor."""
        self.menu_asked()

    def open_exits(self, key: str) -> None:
        """Open the menu of the exits that the line can have."""
        self.exits_asked(key)

    def toggle_fills(self) -> None:
        """Hide the fills, or show them again."""
        self.arrows.setVisible(not self.arrows.isVisible())
        self.fill_card.hide()

    def point_at_fills(self, point: QPointF | None) -> None:
        """Show the card of the fills at a point of the pane; None = the cursor is away."""
        fills = [] if point is None else self.arrows.fills_at(point)
        at = None if point is None else self._view.mapFromScene(self.box.mapToScene(point))
        self.fill_card.show_fills(fills, at)

    def show_fill(self, fill: BrokerdFill) -> None:
        """Draw the execution."""
        self.arrows.show_fill(fill)

    def atr(self) -> float | None:
        """Return the average true range of the host's bars; None if it has none."""
        return self._host.atr() if isinstance(self._host, KnowsRange) else None

    def notify(self, text: str, level: Level) -> None:
        """Tell the user a sentence: by the host, or on the plot."""
        if isinstance(self._host, NotifyingHost):
            self._host.notify(text, level)
        else:
            self.notice.show_text(text, level)

    def ask(self, question: UserQuestion) -> None:
        """Ask the user a question over the plot."""
        self.question.ask(question)

    def hold_view(self) -> None:
        """Keep the price under the cursor where it is."""
        if self._host is not None:
            self._host.hold_view(_WHY)
        elif self._held is None:
            self._held = (list(self.box.autoRangeEnabled()), self.box.viewRange())
            self.box.disableAutoRange()

    def release_view(self) -> None:
        """Let the plot scale itself as it did before, unless the user has moved it since."""
        if self._host is not None:
            self._host.release_view(_WHY)
        elif self._held is not None:
            (auto_x, auto_y), view = self._held
            self._held = None
            if self.box.viewRange() == view:
                self.box.enableAutoRange(x=auto_x, y=auto_y)

    def show_keys(self, keymap: Keymap) -> None:
        """Show the keys over the plot."""
        self.keys.show_keys(keymap, around=isinstance(self.box, ChartView))

    def hide_keys(self) -> bool:
        """Hide the keys; return False if they were not shown."""
        return self.keys.hide_keys()

    def remove(self) -> None:
        """Leave the plot as it was."""
        if self._host is not None:
            self._host.set_extra_prices([])
        self.lines.remove()
        self.arrows.remove()
        self.notice.remove()
        self.plus.remove()
        self.question.close_all()
        self.menu_asked, self.exits_asked = lambda: None, lambda key: None
        for widget in (self.keys, self.fill_card, self.question):
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()

    def _tell_prices(self, key: str) -> None:
        """Tell the host of a change, but not of the line that follows the cursor."""
        if self._host is None or key.startswith(STAGED_KEY):
            return
        line, told = self.lines.lines.get(key), self._told_prices
        price = None if line is None else float(line.price)
        if price == told.get(key):
            return
        if price is None:
            del told[key]
        else:
            told[key] = price
        self._host.set_extra_prices(list(told.values()))


def _scale_of(plot_item: pg.PlotItem) -> PriceScale:
    """Return how prices lie on the plot's y axis: our own chart knows it before anyone else."""
    if isinstance(plot_item.vb, ChartView):
        return plot_item.vb.scale
    return PriceScale(is_log=plot_item.ctrl.logYCheck.isChecked())
