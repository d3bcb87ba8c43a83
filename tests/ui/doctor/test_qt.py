"""What the doctor says of Qt: a loader that misses libraries, a display that is not there."""

import os
from itertools import count
from pathlib import Path

import pytest

from ui.doctor.debian_packages import packages_of
from ui.doctor.finding import Finding
from ui.doctor.qt import check_qt

_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
BARE = {name: value for name, value in os.environ.items() if name not in _DISPLAYS}
OFFSCREEN = {**BARE, "QT_QPA_PLATFORM": "offscreen"}


def by_subject(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in findings}


def program(folder: Path, name: str, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program before all others of its name."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o700)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_here_qt_can_be_loaded_and_starts() -> None:
    found = by_subject(list(check_qt(OFFSCREEN)))
    assert found["Qt"].level == "ok", found["Qt"]
    assert (found["display"].level, found["display"].text) == ("ok", "Qt starts on offscreen")


def test_a_library_that_the_system_lacks_is_named_with_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = "  libxcb-cursor.so.0 => not found\n  libEGL.so.1 => not found"
    program(tmp_path, "ldd", f"cat <<'END'\n  libc.so.6 => /lib/libc.so.6\n{missing}\nEND",
            monkeypatch)  # fmt: skip
    found = by_subject(list(check_qt(OFFSCREEN)))["Qt"]
    assert found.level == "fail"
    assert "libEGL.so.1, libxcb-cursor.so.0" in found.text
    assert "apt-get install libegl1 libxcb-cursor0" in found.mend


def test_only_the_plugin_of_the_display_at_hand_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "asked"
    program(tmp_path, "ldd", f'echo "$@" > {asked}', monkeypatch)
    list(check_qt(OFFSCREEN))
    assert "libqxcb.so" not in asked.read_text()
    list(check_qt({**BARE, "DISPLAY": ":77"}))
    assert "libqxcb.so" in asked.read_text()


def test_no_display_is_a_warning_with_a_way_out() -> None:
    found = by_subject(list(check_qt(BARE)))["display"]
    assert found.level == "warn"
    assert "demo --headless" in found.mend


def test_a_display_that_does_not_answer_fails_in_qts_words() -> None:
    sockets = Path("/tmp/.X11-unix")
    nobodys = next(f":{number}" for number in count(77) if not (sockets / f"X{number}").exists())
    found = by_subject(list(check_qt({**BARE, "DISPLAY": nobodys})))["display"]
    assert found.level == "fail"
    assert nobodys in found.text


def test_a_platform_that_qt_does_not_have_fails() -> None:
    found = by_subject(list(check_qt({**BARE, "QT_QPA_PLATFORM": "paper"})))["display"]
    assert found.level == "fail"
    assert "QT_QPA_PLATFORM" in found.mend


def test_a_system_without_fonts_shows_boxes(tmp_path: Path) -> None:
    fonts = tmp_path / "fonts.conf"
    fonts.write_text('<?xml version="1.0"?><fontconfig></fontconfig>')
    found = by_subject(list(check_qt({**OFFSCREEN, "FONTCONFIG_FILE": str(fonts)})))
    assert found["fonts"].level == "warn"
    assert "fonts-dejavu-core" in found["fonts"].mend


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("libX11.so.6", "libx11-6"),
        ("libEGL.so.1", "libegl1"),
        ("libxcb-cursor.so.0", "libxcb-cursor0"),
        ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
        ("libglib-2.0.so.0", "libglib2.0-0"),
        ("libgthread-2.0.so.0", "libglib2.0-0"),
        ("libdbus-1.so.3", "libdbus-1-3"),
    ],
)
def test_debians_names(library: str, package: str) -> None:
    assert packages_of([library]) == [package]
