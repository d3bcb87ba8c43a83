"""A new virtual environment with the wheel and what it asks for, made without a network.

The libraries are links to those of the environment that the tests run in, but only to what the
wheel's own requirements name, so that a library that nobody asked for is missing, as it would be.
"""

import subprocess
import sys
import sysconfig
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def base_environment(folder: Path, wheel: Path, *extras: str) -> Path:
    """Make the environment; return its folder of programs."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    programs = folder / "bin"
    site = Path(
        subprocess.run(
            [programs / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    )
    needed: dict[str, Distribution] = {}
    _collect("ordermode", set(extras), needed)
    for found in needed.values():
        _link(found, site)
    install = [sys.executable, "-m", "pip", "--python", programs / "python", "install"]
    subprocess.run([*install, "-qq", "--no-index", "--no-deps", wheel], check=True)
    return programs


def _collect(name: str, extras: set[str], needed: dict[str, Distribution]) -> None:
    for text in distribution(name).requires or ():
        asked = Requirement(text)
        wanted = extras | {""}
        if asked.marker and not any(asked.marker.evaluate({"extra": one}) for one in wanted):
            continue
        key = canonicalize_name(asked.name)
        if key == "ordermode":
            _collect(name, set(asked.extras), needed)
        elif key not in needed:
            needed[key] = distribution(asked.name)
            _collect(asked.name, set(asked.extras), needed)


def _link(found: Distribution, site: Path) -> None:
    home = Path(sysconfig.get_path("purelib"))
    tops = {file.parts[0] for file in found.files or () if file.parts[0] != ".."}
    for top in sorted(tops - {"__pycache__"}):
        there, here = home / top, site / top
        if here.is_symlink() and there.is_dir():
            _share(here, there)  # two distributions fill one folder, as PyQt6 and its Qt
        elif not here.exists():
            here.symlink_to(there)


def _share(here: Path, there: Path) -> None:
    if here.resolve() != there.resolve():
        raise FileExistsError(f"{here} and {there} are two folders of one name")
