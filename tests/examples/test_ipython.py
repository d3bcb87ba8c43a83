"""The plot beside an IPython prompt: a real IPython in a terminal, Qt running while it waits."""

import os
import re
import sys
from pathlib import Path

import pytest

from tests.examples.conftest import ROOT

pexpect = pytest.importorskip("pexpect")
TIMEOUT_S = 60


class Prompt:
    """IPython at the other end of a terminal."""

    def __init__(self, folder: Path) -> None:
        environment = os.environ | {
            "QT_QPA_PLATFORM": "offscreen",
            "ORDERMODE_STATE_DIR": str(folder / "state"),
            "XDG_CONFIG_HOME": str(folder),
            "IPYTHONDIR": str(folder / "ipython"),
            "PYTHONPATH": str(ROOT),
            "PROMPT_TOOLKIT_NO_CPR": "1",
            "TERM": "xterm",
        }
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "IPython", "--no-banner", "--no-confirm-exit", "--colors=nocolor"],
            cwd=str(ROOT),
            env=environment,
            timeout=TIMEOUT_S,
            encoding="utf-8",
            dimensions=(50, 200),
        )
        self._count = 0
        self.child.expect(r"In \[1\]")

    def type(self, text: str) -> None:
        self.child.send(text + "\r")

    def ask(self, expression: str) -> str:
        """Return what an expression prints; Qt runs before, while the prompt waits."""
        self._count += 1
        mark = f"answer{self._count}"
        self.type(f"print('{mark[:3]}' '{mark[3:]}', {expression}, 'end')")
        self.child.expect(rf"{mark} (.*?) end")
        return str(self.child.match.group(1))

    def until(self, expression: str, wanted: str) -> str:
        for _ in range(100):
            answer = self.ask(expression)
            if re.search(wanted, answer):
                return answer
        raise AssertionError(f"{expression} is {answer}, not {wanted}")


def test_the_prompt_stays_free_and_the_plot_is_traded_on(tmp_path: Path) -> None:
    prompt = Prompt(tmp_path)
    try:
        prompt.type("%gui qt")
        prompt.type("%run -i examples/ipython_plot.py")
        prompt.until("attachment.ready.done()", "True")
        prompt.until("attachment.order_mode.last", r"\d\d\d")
        prompt.type("import asyncio; from tests.examples.driver import Hand")
        prompt.type("await asyncio.sleep(0.01); awaited = asyncio.run")  # its own asyncio works
        assert "function run" in prompt.ask("awaited")
        prompt.type("plot.setYRange(300, 306)")  # room below the market: there no trade comes
        prompt.type("hand = Hand(plot.plotItem, attachment); hand.place()")
        states = "[d.state for d in attachment.order_mode.dialogs.values()]"
        assert prompt.until(states, "dark_open") == "['dark_open']"
        prompt.type("hand.cancel_all()")
        prompt.until(states, r"\[\]")
        prompt.type("order = client.buy(market, market.round_price(200), 5)")  # from the prompt
        assert prompt.until(states, "open") == "['open']"
        prompt.type("client.cancel(order)")
        prompt.until(states, r"\[\]")
        prompt.type("attachment.detach()")
        assert prompt.ask("attachment.detached") == "True"
        prompt.type("exit")
        prompt.child.expect(pexpect.EOF)
        assert "Traceback" not in (prompt.child.before or "")
    finally:
        prompt.child.close(force=True)


@pytest.mark.parametrize("said", [True, False], ids=["after %gui qt", "without it"])
def test_a_chart_of_a_frame_lives_beside_the_prompt(tmp_path: Path, said: bool) -> None:
    prompt = Prompt(tmp_path)
    try:
        if said:
            prompt.type("%gui qt")
        prompt.type("import ordermode; rows = [[60 * n, 5, 7, 4, 6, 9] for n in range(500)]")
        prompt.type("chart = ordermode.show(rows, 'ACME')")
        assert prompt.until("chart.isVisible(), len(chart.series)", "True") == "True 500"
        prompt.type("from PyQt6.QtCore import QTimer; rung = []")
        prompt.type("QTimer.singleShot(0, lambda: rung.append(1))")
        prompt.until("rung", r"\[1\]")  # Qt runs while the prompt waits
        prompt.type("chart.close(); exit")
    finally:
        prompt.child.close(force=True)
