"""What a change of limits and arming rules lets through that was stopped before, in words."""

from collections.abc import Callable, Collection, Iterable, Iterator
from decimal import Decimal
from typing import Any, Final, TypeAlias

from ems.arming_rules import ArmingRule, ArmingRules
from ems.market import is_paper
from ems.number_words import number_words
from ems.risk_limits import OFF, Limits, RiskLimits

_CHOICES: Final = {
    "collar_from": ("quote", "trade", "any"),
    "mode": ("confirm", "armed", "one click"),
}
"""Each beginning with the strictest."""


Rules: TypeAlias = tuple[RiskLimits, ArmingRules]


def loosened(before: Rules, after: Rules, accounts: Iterable[str]) -> list[str]:
    """Return a sentence for each limit and choice of a live account that is wider than before."""
    live = [account for account in accounts if not is_paper(account)]
    return _said(before, after, live, _is_wider)


def changed(before: Rules, after: Rules, accounts: Iterable[str]) -> list[str]:
    """Return a sentence for each limit and choice that is another than before."""
    return _said(before, after, accounts, lambda _, was, will_be: was != will_be)


def _said(
    before: Rules,
    after: Rules,
    accounts: Iterable[str],
    counts: Callable[[str, Any, Any], bool],
) -> list[str]:
    found: list[str] = []
    for account in accounts:
        for where, old, new, names in _places(account, before, after):
            for name in names:
                was, will_be = getattr(old, name), getattr(new, name)
                if counts(name, was, will_be):
                    now = _in_words(will_be)
                    found.append(f"{name} of {where}: {value_words(was)} becomes {now}.")
    return found


def value_words(value: object) -> str:
    """Return a limit or a choice as the config has it, a number with its commas."""
    if value is None:
        return OFF
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value:,f}"
    if isinstance(value, float):
        return f"{value:,.12g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _places(
    account: str, before: Rules, after: Rules
) -> Iterator[tuple[str, Limits | ArmingRule, Limits | ArmingRule, Collection[str]]]:
    """Yield what is to be compared, with the names of the fields; a market has only its own."""
    (old, old_rules), (new, new_rules) = before, after
    names = Limits.__struct_fields__
    yield account, old.of_account(account), new.of_account(account), names
    for fqsn in sorted(old.markets_of(account) | new.markets_of(account)):
        own = [
            name
            for name in names
            if "market" in (old.source(account, fqsn, name), new.source(account, fqsn, name))
        ]
        where = f"{account} in {fqsn}"
        yield where, old.of_market(account, fqsn), new.of_market(account, fqsn), own
    yield account, old_rules.of(account), new_rules.of(account), ArmingRule.__struct_fields__


def _is_wider(name: str, was: Any, will_be: Any) -> bool:
    if was == will_be:
        return False
    if name in _CHOICES:
        order = _CHOICES[name]
        return order.index(will_be) > order.index(was)
    if isinstance(was, bool):
        return was
    if was is None or will_be is None:
        return will_be is None
    return bool(will_be < was if name == "duplicate_s" else will_be > was)


def _in_words(value: object) -> str:
    """Return a value, a whole number in words too: a zero too many is heard."""
    text = value_words(value)
    if value is None or isinstance(value, bool | str):
        return text
    number = Decimal(str(value))
    return f"{text} ({number_words(number)})" if number == number.to_integral_value() else text
