"""The program on the simulated Kraken: the real client, real sockets, on Qt's loop."""

import asyncio
import time
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtTest import QTest

from ems.arming_rules import NO_ARMING
from ems.risk_limits import NO_LIMITS
from order_mode.line import POSITION_KEY, LineStyle
from tests.sims.kraken import KrakenSim, open_sim
from ui.config import Config
from ui.faults import Faults
from ui.program import Program, open_program
from ui.session import Session
from ui.state_folder import open_paths

NO_MODIFIER, LEFT = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton


class Trader:
    """The simulated Kraken, the program on it, and a hand at the mouse."""

    def __init__(self, sim: KrakenSim, program: Program) -> None:
        self.sim = sim
        self.program = program
        chart = program.page.chart
        self.view = chart.plot_item.getViewWidget()
        self.box = chart.plot_item.vb
        self.viewport = self.view.viewport()

    @property
    def lines(self):
        return self.program.page.attachment.port.lines.lines

    def drag(self, start: float, end: float) -> None:
        for step, price in enumerate((start, (start + end) / 2, end)):
            point = self.view.mapFromScene(self.box.mapViewToScene(QPointF(self.x, price)))
            QTest.mouseMove(self.viewport, point)
            if step == 0:
                QTest.mousePress(self.viewport, LEFT, NO_MODIFIER, point)
        QTest.mouseRelease(self.viewport, LEFT, NO_MODIFIER, point)

    @property
    def x(self) -> float:
        (left, right), _ = self.box.viewRange()
        return left + (right - left) / 3


@pytest.fixture
def run(loop, qtbot):
    """Run a coroutine in the background; return its task."""

    def begin(coroutine):
        return loop.loop.create_task(coroutine)

    return begin


@pytest.fixture
def sim(run, until) -> Iterator[KrakenSim]:
    opened: list[KrakenSim] = []
    leave = asyncio.Event()

    async def serve() -> None:
        async with open_sim() as server:
            opened.append(server)
            await leave.wait()

    task = run(serve())
    until(lambda: opened)
    now = int(time.time()) // 60 * 60
    opened[0].bars = [
        [now - 60 * (100 - i), "50000", "50100", "49900", "50000", "50000", "1.5", 9]
        for i in range(101)
    ]
    yield opened[0]
    leave.set()
    until(task.done)
    task.result()


@pytest.fixture
def open_trader(run, sim, until, tmp_path: Path):
    leave = asyncio.Event()
    opened: list[Program] = []
    tasks = []

    def start(**choices) -> Trader:
        options = sim.options(tmp_path if choices.pop("key", True) else None)
        rules = choices.pop("rules", {"risk": NO_LIMITS, "arming": NO_ARMING})
        session = Session(
            config=Config(brokers={"kraken": options}, **rules),
            paths=open_paths(tmp_path / "state"),
            period="1m",
            **choices,
        )

        async def live() -> None:
            async with open_program(session, Faults()) as program:
                opened.append(program)
                await leave.wait()

        tasks.append(run(live()))
        until(lambda: opened or tasks[-1].done())
        if tasks[-1].done():
            tasks[-1].result()
        return Trader(sim, opened[-1])

    yield start
    leave.set()
    for task in tasks:
        until(task.done)
        task.result()


def test_what_lives_at_kraken_is_on_the_chart_and_a_drag_amends_it(sim, open_trader, until):
    ours = str(uuid.uuid4())
    sim.engine.place("buy", "49950.0", "0.02", cl_ord_id=ours)
    web = sim.engine.place("sell", "50050.0", "0.01")
    trader = open_trader(fqsn="btcusd.kraken", account="kraken.spot")
    assert trader.program.page.market.fqsn == "xbtusd.kraken"

    until(lambda: len(trader.lines) == 2)
    line = trader.lines[ours]
    until(lambda: line.style is LineStyle.SOLID)
    assert line.price == Decimal("49950.0")
    assert {line.price for line in trader.lines.values()} == {Decimal("49950.0"), web.price}
    [other] = (line for key, line in trader.lines.items() if key != ours)
    assert other.label.origin == "made at Kraken"

    trader.drag(49950.0, 49980.0)
    until(lambda: sim.named("amend_order"))
    until(lambda: trader.lines[ours].style is LineStyle.SOLID)
    [amend] = sim.named("amend_order")
    assert amend["order_id"] == sim.engine.order(ours).order_id
    assert abs(amend["limit_price"] - 49980) < 2
    assert trader.lines[ours].price == sim.engine.order(ours).price

    sim.engine.fill(sim.engine.order(ours))
    until(lambda: ours not in trader.lines)
    sim.engine.cancel(web)
    until(lambda: set(trader.lines) == {POSITION_KEY})


