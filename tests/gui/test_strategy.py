"""A strategy and the chart on one EMS: each sees the other's orders, and how it ends is told."""

from pathlib import Path

import pytest

from ems.errors import EmsError
from ems.messages import Cancel
from tests.gui.conftest import Loop
from tests.gui.test_program import DEMO_MARKET, Desk
from tests.gui.test_program import desk as desk
from ui.strategy import load_strategy

STRATEGY = Path(__file__).parents[2] / "examples" / "strategy.py"


def notes(desk: Desk) -> list[str]:
    return [row.text for row in desk.program.window.tables.messages.rows()]


def test_the_example_trades_beside_the_chart(desk: Desk) -> None:
    desk.step_until_quoted()
    desk.program.run(load_strategy(STRATEGY))
    desk.until(lambda: desk.playback.step() or bool(desk.mode.dialogs))
    [dialog] = desk.mode.dialogs.values()
    assert (dialog.order.action, dialog.order.size) == ("buy", 10)
    line = desk.line(dialog.oid)
    assert float(line.price) == pytest.approx(float(dialog.order.price))
    desk.mode.cancel(dialog.oid)  # from the chart
    desk.until(lambda: any("has stopped: the order is canceled" in text for text in notes(desk)))
    assert desk.crashes == []


WATCHES = """
seen = []

async def main(client):
    async for status in client.statuses():
        seen.append(status)
        if status.resp == "open":
            client.modify(status.oid, price=float(status.req.price) - 1)
            return
"""


def test_a_strategy_sees_and_moves_what_was_placed_on_the_chart(desk: Desk, tmp_path: Path) -> None:
    desk.step_until_quoted()
    (tmp_path / "watch.py").write_text(WATCHES)
    desk.program.run(load_strategy(tmp_path / "watch.py"))
    price = desk.price(-3)
    oid = desk.place("fs", price)
    desk.until(lambda: any("watch.py has ended" in text for text in notes(desk)))
    placed = desk.mode.dialogs[oid]
    desk.until(lambda: not placed.change and float(placed.order.price) < price - 0.5)
    desk.program.client.cancel(Cancel(oid=oid, symbol=DEMO_MARKET))
    desk.until(lambda: oid not in desk.mode.dialogs)


def test_a_crash_is_told_with_its_traceback_and_the_chart_lives(
    desk: Desk, loop: Loop, tmp_path: Path
) -> None:
    (tmp_path / "bad.py").write_text("async def main(client):\n    raise ValueError('tilt')\n")
    desk.program.run(load_strategy(tmp_path / "bad.py"))
    desk.until(lambda: any("bad.py has crashed" in text for text in notes(desk)))
    desk.until(lambda: bool(loop.errors))
    [context] = loop.errors
    assert "the strategy bad.py" in str(context["message"])
    loop.errors.clear()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1\n", "no `async def main"),
        ("def main(client): pass\n", "no `async def main"),
        ("\nx = 1 / 0\n", "line 2: ZeroDivisionError"),
        ("\n\nasync def main(:\n", "line 3"),
    ],
)
def test_a_file_that_cannot_be_run_is_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "s.py"
    file.write_text(text)
    with pytest.raises(EmsError, match=words):
        load_strategy(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EmsError, match="there is no file"):
        load_strategy(tmp_path / "none.py")
