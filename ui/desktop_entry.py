"""The program in the desktop's menu: a desktop entry and an icon, in the user's own folders."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ems.errors import EmsError

NAME: Final = "ordermode"
"""Of the entry: what Wayland and X11 find the window's icon by."""
ICON: Final = Path(__file__).with_name("ordermode.svg")
"""The icon that came with the program."""
_RESERVED: Final = frozenset(" \t\n\"'\\><~|&;$*?#()`")
_ENTRY: Final = """\
[Desktop Entry]
Type=Application
Version=1.0
Name=ordermode
GenericName=Trading chart
Comment=A desktop chart that you trade on
Exec={command}
Icon={icon}
Terminal=false
Categories=Office;Finance;
Keywords=trading;chart;orders;broker;
StartupWMClass=ordermode
"""


class NoDesktopEntry(EmsError):
    """The entry or the icon cannot be written or removed."""


def entry_files(environ: Mapping[str, str] = os.environ) -> tuple[Path, Path]:
    """Return where the desktop entry and the icon of this user belong."""
    named = environ.get("XDG_DATA_HOME", "")
    data = Path(named) if Path(named).is_absolute() else Path.home() / ".local" / "share"
    icon = data / "icons" / "hicolor" / "scalable" / "apps" / f"{NAME}.svg"
    return data / "applications" / f"{NAME}.desktop", icon


def install(environ: Mapping[str, str] = os.environ) -> tuple[Path, Path]:
    """Write the entry and the icon; return their files.

    Raises
    ------
    NoDesktopEntry
        If they cannot be written, or this system has no such entries.
    """
    _check_system()
    entry, icon = entry_files(environ)
    text = _ENTRY.format(command=_quoted(_program()), icon=icon)
    try:
        for file in (entry, icon):
            file.parent.mkdir(parents=True, exist_ok=True)
        icon.write_bytes(ICON.read_bytes())
        entry.write_text(text, encoding="utf-8")
    except OSError as error:
        raise NoDesktopEntry(
            f"{error.filename} cannot be written: {error.strerror}; make its folder yours to write"
        ) from error
    return entry, icon


def remove(environ: Mapping[str, str] = os.environ) -> list[Path]:
    """Remove what `install` wrote; return the files that were there.

    Raises
    ------
    NoDesktopEntry
        If one cannot be removed.
    """
    _check_system()
    removed = []
    for file in entry_files(environ):
        try:
            file.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise NoDesktopEntry(f"{file} cannot be removed: {error.strerror}") from error
        removed.append(file)
    return removed


def _check_system() -> None:
    if not sys.platform.startswith(("linux", "freebsd")):
        raise NoDesktopEntry("desktop entries are for Linux; here, make a shortcut to the command")


def _program() -> list[str]:
    """Return what starts this very program, whatever the PATH of the desktop is."""
    command = Path(sys.executable).with_name("ordermode")
    if os.access(command, os.X_OK):
        return [str(command)]
    return [sys.executable, "-m", "ui.app"]


def _quoted(words: list[str]) -> str:
    """Return an ``Exec`` value, by the rules of the Desktop Entry Specification."""
    return " ".join(_quoted_word(word) for word in words)


def _quoted_word(word: str) -> str:
    word = word.replace("%", "%%")
    if not _RESERVED & set(word):
        return word
    inside = word
    for character in '\\"`$':
        inside = inside.replace(character, f"\\{character}")
    # The value is a string of the file first, where a backslash is written twice.
    return '"' + inside.replace("\\", "\\\\") + '"'
