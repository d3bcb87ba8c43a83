"""Drawings beside orders in the real program: neither takes the other's click, key or undo."""

from collections.abc import Iterator
from pathlib import Path

import pyqtgraph as pg
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QToolButton

from tests.gui.conftest import LEFT, Loop
from tests.gui.test_markets import Markets
from ui.app import DEMO_MARKET
from ui.chart.drawing import Anchor, Drawing, DrawingKind
from ui.state_folder import open_paths

CTRL = Qt.KeyboardModifier.ControlModifier


class Artist(Markets):
    """A trader who draws."""

    @property
    def page(self):
        return self.pages.current

    @property
    def hand(self):
        return self.page.chart.drawing_hand

    def tool(self, name: str) -> QToolButton:
        """A button of the page in front, or of the window."""
        return self.page.findChild(QToolButton, name) or super().tool(name)

    def draw_level(self, steps: float) -> Drawing:
        self.choose("draw", DrawingKind.LEVEL.value)
        assert "horizontal line" in self.tool("draw").text()
        self.rest(self.page, steps)
        QTest.mouseClick(self.view(self.page).viewport(), LEFT, pos=self.point(self.page, steps))
        assert self.tool("draw").text() == "Draw"
        return self.hand.drawings.all[-1]

    def drag_by(self, steps: float, pixels: int) -> None:
        viewport, start = self.view(self.page).viewport(), self.point(self.page, steps)
        self.rest(self.page, steps)
        QTest.mousePress(viewport, LEFT, pos=start)
        for share in (0.3, 0.6, 1.0):
            QTest.mouseMove(viewport, start + QPoint(0, round(pixels * share)))
        QTest.mouseRelease(viewport, LEFT, pos=start + QPoint(0, pixels))

    def key(self, key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.view(self.page), key, modifiers)


@pytest.fixture
def desk(loop: Loop, qtbot, tmp_path: Path, monkeypatch) -> Iterator[Artist]:
    monkeypatch.setitem(pg.CONFIG_OPTIONS, "mouseRateLimit", -1)  # or it leaves out fast moves
    made = Artist(loop, qtbot, open_paths(tmp_path / "state"))
    yield made
    made.close()
    assert made.crashes == []


def test_an_order_line_over_a_drawing_is_what_the_hand_takes(desk):
    desk.start()
    oid = desk.place(desk.page, -3)
    price = desk.page.order_mode.dialogs[oid].order.price
    level = Drawing(DrawingKind.LEVEL, (Anchor(0, float(price)),))
    desk.hand.drawings.add(level)
    desk.drag_by(-3, 30)
    dialog = desk.page.order_mode.dialogs[oid]
    desk.until(lambda: dialog.order.price < price)
    assert desk.hand.drawings.all == (level,)


def test_undo_takes_back_drawings_and_never_an_order(desk):
    desk.start()
    oid = desk.place(desk.page, -3)
    desk.draw_level(2)
    drawn = desk.hand.drawings.all
    assert len(drawn) == 1
    for _ in range(4):
        desk.key(Qt.Key.Key_Z, CTRL)
    assert desk.hand.drawings.all == ()
    dialog = desk.page.order_mode.dialogs[oid]
    assert dialog.state in ("open", "dark_open")
    assert not dialog.cancel_called
    desk.choose("draw", "Do again\tCtrl+Shift+Z")
    assert desk.hand.drawings.all == drawn
    desk.choose("draw", "Delete all drawings")
    assert desk.hand.drawings.all == ()
    assert oid in desk.page.order_mode.dialogs


def test_a_click_that_places_an_order_draws_nothing(desk):
    desk.start()
    desk.choose("draw", DrawingKind.LEVEL.value)
    desk.place(desk.page, -3)
    assert desk.hand.drawings.all == ()
    assert len(desk.page.order_mode.dialogs) == 1
    assert desk.hand.tool is DrawingKind.LEVEL
    desk.key(Qt.Key.Key_Escape)
    assert desk.hand.tool is None


def test_a_click_that_draws_places_no_order(desk):
    desk.start()
    desk.draw_level(-2)
    desk.drag_by(-2, 25)
    assert len(desk.hand.drawings.all) == 1
    assert desk.page.order_mode.dialogs == {}
    assert desk.orders_ever() == 0


def test_drawings_are_on_every_chart_of_their_market_and_there_at_the_next_start(desk):
    desk.open_both()
    first, second = desk.pages.all
    level = desk.draw_level(2)
    assert first.chart.drawing_hand.drawings.all == ()
    desk.open_other()
    assert desk.hand.drawings.all == (level,)
    desk.key(Qt.Key.Key_PageUp)
    desk.drag_by(2, 20)
    moved = desk.hand.drawings.all
    desk.until(lambda: second.chart.drawing_hand.drawings.all == moved)
    desk.close()

    desk.start()
    assert desk.page.market.fqsn == DEMO_MARKET
    assert desk.hand.drawings.all == ()
    desk.until(lambda: len(desk.pages.all) == 3)
    for page in desk.pages.all[1:]:
        assert page.chart.drawing_hand.drawings.all == moved
