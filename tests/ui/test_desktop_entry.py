"""The program in the desktop's menu."""

import configparser
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from PyQt6.QtGui import QIcon

from ui import desktop_entry
from ui.app import main

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="XDG folders: Linux")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "my data"
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    return folder


def read(entry: Path) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(entry, encoding="utf-8")
    return parser["Desktop Entry"]


def test_the_entry_starts_this_program_and_has_its_icon(data: Path, capsys) -> None:
    assert main(["install-desktop"]) == 0
    entry, icon = data / "applications" / "ordermode.desktop", data / "icons/hicolor/scalable/apps"
    assert str(entry) in capsys.readouterr().out
    said = read(entry)
    assert Path(said["Exec"]) == Path(sys.executable).with_name("ordermode")
    assert said["Icon"] == str(icon / "ordermode.svg")
    assert Path(said["Icon"]).read_bytes() == desktop_entry.ICON.read_bytes()
    validator = shutil.which("desktop-file-validate")
    if validator is not None:
        subprocess.run([validator, entry], check=True)


def test_what_was_installed_can_be_removed_and_nothing_else_is(data: Path, capsys) -> None:
    main(["install-desktop"])
    other = data / "applications" / "other.desktop"
    other.write_text("")
    capsys.readouterr()
    assert main(["install-desktop", "--remove"]) == 0
    assert capsys.readouterr().out.count("removed ") == 2
    assert [file for file in data.rglob("*") if file.is_file()] == [other]
    assert main(["install-desktop", "--remove"]) == 0
    assert "nothing to remove" in capsys.readouterr().out


def test_without_a_data_folder_named_it_is_the_users_own(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    entry, _ = desktop_entry.entry_files({"XDG_DATA_HOME": "not/absolute"})
    assert entry == tmp_path / ".local/share/applications/ordermode.desktop"


def test_a_path_with_odd_characters_is_quoted(data: Path, monkeypatch, tmp_path: Path) -> None:
    folder = tmp_path / 'a "b" $c \\d 100%'
    folder.mkdir()
    program = folder / "ordermode"
    program.write_text("#!/bin/sh\necho it runs\n")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    entry, _ = desktop_entry.install()
    value = read(entry)["Exec"]
    assert unquoted(value) == str(program)


def unquoted(value: str) -> str:
    """Read an ``Exec`` of one word as the specification says: as a string, then its quotes."""
    string = value.replace("\\\\", "\\")
    assert (string[0], string[-1]) == ('"', '"')
    word, characters = "", iter(string[1:-1])
    for character in characters:
        word += next(characters) if character == "\\" else character
    return word.replace("%%", "%")


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(data: Path, capsys) -> None:
    data.parent.mkdir(exist_ok=True)
    data.write_text("a file where the folder should be")
    assert main(["install-desktop"]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_the_entry_is_no_program(data: Path) -> None:
    entry, icon = desktop_entry.install()
    assert not (entry.stat().st_mode | icon.stat().st_mode) & stat.S_IXUSR


def test_the_icon_can_be_drawn(qapp) -> None:
    picture = QIcon(str(desktop_entry.ICON)).pixmap(64, 64).toImage()
    assert picture.width() == 64
    assert len({picture.pixelColor(x, 48).name() for x in range(64)}) > 3
