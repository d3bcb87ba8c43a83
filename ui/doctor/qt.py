"""Whether Qt can be loaded here, and whether it gets a display."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from ui.doctor.debian_packages import packages_of
from ui.doctor.finding import Finding, fail, ok, warn

_PATIENCE_S: Final = 30.0
_ALWAYS: Final = ("QtWidgets.abi3.so", "QtSvg.abi3.so", "Qt6/plugins/platforms/libqoffscreen.so")
_PLUGINS: Final = {"xcb": "libqxcb.so", "wayland": "libqwayland.so"}
# In a process of its own: Qt ends the process when it finds no platform. The three names are
# there without any font too.
_TRIAL: Final = """\
import sys
from PyQt6.QtGui import QFontDatabase, QGuiApplication
application = QGuiApplication(["ordermode"])
fonts = set(QFontDatabase.families()) - {"Monospace", "Sans Serif", "Serif"}
sys.stdout.write(f"{application.platformName()} {len(fonts)}")
"""


def check_qt(environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Yield how Qt's libraries are, its display, and its fonts."""
    spec = importlib.util.find_spec("PyQt6")
    if spec is None or not spec.submodule_search_locations:
        yield fail("Qt", "PyQt6 is not installed", "install ordermode again, with what it needs")
        return
    folder = Path(next(iter(spec.submodule_search_locations)))
    platform = _platform(environ)
    missing = _missing_libraries(folder, platform)
    if missing:
        packages = " ".join(packages_of(missing))
        yield fail(
            "Qt",
            f"the system lacks {', '.join(missing)}",
            f"install what holds them; on Debian: sudo apt-get install {packages}",
        )
    else:
        yield ok("Qt", "every library that it links is there")
    yield from _display(environ, platform)


def _platform(environ: Mapping[str, str]) -> str:
    """Return what the program would ask Qt for; empty = there is no display to be had."""
    named = environ.get("QT_QPA_PLATFORM", "").partition(";")[0].partition(":")[0]
    if named or not sys.platform.startswith("linux"):
        return named or sys.platform
    if environ.get("WAYLAND_DISPLAY"):
        return "wayland"
    return "xcb" if environ.get("DISPLAY") else ""


def _missing_libraries(folder: Path, platform: str) -> list[str]:
    """Ask the system's own loader what it would not find."""
    if not sys.platform.startswith("linux"):
        return []  # the wheels for other systems bring all that they need
    plugin = _PLUGINS.get(platform)
    files = [*_ALWAYS, *([f"Qt6/plugins/platforms/{plugin}"] if plugin else [])]
    paths = [str(folder / name) for name in files if (folder / name).exists()]
    try:
        done = subprocess.run(
            ["ldd", *paths], capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return []  # a system without ldd: the trial below tells all the same
    lines = [line.split() for line in done.stdout.splitlines() if "=> not found" in line]
    return sorted({words[0] for words in lines})


def _display(environ: Mapping[str, str], platform: str) -> Iterator[Finding]:
    if not platform:
        yield warn(
            "display",
            "none: neither DISPLAY nor WAYLAND_DISPLAY is set",
            "start it on a desktop; `ordermode demo --headless` needs none",
        )
        return
    try:
        done = subprocess.run(
            [sys.executable, "-c", _TRIAL],
            env=dict(environ),
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        yield fail("display", "Qt waits for it without end", _mend(environ))
        return
    if done.returncode:
        yield fail("display", f"Qt cannot start: {_reason(done.stderr)}", _mend(environ))
        return
    name, fonts = done.stdout.split()
    yield ok("display", f"Qt starts on {name}")
    if fonts == "0":
        yield warn(
            "fonts",
            "Qt finds none, and shows boxes instead of letters",
            "install one; on Debian: sudo apt-get install fonts-dejavu-core",
        )


def _reason(words: str) -> str:
    """Return the line that says most: Qt's first one, or what an exception said at its end."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    if not lines:
        return "it says nothing of why"
    return lines[-1] if lines[0].startswith("Traceback") else lines[0]


def _mend(environ: Mapping[str, str]) -> str:
    if environ.get("QT_QPA_PLATFORM"):
        return "look at QT_QPA_PLATFORM: unset it, and Qt looks for the display by itself"
    return "see that the display of DISPLAY or WAYLAND_DISPLAY runs and lets you in"
