"""The whole examination, and how it is printed."""

import importlib.metadata
import platform
import sys
from collections.abc import Iterator
from typing import Final, TextIO

import msgspec

from ui.doctor.backends import check_backends
from ui.doctor.clock import check_clock
from ui.doctor.finding import Finding, fail, ok
from ui.doctor.own_files import check_config, check_state
from ui.doctor.qt import check_qt
from ui.upkeep_commands import DoctorCommand

EXIT_FAIL: Final = 1
_OLDEST: Final = (3, 11)


def examine(command: DoctorCommand, out: TextIO) -> int:
    """Look at everything and print a line for each; return 1 if something fails, else 0."""
    findings = []
    for finding in _findings(command):
        findings.append(finding)
        if not command.as_json:
            out.write(_line(finding))
            out.flush()
    if command.as_json:
        report = {"worst": _worst(findings), "findings": findings}
        out.write(msgspec.json.format(msgspec.json.encode(report)).decode() + "\n")
    return EXIT_FAIL if _worst(findings) == "fail" else 0


def _findings(command: DoctorCommand) -> Iterator[Finding]:
    yield _program()
    yield from check_qt()
    finding, config = check_config(command.config)
    yield finding
    yield from check_state(command.state_dir)
    yield check_clock()
    yield from check_backends(config, connect=command.connect)


def _program() -> Finding:
    python = f"Python {platform.python_version()}"
    if sys.version_info < _OLDEST:
        return fail("program", python, "install Python 3.11 or newer")
    try:
        version = importlib.metadata.version("ordermode")
    except importlib.metadata.PackageNotFoundError:
        return fail(
            "program",
            f"{python}, and ordermode is not installed in it: no backend is found",
            "pip install the wheel, or run `make install` in the checkout",
        )
    return ok("program", f"ordermode {version}, {python}, {platform.platform(terse=True)}")


def _line(finding: Finding) -> str:
    line = f"{finding.level.upper():<5} {finding.subject:<8} {finding.text}\n"
    return line + (f"{'':15}-> {finding.mend}\n" if finding.mend else "")


def _worst(findings: list[Finding]) -> str:
    levels = {finding.level for finding in findings}
    return next(level for level in ("fail", "warn", "ok") if level in levels)
