"""The sdist and the wheel hold all that they must, and say what they are."""

import subprocess
import tarfile
import tomllib
import zipfile
from email import message_from_string
from email.message import Message
from pathlib import Path

import pytest

from tests.install.conftest import ROOT

_SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
_PROJECT = _SETTINGS["project"]
_PACKAGES = _SETTINGS["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as file:
        return set(file.namelist())


def metadata(wheel: Path, name: str) -> str:
    with zipfile.ZipFile(wheel) as file:
        (path,) = [path for path in file.namelist() if path.endswith(f".dist-info/{name}")]
        return file.read(path).decode()


@pytest.fixture(scope="session")
def said(wheel: Path) -> Message:
    return message_from_string(metadata(wheel, "METADATA"))


def tracked(*folders: str) -> set[str]:
    """The files that the repository has, and those that are about to be added."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *folders],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is no checkout: there is no list of files to compare with")
    return {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}


def test_the_wheel_has_every_file_of_the_packages_and_no_other(wheel: Path) -> None:
    shipped = {name for name in names_in(wheel) if ".dist-info/" not in name}
    assert shipped == tracked(*_PACKAGES)


def test_the_sdist_has_all_that_a_checkout_needs_for_its_tests(dist: Path) -> None:
    (file,) = dist.glob("*.tar.gz")
    with tarfile.open(file) as archive:
        shipped = {name.partition("/")[2] for name in archive.getnames()}
    assert tracked() - shipped == {".ci/run"}


@pytest.mark.parametrize("package", _PACKAGES)
def test_each_package_says_that_it_is_typed(package: str, wheel: Path) -> None:
    assert f"{package}/py.typed" in names_in(wheel)


def test_the_metadata_is_of_the_project(said: Message) -> None:
    assert (said["Name"], said["Version"]) == ("ordermode", _PROJECT["version"])
    assert said["License-Expression"] == "GPL-3.0-or-later"
    assert said["License-File"] == "LICENSE"
    assert said["Requires-Python"] == ">=3.11"
    assert said["Description-Content-Type"] == "text/markdown"
    assert {"ib", "kraken", "parquet", "all"} <= set(said.get_all("Provides-Extra", []))


def test_a_base_install_asks_for_no_library_of_an_extra(said: Message) -> None:
    base = [text for text in said.get_all("Requires-Dist", []) if "extra ==" not in text]
    assert len(base) == len(_PROJECT["dependencies"])
    assert not [text for text in base if text.startswith(("aiohttp", "ib_async", "pyarrow"))]


def test_the_command_and_the_backends_are_entry_points(wheel: Path) -> None:
    lines = metadata(wheel, "entry_points.txt").split()
    assert "ordermode" in lines
    for name in ("ib", "kraken", "paper", "replay"):
        assert f"brokers.{name}:open_backend" in lines
