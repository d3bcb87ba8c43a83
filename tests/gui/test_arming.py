"""Arming a live account in the window, by real key and mouse events, against a simulated venue."""

import time
from decimal import Decimal

import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QCursor
from PyQt6.QtTest import QTest

from ems.arming_rules import ArmingRules
from ems.risk_limits import NO_LIMITS
from tests.ems.conftest import make_order
from tests.gui.test_kraken import LEFT, NO_MODIFIER, Trader, open_trader, run, sim
from tests.sims.kraken import KrakenSim
from ui.config import AccountSizing

__all__ = ["open_trader", "run", "sim"]  # fixtures

ACCOUNT = "kraken.spot"
_CHORD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class Hands:
    """A hand at the keyboard and the mouse of a window with a live account."""

    def __init__(self, trader: Trader, until) -> None:
        self.trader = trader
        self.window = trader.program.window
        self.arm = self.window.arm
        self.mode = trader.program.page.order_mode
        self.card = trader.program.page.attachment.port.question
        self._until = until

    def point(self, price: float):
        trader = self.trader
        return trader.view.mapFromScene(trader.box.mapViewToScene(QPointF(trader.x, price)))

    def place(self, keys: str, price: float) -> None:
        """Hold the keys and click."""
        trader = self.trader
        self.window.activateWindow()
        trader.view.setFocus()
        QTest.mouseMove(trader.viewport, self.point(price + 5))
        QTest.mouseMove(trader.viewport, self.point(price))
        for key in keys:
            QTest.keyPress(trader.view, key)
        QTest.mouseClick(trader.viewport, LEFT, NO_MODIFIER, self.point(price))
        for key in reversed(keys):
            QTest.keyRelease(trader.view, key)

    def hold_to_arm(self) -> None:
        QTest.mousePress(self.arm.button, LEFT)
        self._until(lambda: self.arm.word == "LIVE ARMED")
        QTest.mouseRelease(self.arm.button, LEFT)

    def chord(self) -> None:
        QTest.keyClick(self.trader.view, Qt.Key.Key_L, _CHORD)

    @property
    def sent(self):
        return self.trader.sim.named("add_order")

    @property
    def told(self) -> str:
        return self.window.messages.text.text()


@pytest.fixture
def hands(sim: KrakenSim, open_trader, until):
    """Open the window on the live account, with a quote and these choices."""

    def start(**choices) -> Hands:
        sizing = AccountSizing(limit=Decimal("0.08"), unit="units", slots=4)
        trader = open_trader(
            fqsn="xbtusd.kraken",
            account=ACCOUNT,
            rules={
                "arming": ArmingRules(choices),
                "accounts": {ACCOUNT: sizing},
                "risk": NO_LIMITS,
            },
        )
        made = Hands(trader, until)
        until(lambda: ("ticker", "BTC/USD") in sim.watched)
        until(lambda: "DISCONNECTED" not in made.window.status.brokers.text())
        sim.quote("50000.0", "50000.1")
        until(lambda: trader.program.ems.hub.last("xbtusd.kraken")[0] is not None)
        until(
            lambda: (
                made.arm.word == ("LIVE" if choices.get("mode") == "one click" else "LIVE DISARMED")
            )
        )
        return made

    return start


def test_a_live_account_starts_disarmed_and_says_so_everywhere(hands, until):
    desk = hands()
    assert "LIVE DISARMED" in desk.window.windowTitle()
    assert desk.arm.words.text() == f"LIVE {ACCOUNT}"
    assert desk.arm.button.text() == "DISARMED · hold to arm"
    desk.place("fs", 49900.0)
    assert "disarmed" in desk.told
    assert desk.trader.lines == {}
    QTest.keyPress(desk.trader.view, "f")
    until(lambda: "staged" in desk.trader.lines)
    label = desk.trader.lines["staged"].label
    assert (label.account, label.note) == (f"LIVE {ACCOUNT}", "DISARMED")
    QTest.keyRelease(desk.trader.view, "f")
    assert desk.sent == []
    mode = desk.window.status.mode
    until(lambda: mode.text() == f"{ACCOUNT} is DISARMED: none of its orders goes out")


def test_holding_the_button_arms_and_letting_go_early_does_not(hands, until):
    desk = hands()
    QTest.mousePress(desk.arm.button, LEFT)
    QTest.mouseRelease(desk.arm.button, LEFT)
    QTest.mouseClick(desk.arm.button, LEFT)
    assert desk.arm.word == "LIVE DISARMED"
    desk.hold_to_arm()
    assert desk.arm.word == "LIVE ARMED", "letting go of it is no click on what it has become"
    assert desk.arm.button.text() == "ARMED · disarm"
    assert "LIVE ARMED" in desk.window.windowTitle()
    desk.place("fs", 49900.0)
    until(lambda: desk.sent)
    QTest.mouseClick(desk.arm.button, LEFT)
    until(lambda: desk.arm.word == "LIVE DISARMED")


