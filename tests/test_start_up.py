"""What a start imports: nothing that only another command, another backend or a file needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ems.journal import Journal

_OPTIONAL = ("aiohttp", "ib_async", "pyarrow", "pandas", "numba", "rich", "desktop_notifier")
_HEAVY = (*_OPTIONAL, "shtab", "pytest", "mkdocs", "finplot")
_WINDOW = ("PyQt6", "pyqtgraph", "qasync", "numpy", "mintalib")
_PRINT_LOADED = (
    "import sys\n"
    "def loaded():\n"
    "    return [n for n in sys.argv[1].split(',')"
    " if n in sys.modules and type(sys.modules[n]).__name__ != '_LazyModule']\n"
)


def loaded_by(code: str, names: tuple[str, ...], folder: Path) -> str:
    """Run the code in a process of its own; return which of these modules it has loaded."""
    program = f"{_PRINT_LOADED}{code}\nsys.stderr.write('LOADED ' + ' '.join(loaded()))"
    done = subprocess.run(
        [sys.executable, "-c", program, ",".join(names)],
        env={**os.environ, "ORDERMODE_STATE_DIR": str(folder), "XDG_CONFIG_HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    before, found, after = done.stderr.rpartition("LOADED ")
    assert found, done.stdout + before
    return after.strip()


@pytest.mark.parametrize("module", ["ui.program", "brokers.paper", "brokers.replay",
                                    "brokers.kraken", "brokers.ib"])  # fmt: skip
def test_no_heavy_import_before_it_is_needed(module: str, tmp_path: Path) -> None:
    assert loaded_by(f"import {module}", _HEAVY, tmp_path) == ""


@pytest.mark.parametrize(
    ("arguments", "not_needed"),
    [
        (["--version"], (*_HEAVY, *_WINDOW, "sqlite3")),
        (["--help"], (*_HEAVY, *_WINDOW, "sqlite3")),
        (["completion", "bash"], (*_OPTIONAL, *_WINDOW, "sqlite3")),
        (["orders", "--json"], (*_HEAVY, *_WINDOW)),
        (["install-desktop", "--remove"], (*_HEAVY, *_WINDOW, "sqlite3")),
        (["keys", "list"], (*_HEAVY, "PyQt6", "pyqtgraph", "qasync")),
        (["kill", "--release"], (*_HEAVY, "PyQt6", "pyqtgraph", "qasync")),
        (["doctor"], (*_HEAVY, "PyQt6", "pyqtgraph", "qasync")),
    ],
    ids=lambda value: value[0],
)
def test_a_command_without_a_window_loads_none_of_its_libraries(
    arguments: list[str], not_needed: tuple[str, ...], tmp_path: Path
) -> None:
    Journal(tmp_path / "journal.sqlite").close()
    code = (
        "from ui.app import main\n"
        f"try:\n    code = main({arguments!r})\n"
        "except SystemExit as ended:\n    code = ended.code\n"
        "assert code == 0, code\n"
    )
    assert loaded_by(code, not_needed, tmp_path) == ""


def test_an_open_chart_of_the_demo_has_loaded_nothing_of_other_backends(tmp_path: Path) -> None:
    code = (
        "import asyncio\n"
        "from pathlib import Path\n"
        "from ui.app import DEMO_MARKET, run_qt\n"
        "from ui.config import Config\n"
        "from ui.state_folder import Paths\n"
        "from ui.program import Session, open_program\n"
        f"session = Session(config=Config(), paths=Paths(Path({str(tmp_path)!r})),"
        " fqsn=DEMO_MARKET)\n"
        "async def look(faults):\n"
        "    async with open_program(session, faults) as program:\n"
        "        while program.page.last_price is None:\n"
        "            await asyncio.sleep(0.01)\n"
        "    return 0\n"
        "assert run_qt(look) == 0\n"
    )
    assert loaded_by(code, _HEAVY, tmp_path) == ""


def test_a_chart_is_on_the_screen_before_what_only_some_charts_show_is_loaded(
    tmp_path: Path,
) -> None:
    code = (
        "import os\n"
        "os.environ['QT_QPA_PLATFORM'] = 'offscreen'\n"
        "from PyQt6.QtWidgets import QApplication\n"
        "app = QApplication([])\n"
        "from bench.made_bars import made_bars\n"
        "from bench.market import MARKET, MINUTE_NS\n"
        "from ui.chart import Chart\n"
        "chart = Chart()\n"
        "chart.set_market(MARKET)\n"
        "chart.set_bars(made_bars(1000), MINUTE_NS)\n"
        "chart.show()\n"
        "app.processEvents()\n"
    )
    parts = ("formulas", "oscillators", "function_formula", "pane_picture", "drawing_layer")
    modules = tuple(f"ui.chart.{part}" for part in parts)
    assert loaded_by(code, (*_HEAVY, *modules), tmp_path) == ""
