import subprocess
import sys

import pytest

import ui
from tests.ui.chart.recorded import MINUTE, walk


@pytest.fixture
def shown(qtbot):
    chart = ui.show(walk(300), "A walk", block=False)
    qtbot.addWidget(chart)
    return chart


def test_a_window_opens_with_the_bars(shown):
    assert shown.isVisible()
    assert shown.windowTitle() == "A walk"
    assert isinstance(shown, ui.Chart)
    assert (shown.series.bars() == walk(300)).all()
    assert shown.period_ns == MINUTE


def test_there_can_be_two_windows(shown, qtbot):
    other = ui.show(walk(10), block=False)
    qtbot.addWidget(other)
    assert other is not shown
    assert other.isVisible()


def test_a_script_waits_until_the_window_is_closed():
    script = (
        "import ui\n"
        "from PyQt6.QtWidgets import QApplication\n"
        "from PyQt6.QtCore import QTimer\n"
        "app = QApplication([])\n"
        "QTimer.singleShot(200, app.closeAllWindows)\n"
        "ui.show({'time': [0, 60], 'open': [1, 2], 'high': [2, 3], 'low': [1, 2],"
        " 'close': [2, 3]}, block=True)\n"
        "print('closed')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "closed\n"


def test_a_program_without_an_application_gets_one_that_stays():
    script = (
        "import gc, ui\n"
        "row = {'time': [0, 60], 'open': [1, 2], 'high': [2, 3], 'low': [1, 2], 'close': [2, 3]}\n"
        "chart = ui.show(row, block=False)\n"
        "gc.collect()\n"
        "print(chart.grab().isNull())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "False\n"


def test_ui_itself_imports_no_qt():
    script = "import sys, ui; print('PyQt6' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "False\n"
