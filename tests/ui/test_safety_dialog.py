"""The safety page by real keys and clicks, on a config file, without an EMS."""

import errno
import os
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMessageBox, QPushButton

from ui.config_faults import ConfigError
from ui.config_file import ConfigFile
from ui.config_reader import read_config
from ui.safety_dialog import SafetyDialog
from ui.safety_draft import SafetyDraft

LEFT = Qt.MouseButton.LeftButton
MES = "mes.cme.ib"
TEXT = """\
[risk]  # everyone's
working_orders = 7

[risk.accounts."ib.main"]
daily_loss = 500  # enough
"""


class Page:
    """The page, and hands on it."""

    def __init__(self, path: Path, qtbot, accounts=("paper", "ib.main"), account="ib.main") -> None:
        self.path = path
        self.qtbot = qtbot
        draft = SafetyDraft(ConfigFile(path))
        self.holds = draft.rules
        self.dialog = SafetyDialog(draft, accounts, [MES], account, lambda: self.holds)
        self.dialog.applied.connect(lambda rules: setattr(self, "holds", rules))
        qtbot.addWidget(self.dialog)
        with qtbot.waitExposed(self.dialog):
            self.dialog.show()

    def row(self, name: str):
        return self.dialog.rows[name]

    def shown(self, name: str) -> tuple[str, str]:
        row = self.row(name)
        text = row.field.text() if row.choice is None else row.choice.currentText()
        return text, row.source.text()

    def type(self, name: str, text: str) -> None:
        field = self.row(name).field
        field.setFocus()
        field.selectAll()
        QTest.keyClick(field, Qt.Key.Key_Backspace)
        QTest.keyClicks(field, text)

    def choose(self, box, text: str) -> None:
        box.setFocus()
        for _ in range(box.count()):
            QTest.keyClick(box, Qt.Key.Key_Up)
        while box.currentText() != text:
            at = box.currentIndex()
            QTest.keyClick(box, Qt.Key.Key_Down)
            assert box.currentIndex() > at

    def click(self, button) -> None:
        QTest.mouseClick(button, LEFT)

    def answer(self, text: str) -> str:
        """Click a button of the question; return what it asked."""
        box = self.dialog.findChild(QMessageBox, "loosen")
        assert box is not None
        asked = box.text()
        self.click(next(b for b in box.findChildren(QPushButton) if b.text() == text))
        self.qtbot.waitUntil(lambda: self.dialog.findChild(QMessageBox, "loosen") is None)
        return asked

    @property
    def note(self) -> str:
        return self.dialog.note.text()


