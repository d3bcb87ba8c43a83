"""The wheel from nothing, with its libraries from the registry: pip, pipx, uv; each Python here."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.nightly

_TOOLS = {"pipx": "pipx==1.18.4", "uv": "uv==0.13.9"}
_PYTHONS = ("python3.11", "python3.12", "python3.13", "python3.14")


def run(environ: dict[str, str], *command: object, cwd: Path) -> str:
    done = subprocess.run(
        list(map(str, command)),
        env=environ,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def environment(folder: Path, python: str, *packages: object) -> Path:
    """Make a virtual environment with these packages; return its folder of programs."""
    subprocess.run([python, "-m", "venv", folder], check=True, timeout=120)
    programs = folder / "bin"
    pip = [programs / "python", "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([*pip, *map(str, packages)], check=True, timeout=900)
    return programs


def works(program: Path, environ: dict[str, str], folder: Path) -> None:
    assert run(environ, program, "--version", cwd=folder).startswith("ordermode ")
    run(environ, program, "demo", "--headless", "--out", "out", cwd=folder)
    assert (folder / "out" / "chart.png").exists()


@pytest.mark.parametrize("tool", _TOOLS)
def test_a_tool_that_installs_programs_installs_it(
    tool: str, wheel: Path, clean_environ: dict[str, str], tmp_path: Path
) -> None:
    programs = environment(tmp_path / "tool", sys.executable, _TOOLS[tool])
    environ = {
        **os.environ,  # it knows the way to the registry
        "PIPX_HOME": str(tmp_path / "home"),
        "PIPX_BIN_DIR": str(tmp_path / "bin"),
        "UV_TOOL_DIR": str(tmp_path / "home"),
        "UV_TOOL_BIN_DIR": str(tmp_path / "bin"),
        "UV_PYTHON": sys.executable,
    }
    install = ["install"] if tool == "pipx" else ["tool", "install"]
    run(environ, programs / tool, *install, f"{wheel}", cwd=tmp_path)
    works(tmp_path / "bin" / "ordermode", clean_environ, tmp_path)


@pytest.mark.parametrize("python", _PYTHONS)
@pytest.mark.parametrize("extras", ["", "[all]"], ids=["base", "all"])
def test_each_python_runs_it(
    python: str, extras: str, wheel: Path, clean_environ: dict[str, str], tmp_path: Path
) -> None:
    there = shutil.which(python)
    if there is None or subprocess.run([there, "-V"], capture_output=True, check=False).returncode:
        pytest.skip(f"there is no {python} here")
    programs = environment(tmp_path / "env", there, f"{wheel}{extras}")
    works(programs / "ordermode", clean_environ, tmp_path)
    if extras:
        run(clean_environ, programs / "python", "-c", "import brokers.ib.backend, brokers.kraken",
            cwd=tmp_path)  # fmt: skip
