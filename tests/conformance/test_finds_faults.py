"""The suite is able to fail: each fault in a backend breaks the rule that it should."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_EXAMPLE = _ROOT / "examples" / "example_backend"
_BACKENDS = Path(__file__).with_name("broken_backends.py")
FAULTS = {
    "TestOneExecutionId": {9},
    "TestNoAck": {1},
    "TestKnowsNoOrder": {18},
    "TestNamelessRefusals": {7, 8},
    "TestWrongWord": {4},
    "TestOutsideUnseen": {11},
    "TestRoundedPrices": {2},
    "TestSilentBreak": {13},
    "TestForgetfulOpening": {13},
    "TestSendsAgain": {18},
    "TestStatesTooMuch": {19},
    "TestTakesAnything": {20},
}
"""By fault, the rules that are tried on it; each breaks."""


@pytest.fixture(scope="module")
def said() -> str:
    """What pytest says of them all."""
    tried = [
        f"({fault} and ({' or '.join(f'rule_{number:02}' for number in sorted(numbers))}))"
        for fault, numbers in FAULTS.items()
    ]
    paths = (_ROOT, _EXAMPLE, _EXAMPLE / "tests")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    chosen = " or ".join([*tried, "TestBarsBackwards"])
    done = subprocess.run(
        [*command, "--rootdir", _EXAMPLE, "-k", chosen, _BACKENDS],
        cwd=_EXAMPLE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def report_of(said: str, fault: str) -> str:
    """The part of pytest's summary about one backend."""
    match = re.search(rf"rules of an order's life: \S*{fault} =*\n(.*?)\n=", said, re.DOTALL)
    assert match, said
    return match[1]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_breaks_its_rules_by_number_and_sentence(said: str, fault: str) -> None:
    report = report_of(said, fault)
    broken = {int(number) for number in re.findall(r"^ *(\d+) BROKEN: \w+", report, re.MULTILINE)}
    assert broken == FAULTS[fault], report
    assert report.count("Seen: ") >= len(broken)


def test_a_feed_that_breaks_its_promises_is_found(said: str) -> None:
    assert "the times of the bars do not ascend" in said
    assert "1 failed" not in said


def test_all_that_was_said_is_shown(said: str) -> None:
    assert "-> BrokerdOrder(" in said
    assert "<- BrokerdStatus(" in said