def test_the_chord_twice_arms_and_once_more_disarms(hands, until):
    desk = hands()
    desk.chord()
    assert desk.arm.word == "LIVE DISARMED"
    assert "again to ARM" in desk.arm.button.text()
    desk.chord()
    until(lambda: desk.arm.word == "LIVE ARMED")
    desk.chord()
    until(lambda: desk.arm.word == "LIVE DISARMED")


def test_a_line_of_a_disarmed_account_stays_where_it_is_under_a_drag(hands, until):
    desk = hands()
    desk.trader.sim.engine.place("buy", "49950.0", "0.02")
    until(lambda: len(desk.trader.lines) == 1)
    desk.trader.drag(49950.0, 49980.0)
    until(lambda: "disarmed" in desk.told)
    assert desk.trader.sim.named("amend_order") == []


def test_another_client_of_the_program_gets_no_further(hands):
    desk = hands()
    order = make_order("buy", "49900.0", "0.02", symbol="xbtusd.kraken", account=ACCOUNT)
    desk.trader.program.client.submit(order)
    assert desk.sent == []
    assert "disarmed" in desk.trader.program.ems.index.by_oid(order.oid).reason


def test_confirm_asks_on_the_chart_enter_sends_and_esc_does_not(hands, until):
    desk = hands(mode="confirm")
    desk.hold_to_arm()
    assert desk.arm.button.text() == "ARMED, asks each · disarm"
    desk.place("fs", 49900.0)
    until(desk.card.isVisible)
    assert "LIVE kraken.spot" in desk.card.title.text()
    assert "worth 998.00 USD (nine hundred ninety-eight)?" in desk.card.text.text()
    QTest.keyClick(desk.card, Qt.Key.Key_Return)
    assert desk.sent == [], "a yes within a blink was meant for something else"
    QTest.keyClick(desk.card, Qt.Key.Key_Escape)
    until(lambda: not desk.card.isVisible())
    until(lambda: desk.trader.lines == {})
    assert desk.trader.view.hasFocus()

    desk.place("fs", 49900.0)
    until(desk.card.yes.isEnabled)
    QTest.keyClick(desk.card, Qt.Key.Key_Return)
    until(lambda: desk.sent)
    until(lambda: len(desk.trader.lines) == 1)


def test_a_question_can_be_answered_with_the_mouse(hands, until):
    desk = hands(mode="confirm")
    desk.hold_to_arm()
    desk.place("fs", 49900.0)
    until(desk.card.yes.isEnabled)
    QTest.mouseClick(desk.card.no, LEFT)
    until(lambda: desk.trader.lines == {})
    desk.place("fs", 49900.0)
    until(desk.card.yes.isEnabled)
    QTest.mouseClick(desk.card.yes, LEFT)
    until(lambda: len(desk.sent) == 1)


def test_it_ends_on_lock_and_on_account_change(hands, until):
    desk = hands()
    desk.hold_to_arm()
    desk.trader.program.arming.lock.locked.emit()
    until(lambda: desk.arm.word == "LIVE DISARMED")
    until(lambda: "the screen was locked" in desk.told)
    desk.hold_to_arm()
    choice = desk.trader.program.page.pane.account_choice
    choice.setCurrentText("paper")
    choice.activated.emit(choice.currentIndex())
    assert desk.arm.word == "PAPER"
    assert not desk.arm.button.isVisible()
    assert "PAPER" in desk.window.windowTitle()
    choice.setCurrentText(ACCOUNT)
    choice.activated.emit(choice.currentIndex())
    until(lambda: desk.arm.word == "LIVE DISARMED")


def test_hands_that_move_keep_it_armed(hands, until):
    desk = hands()
    desk.hold_to_arm()
    arming = desk.trader.program.ems.arming
    long_ago = arming._used_ns[ACCOUNT] = time.time_ns() - 20 * 60 * 10**9
    desk.window.activateWindow()
    QCursor.setPos(desk.window.mapToGlobal(desk.window.rect().center()))
    until(lambda: arming._used_ns[ACCOUNT] > long_ago)


def test_one_click_needs_no_arming(hands, until):
    desk = hands(mode="one click")
    assert not desk.arm.button.isVisible()
    desk.place("fs", 49900.0)
    until(lambda: desk.sent)