@pytest.fixture
def page(qtbot, tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(TEXT)
    return Page(path, qtbot)


def test_each_value_says_where_it_is_from(page):
    assert page.shown("working_orders") == ("7", "[risk]")
    assert page.shown("daily_loss") == ("500", "account")
    assert page.shown("collar_percent") == ("5", "default")
    assert page.shown("largest_order_units") == ("off", "default")
    assert page.shown("mode") == ("armed", "default")
    page.choose(page.dialog.market, MES)
    assert page.shown("daily_loss") == ("500", "account")
    assert "mode" not in page.dialog.rows, "arming is of an account"
    page.choose(page.dialog.account, "paper")
    assert page.shown("collar_percent") == ("20", "default")
    assert page.row("mode").choice.count() == 2, "paper is never armed"


def test_tighter_counts_at_apply_and_not_before_and_asks_nothing(page):
    page.type("daily_loss", "400")
    page.choose(page.row("mode").choice, "confirm")
    page.choose(page.dialog.market, MES)
    page.type("largest_order_units", "2")
    assert page.shown("largest_order_units") == ("2", "market")
    assert page.path.read_text() == TEXT
    assert page.holds[0].of_account("ib.main").daily_loss == 500
    page.click(page.dialog.apply)
    limits, arming = page.holds
    assert limits.of_market("ib.main", MES).largest_order_units == 2
    assert limits.of_account("ib.main").daily_loss == 400
    assert arming.of("ib.main").mode == "confirm"
    assert page.path.read_text().startswith(TEXT.replace("500  # enough", "400  # enough"))
    config = read_config(page.path)
    assert (config.risk, config.arming) == page.holds


def test_the_tables_for_every_account_are_changed_here_too(page):
    page.choose(page.dialog.account, "every account")
    assert not page.dialog.market.isEnabled()
    assert page.shown("working_orders") == ("7", "[risk]")
    assert page.shown("daily_loss") == ("2500", "live default")
    assert page.shown("duplicate_s") == ("1", "default")
    assert page.shown("idle_min") == ("30", "default")
    page.type("daily_loss", "300")
    page.type("working_orders", "5")
    page.choose(page.row("mode").choice, "confirm")
    page.click(page.dialog.apply)
    limits, arming = page.holds
    assert limits.of_account("paper").daily_loss == 300
    assert limits.of_account("ib.main").daily_loss == 500, "its own table is the narrower one"
    assert limits.of_account("ib.main").working_orders == 5
    assert arming.of("ib.main").mode == "confirm"
    written = page.path.read_text()
    assert written.startswith("[risk]  # everyone's\nworking_orders = 5\ndaily_loss = 300\n")
    assert "daily_loss = 500  # enough" in written
    assert '[arming]\nmode = "confirm"' in written
    page.click(page.row("daily_loss").inherit)
    page.click(page.dialog.apply)
    assert "daily_loss = 300" not in page.path.read_text()
    assert page.shown("daily_loss") == ("2500", "live default")
    page.choose(page.dialog.account, "ib.main")
    assert page.dialog.market.isEnabled()


def test_looser_for_every_account_asks_for_each_live_one(page):
    page.choose(page.dialog.account, "every account")
    page.type("working_orders", "50")
    page.click(page.dialog.apply)
    asked = page.answer("Leave it as it is")
    assert "working_orders of ib.main: 7 becomes 50 (fifty)." in asked
    assert page.path.read_text() == TEXT


def test_looser_where_no_live_account_is_there_today_is_asked_too(qtbot, tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(TEXT)
    page = Page(path, qtbot, accounts=["paper"], account="paper")
    page.choose(page.dialog.account, "every account")
    page.type("working_orders", "50")
    page.click(page.dialog.apply)
    assert "working_orders of every live account: 7 becomes 50" in page.answer("Loosen it")
    assert page.holds[0].of_account("paper").working_orders == 50


def test_a_choice_looks_like_one(page):
    """A style of the frame alone would take the arrow away."""
    box = page.dialog.account
    picture = box.grab().toImage()
    row = picture.height() // 2
    ground = picture.pixelColor(picture.width() // 2 + 20, row)
    right = [picture.pixelColor(x, row) for x in range(picture.width() - 18, picture.width() - 3)]
    assert any(color != ground for color in right)


def test_looser_on_a_live_account_is_asked_once_in_words(page):
    page.type("daily_loss", "5_000")
    page.click(page.dialog.apply)
    asked = page.answer("Leave it as it is")
    assert "daily_loss of ib.main: 500 becomes 5,000 (five thousand)." in asked
    assert page.path.read_text() == TEXT
    page.click(page.dialog.apply)
    page.answer("Loosen it")
    assert page.holds[0].of_account("ib.main").daily_loss == 5000
    page.click(page.dialog.apply)
    assert "nothing to apply" in page.note


def test_a_wheel_over_a_choice_changes_nothing(page):
    box = page.row("mode").choice
    at = QPointF(box.rect().center())
    turn = QWheelEvent(
        at,
        QPointF(box.mapToGlobal(at)),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(box, turn)
    assert page.shown("mode") == ("armed", "default")


def test_off_and_back_to_what_is_inherited(page):
    page.type("working_orders", "off")
    assert page.shown("working_orders") == ("off", "account")
    page.click(page.row("working_orders").inherit)
    assert page.shown("working_orders") == ("7", "[risk]")
    page.click(page.row("daily_loss").inherit)
    assert page.shown("daily_loss") == ("2500", "default")
    page.click(page.dialog.apply)
    assert "2,500 (two thousand five hundred)" in page.answer("Loosen it")
    assert "daily_loss" not in page.path.read_text()


@pytest.mark.parametrize(
    ("name", "text"),
    [("daily_loss", "-5"), ("working_orders", "2.5"), ("duplicate_s", "61"), ("idle_min", "soon")],
)
def test_wrong_input_is_refused_with_the_sentence_of_the_config_reader(page, name, text, tmp_path):
    table = "arming" if name == "idle_min" else "risk"
    wrong = tmp_path / "wrong.toml"
    value = f'"{text}"' if text.isalpha() else text
    wrong.write_text(f'[{table}.accounts."ib.main"]\n{name} = {value}\n')
    with pytest.raises(ConfigError) as wanted:
        read_config(wrong)
    page.type(name, text)
    assert str(wanted.value) == f"config file {wrong}: {page.note}"
    assert not page.dialog.apply.isEnabled()
    page.click(page.dialog.apply)
    assert page.path.read_text() == TEXT
    page.type(name, "3")
    assert page.note == ""
    assert page.dialog.apply.isEnabled()


def test_a_file_that_was_changed_meanwhile_loses_nothing_and_neither_does_the_page(page):
    page.type("daily_loss", "400")
    other = TEXT.replace("7", "6") + "[notify]\nsound = false\n"
    page.path.write_text(other)
    page.click(page.dialog.apply)
    assert "was changed on disk" in page.note
    assert page.path.read_text() == other
    assert page.holds[0].of_account("ib.main").daily_loss == 500
    page.click(page.dialog.reload)
    assert page.shown("working_orders") == ("6", "[risk]")
    assert page.shown("daily_loss") == ("400", "account")
    page.click(page.dialog.apply)
    assert page.path.read_text() == other.replace("500", "400")
    assert page.holds[0].of_account("ib.main").daily_loss == 400


def test_what_cannot_be_written_does_not_hold_and_stays_in_the_field(page, monkeypatch):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    page.type("daily_loss", "400")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        page.click(page.dialog.apply)
    assert "Nothing is applied" in page.note
    assert "No space left on device" in page.note
    assert page.holds[0].of_account("ib.main").daily_loss == 500
    assert page.path.read_text() == TEXT
    assert page.shown("daily_loss") == ("400", "account")
    page.click(page.dialog.apply)
    assert page.holds[0].of_account("ib.main").daily_loss == 400
