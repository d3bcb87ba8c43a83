"""The program on Interactive Brokers: orders that live there are lines, and lines are orders."""

import math
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtTest import QTest

from ems.arming_rules import NO_ARMING
from ems.messages import Order
from ems.risk_limits import NO_LIMITS
from order_mode.line import LineStyle
from tests.gui.conftest import TIMEOUT_MS, Loop
from tests.sims.tws import ACCOUNT, Tws
from tests.sims.tws_layout import SimContract, SimOrder
from ui.config import Config
from ui.faults import Faults
from ui.hours_sign import HoursSign
from ui.layout import ChartLayout
from ui.program import Program, open_program
from ui.session import Session
from ui.state_folder import open_paths

FQSN = "qqq.nasdaq.ib"
MINUTE_S = 60
START_S = 1_795_333_200


def bars() -> list[tuple[str, float, float, float, float, float]]:
    """Four hours of minutes between 98 and 102."""
    closes = [100 + 2 * math.sin(n / 20) for n in range(240)]
    return [
        (str(START_S + MINUTE_S * n), round(c, 2), round(c + 0.2, 2), round(c - 0.2, 2),
         round(c, 2), 10.0)
        for n, c in enumerate(closes)
    ]  # fmt: skip


class Desk:
    """The program, opened and closed on the running loop, and a hand at its chart."""

    def __init__(self, loop: Loop, tws: Tws, folder: Path, qtbot) -> None:
        self.tws = tws
        self._loop = loop.loop
        self._folder = folder
        self._qtbot = qtbot
        self._context = None
        self.program: Program

    def until(self, condition) -> None:
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=TIMEOUT_MS)

    def run(self, coroutine):
        """Run a coroutine to its end while Qt's loop runs."""
        task = self._loop.create_task(coroutine)
        self.until(task.done)
        return task.result()

    def start(self, **more: dict[str, object]) -> None:
        """Open the program; ``more`` are further tables of brokers."""
        options = {"port": self.tws.port, "client_id": 7, "accounts": {"main": ACCOUNT}}
        session = Session(
            config=Config(brokers={"ib": options, **more}, risk=NO_LIMITS, arming=NO_ARMING),
            paths=open_paths(self._folder),
            fqsn=FQSN,
            account="ib.main",
            period="1m",
        )
        self._context = open_program(session, Faults())
        self.program = self.run(self._context.__aenter__())

    def stop(self) -> None:
        if self._context is not None:
            context, self._context = self._context, None
            self.run(context.__aexit__(None, None, None))

    # ---- the chart

    @property
    def chart(self):
        return self.program.page.chart

    @property
    def lines(self):
        return self.program.page.attachment.port.lines.lines

    @property
    def arrows(self):
        return self.program.page.attachment.port.arrows.fills

    def at(self, price: float):
        plot = self.chart.plot_item
        (left, right), _ = plot.vb.viewRange()
        scene = plot.vb.mapViewToScene(QPointF((left + right) / 2, price))
        return plot.getViewWidget().mapFromScene(scene)

    def place(self, action: str, price: float) -> None:
        """Hold the keys of a live order, and click at a price."""
        view = self.chart.plot_item.getViewWidget()
        none, control = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
        key = {"buy": Qt.Key.Key_F, "sell": Qt.Key.Key_D}[action]
        QTest.mouseMove(view.viewport(), self.at(price))
        QTest.keyPress(view, Qt.Key.Key_Control)
        QTest.keyPress(view, key, control)
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, control, self.at(price))
        QTest.keyRelease(view, key, control)
        QTest.keyRelease(view, Qt.Key.Key_Control, none)

    def press(self, key: str, price: float) -> None:
        """Press a key with the pointer at a price."""
        view = self.chart.plot_item.getViewWidget()
        QTest.mouseMove(view.viewport(), self.at(price))
        self.until(lambda: view.viewport().cursor().shape() != Qt.CursorShape.ArrowCursor)
        QTest.keyClick(view, key)

    def drag(self, start: float, end: float) -> None:
        viewport = self.chart.plot_item.getViewWidget().viewport()
        none = Qt.KeyboardModifier.NoModifier
        QTest.mouseMove(viewport, self.at(start))
        QTest.mousePress(viewport, Qt.MouseButton.LeftButton, none, self.at(start))
        for step in (0.5, 1.0):
            QTest.mouseMove(viewport, self.at(start + (end - start) * step))
        QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, none, self.at(end))


