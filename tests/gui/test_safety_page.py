"""The safety page in the program: a limit that is typed there stops the next order, and stays."""

import uuid
from decimal import Decimal
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QMessageBox, QPushButton

from ems.arming_rules import ArmingRules
from ems.messages import Order, Status
from ems.risk_limits import RiskLimits
from tests.gui.layout_desk import Desk
from tests.gui.test_kraken import open_trader, run, sim
from ui.app import DEMO_MARKET
from ui.config_reader import read_config
from ui.safety_dialog import SafetyDialog
from ui.state_folder import open_paths

__all__ = ["open_trader", "run", "sim"]  # fixtures

LEFT = Qt.MouseButton.LeftButton
TEXT = '# mine\n[chart]\nperiod = "5m"  # five\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "config" / "config.toml"
    made.parent.mkdir()
    made.write_text(TEXT)
    return made


@pytest.fixture
def desk(loop, qtbot, tmp_path, file):
    made = Desk(loop, qtbot, open_paths(tmp_path / "state"))
    made.open(config=read_config(file), config_file=file)
    yield made
    made.close()
    assert made.crashes == []


def opened(desk: Desk) -> SafetyDialog:
    QTest.mouseClick(desk.tool("safety"), LEFT)
    return desk.window.findChild(SafetyDialog)


def give(dialog: SafetyDialog, name: str, text: str) -> None:
    field = dialog.rows[name].field
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


def submit(desk: Desk, size: int, price: int = 100) -> str:
    """Ask for a dark order far below the market; return its oid."""
    order = Order(
        oid=str(uuid.uuid4()),
        action="buy",
        exec_mode="dark",
        symbol=DEMO_MARKET,
        account="paper",
        price=Decimal(price),
        size=Decimal(size),
    )
    desk.program.client.submit(order)
    return order.oid


def ends(desk: Desk, oid: str) -> str:
    """Return why the order was refused; empty if it is held."""

    def said() -> Status | None:
        dialog = desk.program.ems.index.by_oid(oid)
        return None if dialog is None else dialog.status()

    desk.until(lambda: said() is not None and said().resp in ("dark_open", "error"))
    return said().reason if said().resp == "error" else ""


def test_a_limit_counts_at_once_touches_no_order_and_is_there_after_a_restart(desk, file):
    before = submit(desk, 50)
    assert ends(desk, before) == ""
    dialog = opened(desk)
    assert dialog.account.currentText() == "paper"
    give(dialog, "largest_order_units", "10")
    assert ends(desk, submit(desk, 11, 99)) == "", "not before Apply"
    QTest.mouseClick(dialog.apply, LEFT)
    assert "Applied" in dialog.note.text()
    told = "largest_order_units of paper: off becomes 10 (ten)."
    assert [told in text for text in desk.notices() if "safety page" in text] == [True]

    for size in (9, 10):
        assert ends(desk, submit(desk, size, 98)) == ""
    assert "10 units, the limit of paper" in ends(desk, submit(desk, 11, 97))
    assert ends(desk, before) == ""

    assert file.read_text().startswith(TEXT)
    desk.close()
    desk.open(config=read_config(file), config_file=file)
    assert ends(desk, before) == ""
    assert "10 units, the limit of paper" in ends(desk, submit(desk, 11, 96))
    assert opened(desk).rows["largest_order_units"].field.text() == "10"


def test_the_page_is_for_a_market_too_and_opens_with_a_key(desk, file):
    QTest.keyClick(desk.window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    dialog = desk.window.findChild(SafetyDialog)
    assert dialog is not None
    dialog.market.setFocus()
    QTest.keyClick(dialog.market, Qt.Key.Key_Down)
    assert dialog.scope.fqsn == DEMO_MARKET
    give(dialog, "working_orders", "1")
    QTest.mouseClick(dialog.apply, LEFT)
    assert ends(desk, submit(desk, 1)) == ""
    assert "working_orders" in ends(desk, submit(desk, 1, 99))
    assert f'[risk.accounts.paper.markets."{DEMO_MARKET}"]' in file.read_text()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    desk.until(lambda: desk.window.findChild(SafetyDialog) is None)
    assert opened(desk) is not None


def test_in_a_narrow_window_the_button_is_a_sign(desk):
    for width, text in ((1600, "Safety…"), (900, "⚙"), (1300, "Safety…")):
        desk.window.resize(width, 800)
        desk.until(lambda text=text: desk.tool("safety").text() == text)


def test_a_config_that_was_broken_meanwhile_is_told_of_and_there_is_no_page(desk, file):
    file.write_text("[risk\n")
    assert opened(desk) is None
    assert any("is not TOML" in text for text in desk.notices())
    assert file.read_text() == "[risk\n"
    file.write_text(TEXT + "[risk]\ndaily_loss = 77\n")
    dialog = opened(desk)
    assert "something else than what holds in the program now" in dialog.note.text()
    QTest.mouseClick(dialog.apply, LEFT)
    assert desk.program.ems.limits.of_account("paper").daily_loss == 77


def test_a_live_account_that_is_never_disarmed_says_so_at_once_and_the_reverse(
    sim, open_trader, until, tmp_path
):
    trader = open_trader(
        fqsn="xbtusd.kraken",
        account="kraken.spot",
        config_file=tmp_path / "config.toml",
        rules={"arming": ArmingRules(), "risk": RiskLimits()},
    )
    window = trader.program.window
    until(lambda: window.arm.word == "LIVE DISARMED")
    QTest.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    dialog = window.findChild(SafetyDialog)
    QTest.keyClick(dialog.rows["mode"].choice, Qt.Key.Key_Down)
    QTest.mouseClick(dialog.apply, LEFT)
    box = dialog.findChild(QMessageBox)
    assert "mode of kraken.spot: armed becomes one click." in box.text()
    assert window.arm.word == "LIVE DISARMED"
    yes = next(one for one in box.findChildren(QPushButton) if one.text() == "Loosen it")
    QTest.mouseClick(yes, LEFT)
    until(lambda: window.arm.word == "LIVE" and window.arm.armed)
    assert not window.arm.button.isVisible()

    QTest.keyClick(dialog.rows["mode"].choice, Qt.Key.Key_Up)
    QTest.mouseClick(dialog.apply, LEFT)
    until(lambda: window.arm.word == "LIVE DISARMED")
    assert window.arm.button.isVisible()