def test_dragging_a_trailing_stop_amends_how_far_it_trails(sim, open_trader, until):
    trail = {"price": Decimal("150.0"), "price_type": "quote", "reference": "last"}
    ours = str(uuid.uuid4())
    stop = sim.engine.place(
        "sell",
        "49950.0",
        "0.02",
        cl_ord_id=ours,
        order_type="trailing-stop",
        terms={"triggers": trail},
    )
    trader = open_trader(fqsn="xbtusd.kraken", account="kraken.spot")
    until(lambda: ours in trader.lines and trader.lines[ours].style is LineStyle.SOLID)
    until(lambda: ("ticker", "BTC/USD") in sim.watched)
    sim.quote("50099.9", "50100.0")
    sim.trade("50100.0")
    until(lambda: trader.program.page.last_price == 50100.0)
    trader.drag(49950.0, 49980.0)
    until(lambda: sim.named("amend_order"))
    [amend] = sim.named("amend_order")
    assert amend["order_id"] == stop.order_id
    assert amend["trigger_price_type"] == "quote"
    assert abs(amend["trigger_price"] - 120) < 2
    assert "limit_price" not in amend


@pytest.mark.parametrize("yes", [True, False])
def test_what_kraken_will_not_amend_is_replaced_after_a_yes(sim, open_trader, until, yes):
    ours = str(uuid.uuid4())
    old = sim.engine.place("buy", "49950.0", "0.02", cl_ord_id=ours)
    trader = open_trader(fqsn="xbtusd.kraken", account="kraken.spot")
    until(lambda: ours in trader.lines and trader.lines[ours].style is LineStyle.SOLID)
    sim.script.refuse["amend_order"] = ["EOrder:This order cannot be amended"]
    trader.drag(49950.0, 49980.0)
    question = trader.program.page.attachment.port.question
    until(question.isVisible)
    assert "loses its place in the queue" in question.text.text()
    assert sim.named("edit_order") == []
    until(question.yes.isEnabled)
    QTest.keyClick(question, Qt.Key.Key_Return if yes else Qt.Key.Key_Escape)
    if yes:
        until(lambda: sim.named("edit_order"))
        until(lambda: abs(float(trader.lines[ours].price) - 49980) < 2)
        until(lambda: trader.lines[ours].style is LineStyle.SOLID)
        [new] = sim.engine.live
        assert new.order_id != old.order_id
        assert set(trader.lines) == {ours}
    else:
        until(lambda: not question.isVisible())
        assert trader.lines[ours].price == Decimal("49950.0")
        assert [live.order_id for live in sim.engine.live] == [old.order_id]


def place(trader: Trader, price: float) -> None:
    """Hold the keys of a live buy, and click at a price."""
    point = trader.view.mapFromScene(trader.box.mapViewToScene(QPointF(trader.x, price)))
    QTest.mouseMove(trader.viewport, point)
    for key in (Qt.Key.Key_S, Qt.Key.Key_F):
        QTest.keyPress(trader.view, key)
    QTest.mouseClick(trader.viewport, LEFT, NO_MODIFIER, point)
    for key in (Qt.Key.Key_F, Qt.Key.Key_S):
        QTest.keyRelease(trader.view, key)


@pytest.fixture
def quoted(sim, open_trader, until) -> Trader:
    """The chart of a market that has a price."""
    trader = open_trader(fqsn="xbtusd.kraken", account="kraken.spot")
    status = trader.program.window.status
    until(lambda: "DISCONNECTED" not in status.brokers.text())
    until(lambda: ("ticker", "BTC/USD") in sim.watched)
    sim.quote("50000.0", "50000.1")
    sim.trade("50000.1")
    until(lambda: trader.program.page.last_price == 50000.1)
    return trader


def orders_of(trader: Trader) -> set[str]:
    return set(trader.lines) - {POSITION_KEY, "staged"}