@pytest.fixture
def desk(loop: Loop, tmp_path: Path, qtbot) -> Iterator[Desk]:
    tws = Tws()
    tws.bars = {"": bars()}
    desk = Desk(loop, tws, tmp_path, qtbot)
    with ExitStack() as stack:
        desk.run(tws.start())
        stack.callback(lambda: desk.run(tws.stop()))
        stack.callback(desk.stop)
        yield desk


def test_orders_that_live_at_ib_are_lines(desk: Desk) -> None:
    desk.start()
    ours = Order(
        oid=str(uuid.uuid4()), action="buy", exec_mode="live", symbol=FQSN, account="ib.main",
        price=Decimal("99.50"), size=Decimal(10),
    )  # fmt: skip
    desk.program.client.submit(ours)
    desk.until(lambda: ours.oid in desk.lines)
    desk.stop()

    foreign = desk.tws.put(action="SELL", price="101.25", size="5")  # typed into TWS meanwhile
    placed = len(desk.tws.placed)
    desk.start()
    desk.until(lambda: len(desk.lines) == 2)
    [other] = [line for key, line in desk.lines.items() if key != ours.oid]
    assert other.price == Decimal("101.25")
    assert other.label.origin == "made in TWS; change or cancel it there"
    desk.until(lambda: desk.lines[ours.oid].style is LineStyle.SOLID)
    assert desk.lines[ours.oid].label.origin == ""

    move_ours(desk, ours, placed)
    leave_the_other(desk, foreign, other.key)
    fill_ours(desk, ours)


def test_two_gateways_of_which_one_is_down(desk: Desk) -> None:
    other = Tws()
    other.accounts = ["U7654321"]
    other.bars = {"": bars()}
    desk.run(other.start())
    port = other.port
    desk.run(other.stop())
    desk.start(ib2={"kind": "ib", "port": port, "accounts": {"main": "U7654321"}})
    status = desk.program.window.status.brokers
    desk.until(lambda: status.text() == "EMS: ib, ib2 DISCONNECTED, paper")
    desk.place("buy", 98.50)
    desk.until(lambda: len(desk.tws.placed) == 1)
    assert "ib2.main" in desk.program.ems.accounts

    desk.run(other.start(port))
    desk.until(lambda: status.text() == "EMS: ib, ib2, paper")
    page = desk.run(desk.program.markets.open("qqq.nasdaq.ib2", ChartLayout(), 1, choose=True))
    assert page is not None
    assert len(page.chart.series.time) == len(other.bars[""])
    assert (len(desk.tws.placed), len(other.placed)) == (1, 0)
    desk.stop()
    desk.run(other.stop())


def test_tws_comes_after_the_chart(desk: Desk) -> None:
    desk.start()
    desk.stop()
    port = desk.tws.port
    desk.run(desk.tws.stop())
    desk.start()
    assert len(desk.chart.series.time) == 0
    desk.until(lambda: any("nothing listens" in row.text for row in messages(desk)))
    desk.run(desk.tws.start(port))
    desk.until(lambda: len(desk.chart.series.time) == len(desk.tws.bars[""]))


def test_slow_history_says_so(desk: Desk) -> None:
    desk.start()
    said: list[str] = []
    desk.program.page.notice.connect(lambda text, _: said.append(text))
    loading: list[bool] = []
    desk.program.page.bars.history.loading_older.connect(loading.append)
    desk.tws.holds_history = True
    desk.chart.older_wanted.emit()
    desk.until(lambda: said == [f"Loading older bars of {FQSN} ..."])
    assert said[0] in desk.program.window.messages.text.text()
    desk.tws.holds_history = False
    desk.tws.held.pop()()
    desk.until(lambda: loading == [True, False])
    desk.chart.older_wanted.emit()
    desk.until(lambda: len(desk.tws.of_kind(20)) >= 3)
    assert len(said) == 1


