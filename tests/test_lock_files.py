"""The lock files hold what pyproject.toml asks for, and run what was tested."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
RUN_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
PIN = re.compile(r"^([\w.-]+)==([^\s;\\]+)\s*(?:;\s*([^\\]+?)\s*)?\\?$", re.MULTILINE)


def pins(lock: Path) -> set[tuple[str, str, str]]:
    """Return each pin's name, version and environment marker ("" for everywhere)."""
    return set(PIN.findall(lock.read_text()))


def asked_for(*extras: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [Requirement(text) for text in project["dependencies"]]
    for extra in extras:
        for one in map(Requirement, project["optional-dependencies"][extra]):
            asked += asked_for(*one.extras) if one.name == project["name"] else [one]
    return asked


def build_requirements() -> list[Requirement]:
    texts = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [
        (RUN_LOCK, asked_for("all") + build_requirements()),
        (DEV_LOCK, asked_for("dev") + build_requirements()),
    ],
    ids=["run", "dev"],
)
@pytest.mark.parametrize("python", ["3.11.2", "3.12.0", "3.13.0", "3.14.0"])
def test_the_lock_satisfies_what_the_project_asks_for(
    lock: Path, requirements: list[Requirement], python: str
) -> None:
    environment = {"python_full_version": python, "python_version": python.rpartition(".")[0]}
    here = {
        name: version
        for name, version, marker in pins(lock)
        if not marker or Marker(marker).evaluate(environment)
    }
    stale = [
        str(asked)
        for asked in requirements
        if (asked.marker is None or asked.marker.evaluate(environment))
        and not asked.specifier.contains(here.get(canonicalize_name(asked.name), "0"))
    ]
    assert stale == [], f"{lock.name} is stale: make lock"


def test_what_runs_is_what_was_tested() -> None:
    run, dev = (
        {(name, version) for name, version, _ in pins(lock)} for lock in (RUN_LOCK, DEV_LOCK)
    )
    assert run <= dev  # whatever the markers: the dev lock may need a package on more Pythons


@pytest.mark.parametrize("lock", [RUN_LOCK, DEV_LOCK], ids=["run", "dev"])
def test_every_pin_has_a_hash(lock: Path) -> None:
    blocks = re.split(r"^(?=[\w.-]+==)", lock.read_text(), flags=re.MULTILINE)[1:]
    assert len(blocks) == len(pins(lock))
    assert all("--hash=sha256:" in block for block in blocks)
