"""Several markets in one window: tabs, tiles, linked crosshairs, orders that stay."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QTabBar

from brokers.replay.feed import ReplayFeed
from ems.errors import BadHistory
from tests.gui.conftest import LEFT, Loop
from tests.gui.layout_desk import Desk
from ui import theme
from ui.app import DEMO_MARKET
from ui.market_dialog import MarketDialog
from ui.state_folder import open_paths

KEY = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
START_S = 1_780_300_800
BARS = 900


def write_bars(file: Path) -> None:
    with file.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["time", "open", "high", "low", "close", "volume"])
        for number in range(BARS):
            price = 50 + number % 17 * 0.1
            time = START_S + number * 60
            rows.writerow([time, price, price + 0.5, price - 0.5, price + 0.1, 100 + number])


class Markets(Desk):
    """A desk with the demo market and that of a file."""

    def open_both(self) -> None:
        self.start()
        self.open_other()

    def start(self) -> None:
        file = self.paths.state_dir.parent / "gold.csv"
        if not file.exists():
            write_bars(file)
        # The file's market is first in the list, so the demo market is asked for.
        self.open(DEMO_MARKET, options={"replay": {"file": str(file), "speed": "1"}})
        self.until(lambda: self.program.page.last_price is not None)

    def open_other(self) -> None:
        known = len(self.pages.all)
        self.window.activateWindow()
        self.until(self.window.isActiveWindow)
        QTest.keyClick(self.pages, KEY.Key_O, CTRL)
        dialog = self.window.findChild(MarketDialog)
        QTest.keyClicks(dialog.text, "gold")
        self.until(lambda: dialog.list.count() == 1)
        QTest.keyClick(dialog.text, KEY.Key_Return)
        self.until(lambda: len(self.pages.all) == known + 1)
        self.until(lambda: self.pages.current.last_price is not None)
        self.until(lambda: self.pages.current.order_mode is not None)
        self.program.ems.hub.feed(self.pages.current.market.fqsn).paused = True

    @property
    def pages(self):
        return self.window.pages

    @property
    def bar(self) -> QTabBar:
        return self.window.findChild(QTabBar, "markets")

    def view(self, page):
        return page.chart.plot_item.getViewWidget()

    def point(self, page, steps: float) -> QPoint:
        """A place so many twelfths of the picture above the last price."""
        box = page.chart.plot_item.vb
        (left, right), (low, high) = box.viewRange()
        at = QPointF(left + (right - left) * 0.4, page.last_price + steps * (high - low) / 12)
        return self.view(page).mapFromScene(box.mapViewToScene(at))

    def rest(self, page, steps: float) -> None:
        self.window.activateWindow()
        viewport = self.view(page).viewport()
        self.view(page).setFocus()
        QTest.mouseMove(viewport, self.point(page, steps) + QPoint(1, 0))
        QTest.mouseMove(viewport, self.point(page, steps))

    def stage(self, page, steps: float) -> None:
        self.rest(page, steps)
        QTest.keyPress(self.view(page), "f")
        assert page.order_mode.staged is not None

    def place(self, page, steps: float) -> str:
        known = set(page.order_mode.dialogs)
        self.stage(page, steps)
        QTest.mouseClick(self.view(page).viewport(), LEFT, pos=self.point(page, steps))
        QTest.keyRelease(self.view(page), "f")
        (oid,) = set(page.order_mode.dialogs) - known
        dialog = page.order_mode.dialogs[oid]
        self.until(lambda: dialog.status is not None)
        return oid

    def orders_ever(self) -> int:
        return len(list(self.program.ems.journal.fills())) + len(self.window.tables.orders.rows())


@pytest.fixture
def desk(loop: Loop, qtbot, tmp_path: Path) -> Iterator[Markets]:
    made = Markets(loop, qtbot, open_paths(tmp_path / "state"))
    yield made
    made.close()
    assert made.crashes == []


def test_a_market_is_found_by_name_and_opened_in_a_tab(desk):
    desk.start()
    assert not desk.bar.isVisible()
    desk.open_other()
    first, second = desk.pages.all
    assert desk.bar.isVisible()
    assert [desk.bar.tabText(at) for at in (0, 1)] == ["AAPL 1m", "GOLD 1m"]
    assert desk.pages.current is second
    assert second.isVisible()
    assert not first.isVisible()
    assert second.pane.isVisible()
    right = second.pane.mapTo(desk.window, QPoint(0, 0)).x()
    edge = second.mapTo(desk.window, QPoint(0, 0)).x() + second.chart.width()
    assert 0 <= right - edge <= 4  # the chart reaches to the pane
    assert len(second.chart.series) > 0
    assert "gold" in desk.window.windowTitle()


def test_a_name_that_is_no_market_is_a_sentence(desk):
    desk.start()
    QTest.mouseClick(desk.tool("openMarket"), LEFT)
    dialog = desk.window.findChild(MarketDialog)
    assert desk.window.findChild(MarketDialog).isVisible()
    QTest.keyClicks(dialog.text, "moon.demo.replay")
    desk.until(lambda: "No market" in dialog.words.text())
    QTest.mouseClick(dialog.new_tab, LEFT)
    desk.until(lambda: any("moon.demo.replay" in text for text in desk.notices()))
    assert len(desk.pages.all) == 1


@pytest.mark.parametrize("how", ["click", "keys", "another"])
def test_switching_the_market_ends_staging_and_nothing_is_sent(desk, how):
    desk.open_both()
    first, second = desk.pages.all
    desk.stage(second, -2)
    if how == "click":
        QTest.mouseClick(desk.bar, LEFT, pos=desk.bar.tabRect(0).center())
    elif how == "keys":
        QTest.keyClick(desk.window, KEY.Key_Tab, CTRL)
    else:
        desk.run(desk.program.markets.close(second))
    desk.until(lambda: desk.pages.current is first)
    if how != "another":
        assert second.order_mode.staged is None
    assert first.order_mode.staged is None
    # The key is still down, and the hand clicks on: in the other market now.
    for page in desk.pages.all:
        viewport = desk.view(page).viewport()
        QTest.mouseMove(viewport, desk.point(page, -2))
        QTest.mouseClick(viewport, LEFT, pos=desk.point(page, -2))
    QTest.keyRelease(desk.view(first), "f")
    assert first.order_mode.dialogs == {}
    assert desk.orders_ever() == 0


def test_an_order_lives_on_when_its_tab_is_closed_and_is_on_every_chart_of_its_market(desk):
    desk.open_both()
    first, second = desk.pages.all
    oid = desk.place(second, -3)
    desk.open_other()
    third = desk.pages.current
    assert third is not second
    desk.until(lambda: oid in third.order_mode.dialogs)
    for page in (third, second):
        at = desk.pages.all.index(page)
        cross = desk.bar.tabButton(at, QTabBar.ButtonPosition.RightSide)
        QTest.mouseClick(cross, LEFT)
        desk.until(lambda page=page: page not in desk.pages.all)
    assert desk.pages.all == [first]
    assert [row.order.oid for row in desk.window.tables.orders.rows()] == [oid]
    desk.open_other()
    desk.until(lambda: oid in desk.pages.current.order_mode.dialogs)
    assert oid not in first.order_mode.dialogs


def test_the_last_market_cannot_be_closed(desk):
    desk.start()
    QTest.keyClick(desk.window, KEY.Key_W, CTRL)
    desk.until(lambda: desk.pages.all != [])
    assert desk.pages.current.isVisible()


def test_tiles_show_all_and_the_one_under_the_hand_is_current(desk):
    desk.open_both()
    first, second = desk.pages.all
    QTest.mouseClick(desk.tool("tiles"), LEFT)
    assert first.isVisible()
    assert second.isVisible()
    desk.until(lambda: not first.geometry().intersects(second.geometry()))
    before = [page.geometry() for page in (first, second)]
    desk.rest(first, 1)
    assert desk.pages.current is first
    assert first.pane.isVisible()
    assert not second.pane.isVisible()
    assert [page.geometry() for page in (first, second)] == before
    desk.place(first, -3)
    desk.rest(second, 1)
    assert desk.pages.current is second
    assert [page.geometry() for page in (first, second)] == before
    assert len(first.order_mode.dialogs) == 1
    assert second.order_mode.dialogs == {}
    QTest.mouseClick(desk.tool("tiles"), LEFT)
    assert not first.isVisible()


def test_a_held_key_in_one_tile_places_nothing_in_another(desk):
    desk.open_both()
    first, second = desk.pages.all
    QTest.mouseClick(desk.tool("tiles"), LEFT)
    desk.stage(second, -2)
    viewport = desk.view(first).viewport()
    desk.view(first).setFocus()
    assert second.order_mode.staged is None
    QTest.mouseMove(viewport, desk.point(first, -2))
    QTest.mouseClick(viewport, LEFT, pos=desk.point(first, -2))
    QTest.keyRelease(desk.view(first), "f")
    assert desk.orders_ever() == 0


def line_at(page, desk, x: float) -> bool:
    image = desk.view(page).grab().toImage()
    column = int(page.chart.view.mapViewToScene(QPointF(x, 0)).x())
    rows = range(100, image.height() - 60)
    inked = [
        sum(image.pixelColor(column + d, row).name() == theme.CROSSHAIR for row in rows)
        for d in (-1, 0, 1)
    ]
    return max(inked) > 0.9 * len(rows)


def test_a_linked_crosshair_is_at_the_same_moment_in_all_charts(desk):
    desk.start()
    QTest.keyClick(desk.pages, KEY.Key_O, CTRL)
    dialog = desk.window.findChild(MarketDialog)
    QTest.keyClicks(dialog.text, "aapl")
    desk.until(lambda: dialog.list.count() == 1)
    QTest.mouseClick(dialog.new_tab, LEFT)
    desk.until(lambda: len(desk.pages.all) == 2)
    first, second = desk.pages.all
    desk.until(lambda: second.last_price is not None)
    QTest.mouseClick(desk.tool("tiles"), LEFT)
    desk.rest(second, 1)
    QTest.keyClick(desk.view(second), KEY.Key_PageUp)
    desk.until(lambda: second.chart.period_ns == 5 * 60_000_000_000)
    told: list[int | None] = []
    first.chart.pointed.connect(told.append)
    desk.rest(first, 2)
    assert told[-1] is not None
    x = second.chart.x_of_time(told[-1])
    whole = int(x // 1 if x % 1 < 0.5 else x // 1 + 1)
    assert not line_at(second, desk, whole)
    for page in (first, second):  # Qt's test events tell of no leaving
        desk.view(page).mouse_left.emit()
    QTest.mouseClick(desk.tool("linked"), LEFT)
    desk.rest(first, 3)
    desk.until(lambda: line_at(second, desk, whole))
    QTest.mouseMove(desk.window.status)
    desk.view(first).mouse_left.emit()
    assert not line_at(second, desk, whole)


def test_the_markets_are_there_again_in_their_order(desk):
    desk.open_both()
    desk.bar.moveTab(1, 0)
    QTest.mouseClick(desk.tool("tiles"), LEFT)
    QTest.mouseClick(desk.tool("linked"), LEFT)
    names = [page.market.fqsn for page in desk.pages.all]
    assert names[0] != DEMO_MARKET
    desk.close()

    desk.open(None, options={"replay": {"file": str(desk.paths.state_dir.parent / "gold.csv")}})
    desk.until(lambda: len(desk.pages.all) == 2)
    assert [page.market.fqsn for page in desk.pages.all] == names
    assert desk.pages.tiled
    assert desk.tool("linked").isChecked()
    assert desk.pages.current.market.fqsn == names[0]
    desk.close()

    desk.open()  # without the file: its market is kept for another time
    desk.until(lambda: any("gold" in text for text in desk.notices()))
    assert [page.market.fqsn for page in desk.pages.all] == [DEMO_MARKET]
    desk.until(lambda: len(desk.program.layout_now().charts) == 2)


def test_a_kept_market_without_bars_gives_way_to_the_usual_one(desk, monkeypatch):
    desk.open_both()
    gold = desk.pages.current.market.fqsn
    desk.close()
    bars = ReplayFeed.bars

    async def none_of_gold(feed, fqsn, period_ns, **choice):
        if fqsn == gold:
            raise BadHistory("the venue keeps silent")
        return await bars(feed, fqsn, period_ns, **choice)

    monkeypatch.setattr(ReplayFeed, "bars", none_of_gold)
    file = desk.paths.state_dir.parent / "gold.csv"
    desk.open(None, options={"replay": {"file": str(file)}})
    assert desk.pages.current.market.fqsn == DEMO_MARKET
    desk.until(lambda: any("keeps silent" in text for text in desk.notices()))
    desk.until(lambda: len(desk.program.layout_now().charts) >= 2)
    assert gold in [chart.market for chart in desk.program.layout_now().charts]
