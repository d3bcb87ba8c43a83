"""The programs in examples/ that embed order mode: each runs, and each is traded on."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.examples.conftest import ROOT

DRIVER = Path(__file__).parent / "driver.py"
EXAMPLES = ROOT / "examples"


def test_a_frame_is_charted(tmp_path: Path) -> None:
    """The program as it stands, but its last line, which would wait until the window is closed."""
    program = (EXAMPLES / "data_frame.py").read_text(encoding="utf-8")
    assert program.endswith("\npg.exec()\n")
    program = program.removesuffix("pg.exec()\n") + (
        "pg.mkQApp().processEvents()\n"
        "chart.catch_up()\n"
        "curve = chart.plot_item.listDataItems()[0]\n"
        "axes = chart.axes\n"
        "print(chart.period.text, len(chart.series), axes.log_scale, axes.exchange_timezone)\n"
        "print([one.formula.label for one in chart.indicators], chart.grab().isNull())\n"
        "print(1.0 < curve.getData()[1].max() < 4.0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.splitlines() == [
        "1D 1000 True America/New_York",
        "['SMA 50', 'RSI 14'] False",
        "True",
    ], done.stderr


@pytest.mark.parametrize(
    ("example", "plots"),
    [("bare_plot", 1), ("two_plots", 2), ("plot_in_a_dock", 1), ("finplot_chart", 1)],
)
def test_it_is_traded_on(tmp_path: Path, example: str, plots: int) -> None:
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "ORDERMODE_STATE_DIR": str(tmp_path / "state"),
        "XDG_CONFIG_HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-X", "dev", DRIVER, EXAMPLES / f"{example}.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert re.findall(r"^(placed|cancelled|left|failed)", done.stdout, re.MULTILINE) == [
        *["placed", "cancelled"] * plots,
        "left",
    ], said
    assert "Traceback" not in said, said
    assert "was never" not in said, said
    for price, last in re.findall(r"placed (\S+) last (\S+)", done.stdout):
        assert float(price) == pytest.approx(float(last), rel=0.1)
