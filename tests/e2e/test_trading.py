"""The real program in a real window: trade with keys and mouse, kill it, start it again."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from ems.order_dialog import OrderDialog
from tests.e2e.program import Program
from tests.e2e.x_display import XDisplay
from ui import theme

LABELS = slice(600, 1300)
"""Columns of the window where the labels of the lines are."""
MID_X = 500


def rgb(name: str) -> np.ndarray:
    colour = theme.color(name)
    return np.array([colour.red(), colour.green(), colour.blue()], dtype=int)


class Trader:
    """Looks at the screen and at the journal, and works keys and mouse."""

    def __init__(self, program: Program, display: XDisplay, journal: Path) -> None:
        self.program = program
        self.display = display
        self.journal = journal

    def _rows(self, colour: str, columns: slice, least: int) -> list[int]:
        left, top, width, height = self.program.geometry()
        pixels = self.display.screenshot()[top : top + height, left : left + width].astype(int)
        near = np.abs(pixels[:, columns] - rgb(colour)).sum(axis=2) < 12
        return [int(row) for row in np.flatnonzero(near.sum(axis=1) >= least)]

    def price_shown(self) -> bool:
        """True once the tag of the last price is on the axis."""
        axis = slice(1310, 1365)
        return bool(self._rows(theme.UP, axis, 40) or self._rows(theme.DOWN, axis, 40))

    def label(self, colour: str) -> int | None:
        """The middle row of the first label of this colour, from the top."""
        rows = self._rows(colour, LABELS, 25)
        if not rows:
            return None
        first = [row for row in rows if row - rows[0] < 22]
        return (first[0] + first[-1]) // 2

    def line_near(self, colour: str, y: int) -> bool:
        return any(abs(row - y) <= 3 for row in self._rows(colour, LABELS, 25))

    def orders(self) -> dict[str, OrderDialog]:
        """The active orders in the journal."""
        rows = self.program.query(self.journal, "SELECT oid, body FROM dialog WHERE active")
        return {oid: msgspec.json.decode(body, type=OrderDialog) for oid, body in rows}

    def wait(self, condition: Callable[[], Any], what: str) -> Any:
        return self.program.wait_until(condition, what)

    def place(self, keys: str, y: int, colour: str) -> OrderDialog:
        """Hold the keys, see the staged line, click, let go; return the order."""
        known = set(self.orders())
        self.wait(lambda: self._staged(keys, y, colour), f"staged line with {keys} held")
        self.program.click(MID_X, y)
        for key in reversed(keys):
            self.program.key_up(key)
        (oid,) = self.wait(lambda: set(self.orders()) - known, "order in the journal")
        return self.orders()[oid]

    def _staged(self, keys: str, y: int, colour: str) -> bool:
        """Press the keys anew if the line does not come: the chart may not be ready yet."""
        for key in keys:
            self.program.key_up(key)
        self.program.move(MID_X + 1, y)
        self.program.move(MID_X, y)
        for key in keys:
            self.program.key_down(key)
        try:
            return self.program.wait_until(
                lambda: self.line_near(colour, y), "staged line", timeout_s=3
            )
        except AssertionError:
            return False


@pytest.fixture
def trader(
    start_ordermode: Callable[..., Program], display: XDisplay, tmp_path: Path
) -> Callable[[], Trader]:
    config = tmp_path / "config.toml"
    config.write_text("[brokers.replay]\nspeed = 0.1  # the market all but stands still\n")

    def start() -> Trader:
        program = start_ordermode("--config", str(config))
        return Trader(program, display, tmp_path / "state" / "journal.sqlite")

    return start


def test_trade_kill_start_again_and_everything_is_where_it_was(trader) -> None:
    hands: Trader = trader()
    hands.wait(hands.price_shown, "last price")
    dark = hands.place("d", 150, theme.SELL)
    live = hands.place("fs", 560, theme.BUY)
    alert = hands.place("a", 110, theme.ALERT)
    assert (dark.order.action, dark.order.exec_mode) == ("sell", "dark")
    assert (live.order.action, live.order.exec_mode) == ("buy", "live")
    assert alert.order.action == "alert"
    hands.wait(lambda: hands.orders()[live.oid].works, "live order that works")

    hands.program.drag((MID_X, 560), (MID_X, 600))
    hands.wait(
        lambda: hands.orders()[live.oid].order.price < live.order.price, "dragged order's new price"
    )
    before = hands.orders()

    hands.program.kill()
    hands.program.start()
    hands.wait(lambda: hands.label(theme.SELL), "sell line after the restart")
    hands.wait(lambda: hands.label(theme.BUY), "buy line after the restart")
    hands.wait(lambda: hands.label(theme.ALERT), "alert line after the restart")
    hands.wait(lambda: not hands.orders()[live.oid].stale, "word of the venue")
    after = hands.orders()
    assert {oid: (d.order, d.state) for oid, d in after.items()} == {
        oid: (d.order, d.state) for oid, d in before.items()
    }

    hands.wait(lambda: _cancelled(hands, dark.oid), "dark order cancelled by c over its line")
    assert set(hands.orders()) == {live.oid, alert.oid}


def _cancelled(hands: Trader, oid: str) -> bool:
    """Press c over the sell line, until its order is gone."""
    if oid not in hands.orders():
        return True
    y = hands.label(theme.SELL)
    if y is not None:
        hands.program.move(MID_X, y)
        hands.program.press("c")
    return False


def test_a_marketable_order_fills_and_the_position_survives_a_kill(trader, tmp_path: Path) -> None:
    hands: Trader = trader()
    hands.wait(hands.price_shown, "last price")
    order = _buy_above_the_market(hands)
    hands.wait(lambda: order not in hands.orders(), "fill")
    # what was committed gets into the tables a moment later
    fills = hands.wait(
        lambda: hands.program.query(hands.journal, "SELECT body FROM fill"), "fill in its table"
    )
    hands.program.kill()
    hands.program.start()
    hands.wait(hands.price_shown, "last price")
    assert hands.program.query(hands.journal, "SELECT body FROM fill") == fills


def _buy_above_the_market(hands: Trader) -> str:
    hands.wait(lambda: hands._staged("fs", 110, theme.BUY), "staged line")
    for _ in range(4):
        hands.program.press("t")  # a stop there by itself; the fourth turn makes a limit of it
    hands.program.click(MID_X, 110)
    hands.program.key_up("s")
    hands.program.key_up("f")
    rows = hands.wait(lambda: hands.program.query(hands.journal, "SELECT oid FROM dialog"), "order")
    assert len(rows) == 1
    return str(rows[0][0])


def test_no_order_without_a_key(trader) -> None:
    hands: Trader = trader()
    hands.wait(hands.price_shown, "last price")
    hands.program.click(MID_X, 300)
    placed = hands.place("f", 560, theme.BUY)  # the event loop has seen the click before by now
    assert [d.oid for d in hands.orders().values()] == [placed.oid]
    assert placed.order.price > Decimal(0)


def test_a_key_held_all_along_places_nothing_after_the_focus_was_away(trader) -> None:
    """X11 repeats a held key as releases and presses, which must not stage anew."""
    hands: Trader = trader()
    hands.wait(hands.price_shown, "last price")
    hands.wait(lambda: hands._staged("f", 300, theme.BUY), "staged line")
    hands.program.move(1480, 420)  # the order pane: the pointer is away, f is still down
    hands.wait(lambda: not hands.line_near(theme.BUY, 300), "nothing staged")
    hands.program.move(MID_X, 300)
    hands.program.click(MID_X, 300)
    hands.program.key_up("f")
    placed = hands.place("a", 560, theme.ALERT)  # by now the click has been seen
    assert list(hands.orders()) == [placed.oid]
