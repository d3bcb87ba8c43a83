"""A pytest plugin: which rules of an order's life hold, which do not, which were not tried.

Loaded by its entry point wherever ordermode is installed; silent unless rules were tried.
"""

from collections import defaultdict
from typing import Final

import pytest

_MARK: Final = "ordermode_rule"


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", f"{_MARK}(number): a rule of an order's life")
    config.pluginmanager.register(_RuleReport(), "ordermode-rule-report")


class _RuleReport:
    """Collects the outcomes, and prints them by rule."""

    def __init__(self) -> None:
        self._outcomes: dict[str, dict[int, list[tuple[str, str]]]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Remember whose test tries which rule."""
        for item in items:
            mark = item.get_closest_marker(_MARK)
            if mark is not None:
                item.user_properties.append((_MARK, mark.args[0]))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how one of them went."""
        number = dict(report.user_properties).get(_MARK)
        if not isinstance(number, int) or (report.when != "call" and report.passed):
            return
        whose = report.nodeid.rpartition("::")[0]
        outcomes = self._outcomes.setdefault(whose, defaultdict(list))
        outcomes[number].append((report.outcome, _why(report)))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the rules of each backend that was tried."""
        for whose, outcomes in self._outcomes.items():
            terminalreporter.section(f"rules of an order's life: {whose}")
            for line in _summary(outcomes):
                terminalreporter.line(line)


def _summary(outcomes: dict[int, list[tuple[str, str]]]) -> list[str]:
    """Return the lines about one backend: one sentence if there is one for all rules."""
    everything = [told for number in outcomes for told in outcomes[number]]
    if all(what == "passed" for what, _ in everything):
        return [f"all {len(outcomes)} rules that were tried hold"]
    reasons = {why.partition(": ")[2] for _, why in everything}
    if len(reasons) == 1 and all(what == "skipped" for what, _ in everything):
        return [f"none of {len(outcomes)} rules was tried: {reasons.pop()}"]
    return [line for number in sorted(outcomes) for line in _lines(number, outcomes[number])]


def _lines(number: int, told: list[tuple[str, str]]) -> list[str]:
    """Return the line about one rule, and why it is broken or not tried."""
    from ordermode.testing.rules import RULES

    broken = [why for what, why in told if what == "failed"]
    skipped = [why for what, why in told if what == "skipped"]
    word = "BROKEN" if broken else "not tried" if len(skipped) == len(told) else "holds"
    part = ", in part" if skipped and word == "holds" else ""
    whys = dict.fromkeys((*broken, *skipped))
    return [f"{number:>3} {word}{part}: {RULES[number]}", *(f"      {why}" for why in whys)]


def _why(report: pytest.TestReport) -> str:
    """Return in one line why a test failed or was skipped."""
    if report.skipped and isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    lines = str(getattr(crash, "message", report.longrepr or "")).splitlines()
    seen = [line.strip() for line in lines if line.strip().startswith("Seen: ")]
    return (seen or lines or [""])[0]
