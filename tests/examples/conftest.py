"""A clean environment with the built wheels in it: no path leads to this checkout."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command: object, cwd: Path, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a command and fail with what it said if it fails."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        **options,  # type: ignore[call-overload]
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def wheels_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of a venv that has ordermode and the example backend as wheels.

    Their dependencies are lent by the environment that the tests run in.
    """
    folder = tmp_path_factory.mktemp("wheels")
    for project in (ROOT, ROOT / "examples" / "example_backend"):
        run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=project)
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    [site] = (folder / "venv").glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    python = folder / "venv" / "bin" / "python"
    install = (sys.executable, "-m", "pip", "--python", python, "install", "-qq", "--no-index")
    run(*install, "--no-deps", *folder.glob("*.whl"), cwd=folder)
    return python