def test_a_closed_market_says_so_and_when_it_opens(desk: Desk) -> None:
    zone = ZoneInfo("America/New_York")
    today = datetime.now(zone).date()
    days = [f"{today + timedelta(days=n):%Y%m%d}" for n in range(2)]
    hours = f"{days[0]}:CLOSED;{days[1]}:0930-{days[1]}:1600"
    desk.tws.contracts = [SimContract(trading_hours=hours, liquid_hours=hours)]
    desk.start()
    sign = desk.chart.findChild(HoursSign)
    assert sign.isVisible()
    assert sign.text().startswith("Market closed")
    assert "opens" in sign.text()
    assert "09:30 E" in sign.text()
    desk.until(lambda: desk.program.window.status.feed.text() == "MARKET CLOSED")
    assert "ends" in desk.program.page.pane.terms.tif_choice.toolTip()
    assert "16:00 E" in desk.program.page.pane.terms.tif_choice.toolTip()

    hours = f"{days[0]}:0000-{days[1]}:0000"
    desk.tws.contracts = [SimContract(trading_hours=hours, liquid_hours=hours)]
    desk.tws.cut()
    desk.until(lambda: desk.program.window.status.feed.text() == "LIVE FEED")
    desk.until(lambda: not sign.isVisible())


def test_why_ib_holds_an_order_back_is_on_its_line(desk: Desk) -> None:
    desk.start()
    desk.tws.on_order = lambda sim, _: desk.tws.tell(sim, "Inactive", "locate")
    desk.place("sell", 101.30)
    desk.until(
        lambda: desk.lines and any("borrow" in one.label.note for one in desk.lines.values())
    )
    [held] = desk.lines.values()
    assert held.style is LineStyle.DOTTED
    assert "held by IB: shares to borrow" in held.label.note
    [sim] = desk.tws.orders
    desk.tws.works(sim)
    desk.until(lambda: desk.lines[held.key].style is LineStyle.SOLID)
    assert desk.lines[held.key].label.note == ""


def test_a_cancel_of_what_is_not_ours_says_why_it_cannot(desk: Desk) -> None:
    desk.tws.put(client_id=5, order_id=9, price="101.25", action="SELL")
    desk.start()
    desk.until(lambda: len(desk.lines) == 1)
    [other] = desk.lines.values()
    assert other.label.origin == "made by the API client 5; change or cancel it there"
    desk.press("c", 101.25)
    desk.until(lambda: any("API client 5" in row.text for row in messages(desk)))
    assert desk.tws.cancels == []
    assert desk.lines[other.key].style is LineStyle.SOLID


def test_clicks_snap_to_the_tick_size_of_their_level(desk: Desk) -> None:
    desk.tws.market_rules[26] = [("0", "0.01"), ("100", "0.25")]
    desk.start()
    for action, price in (("buy", 98.777), ("sell", 101.333)):
        placed = len(desk.tws.placed)
        desk.place(action, price)
        desk.until(lambda placed=placed: len(desk.tws.placed) > placed)
        desk.until(lambda: not desk.program.page.order_mode.staged)
    low, high = (Decimal(fields[19]) for fields in desk.tws.placed)
    assert abs(low - Decimal("98.777")) < Decimal("0.1")
    assert low % Decimal("0.01") == 0
    assert abs(high - Decimal("101.333")) < Decimal("0.25")
    assert high % Decimal("0.25") == 0


def move_ours(desk: Desk, ours: Order, placed: int) -> None:
    """Dragging our line modifies our order at IB, to a whole tick, under its own number."""
    sim = desk.tws.order(ours.oid)
    desk.drag(99.50, 100.50)
    desk.until(lambda: len(desk.tws.placed) == placed + 1)
    desk.until(lambda: desk.lines[ours.oid].ghost_price is None)
    price = Decimal(sim.price)
    assert abs(price - Decimal("100.50")) < Decimal("0.1")
    assert price % Decimal("0.01") == 0
    assert desk.tws.placed[-1][1] == str(sim.order_id)
    assert desk.lines[ours.oid].price == price


def leave_the_other(desk: Desk, foreign: SimOrder, key: str) -> None:
    """What TWS made stays where it is, and the user reads why."""
    placed = len(desk.tws.placed)
    desk.drag(101.25, 100.00)
    desk.until(lambda: desk.lines[key].price == Decimal("101.25"))
    desk.until(lambda: any("client id 0" in row.text for row in messages(desk)))
    assert len(desk.tws.placed) == placed
    assert foreign.price == "101.25"


def fill_ours(desk: Desk, ours: Order) -> None:
    """A fill at IB takes the line, draws the arrow and moves the position."""
    sim = desk.tws.order(ours.oid)
    desk.tws.fill(sim, "10", sim.price, "e.1.01")
    desk.until(lambda: ours.oid not in desk.lines)
    desk.until(lambda: desk.arrows)
    assert desk.arrows[0].price == Decimal(sim.price)
    position = desk.program.page.order_mode.position
    assert position.size == 10


def messages(desk: Desk):
    return desk.program.window.tables.messages.rows()