def test_a_click_places_and_a_key_cancels(sim, quoted, until):
    place(quoted, 49960.0)
    until(lambda: sim.named("add_order"))
    [add] = sim.named("add_order")
    assert (add["order_type"], add["side"], add["symbol"]) == ("limit", "buy", "BTC/USD")
    until(lambda: orders_of(quoted) == {add["cl_ord_id"]})
    until(lambda: quoted.lines[add["cl_ord_id"]].style is LineStyle.SOLID)
    line = quoted.lines[add["cl_ord_id"]]
    assert float(line.price) == add["limit_price"]

    def is_under_the_mouse() -> bool:  # the chart may scale itself once more
        scene = quoted.box.mapViewToScene(QPointF(quoted.x, float(line.price)))
        QTest.mouseMove(quoted.viewport, quoted.view.mapFromScene(scene))
        return quoted.program.page.attachment.port.line_under_cursor() == add["cl_ord_id"]

    until(is_under_the_mouse)
    QTest.keyClick(quoted.view, Qt.Key.Key_C)
    until(lambda: sim.named("cancel_order"))
    until(lambda: not orders_of(quoted))
    assert sim.engine.live == []


def test_a_refusal_is_told_in_krakens_words_and_leaves_nothing(sim, quoted, until):
    sim.script.refuse["add_order"] = ["EOrder:Insufficient funds"]
    place(quoted, 49960.0)
    until(lambda: sim.named("add_order"))
    messages = quoted.program.window.messages
    until(lambda: "EOrder:Insufficient funds" in messages.text.text())
    assert sim.engine.orders == {}
    assert not any(line.style is LineStyle.SOLID for line in quoted.lines.values())


def test_cut_between_an_order_and_its_answer_the_line_finds_its_order(sim, quoted, until):
    sim.script.cut = "after"
    place(quoted, 49960.0)
    until(lambda: sim.engine.live)
    [live] = sim.engine.live
    until(lambda: sim.logins == 2)
    until(lambda: orders_of(quoted) == {live.cl_ord_id})
    until(lambda: quoted.lines[live.cl_ord_id].style is LineStyle.SOLID)
    assert len(sim.named("add_order")) == 1


def test_with_no_key_the_market_is_traded_on_paper(sim, open_trader, until):
    trader = open_trader(fqsn="xbtusd.kraken", account="paper", key=False)
    assert trader.program.ems.accounts == ("paper",)
    assert len(trader.program.page.chart.series) == 101
    until(lambda: ("ticker", "BTC/USD") in sim.watched)
    sim.quote("50000.0", "50000.1")
    sim.trade("50000.1")
    until(lambda: trader.program.page.last_price == 50000.1)
    assert {name for name, _ in sim.rest_calls} == {"AssetPairs", "OHLC"}
    assert sim.logins == 0


def test_a_long_break_with_no_key_leaves_no_hole_in_the_bars(sim, open_trader, until):
    trader = open_trader(fqsn="xbtusd.kraken", account="paper", key=False)
    until(lambda: ("trade", "BTC/USD") in sim.watched)
    sim.trade("50000.1")
    until(lambda: trader.program.page.last_price == 50000.1)
    series = trader.program.page.chart.series
    before = len(series)
    sim.script.down = True
    sim.cut()
    for _ in range(80):
        sim.trade("50010.0")
    last = sim.bars[-1][0]
    sim.bars[-1][2] = "50777"  # the high of what nobody here has seen
    sim.bars.append([last + 60, "50000", "50100", "49900", "50010.0", "50000", "1.5", 9])
    sim.script.down = False
    until(lambda: trader.program.page.last_price == 50010.0)

    def high() -> float:
        bars = trader.program.page.chart.series.bars()
        return float(bars["high"][bars["time"] == last * 10**9][0])

    until(lambda: high() == 50777.0)
    assert len(trader.program.page.chart.series) >= before


def test_the_rate_counter_is_on_screen_before_kraken_complains(sim, open_trader, until):
    sim.engine.place("buy", "49950.0", "0.02")
    trader = open_trader(fqsn="xbtusd.kraken", account="kraken.spot")
    until(lambda: len(trader.lines) == 1)
    usage = trader.program.window.status.usage
    until(lambda: usage.text() == "requests 0 of 60")
    (oid,) = trader.lines
    trader.program.page.order_mode.cancel(oid)
    until(lambda: usage.text() in ("requests 8 of 60", "requests 7 of 60"))


def test_a_break_shows_and_mends(sim, open_trader, until):
    sim.engine.place("buy", "49950.0", "0.02")
    trader = open_trader(fqsn="xbtusd.kraken", account="kraken.spot")
    until(lambda: len(trader.lines) == 1)
    status = trader.program.window.status
    until(lambda: "DISCONNECTED" not in status.brokers.text())
    sim.script.down = True
    sim.cut()
    until(lambda: "kraken DISCONNECTED" in status.brokers.text())
    sim.script.down = False
    until(lambda: "DISCONNECTED" not in status.brokers.text())
    assert len(trader.lines) == 1
