"""What a change of limits and arming rules lets through that was stopped before, in words."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Final

from ems.arming_rules import ArmingRule, ArmingRules
from ems.market import is_paper
from ems.number_words import number_words
from ems.risk_limits import OFF, Limits, RiskLimits

_CHOICES: Final = {
    "collar_from": ("quote", "trade", "any"),
    "mode": ("confirm", "armed", "one click"),
}
"""Each beginning with the strictest."""


def loosened(
    before: tuple[RiskLimits, ArmingRules],
    after: tuple[RiskLimits, ArmingRules],
    accounts: Iterable[str],
) -> list[str]:
    """Return a sentence for each limit and choice of a live account that is wider than before."""
    found: list[str] = []
    for account in accounts:
        if is_paper(account):
            continue
        for where, old, new in _places(account, before, after):
            said = _wider(where, old, new)
            found += [text for text in said if text not in found]
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
    account: str, before: tuple[RiskLimits, ArmingRules], after: tuple[RiskLimits, ArmingRules]
) -> Iterator[tuple[str, Limits | ArmingRule, Limits | ArmingRule]]:
    (old, old_rules), (new, new_rules) = before, after
    yield account, old.of_account(account), new.of_account(account)
    for fqsn in sorted(old.markets_of(account) | new.markets_of(account)):
        yield f"{account} in {fqsn}", old.of_market(account, fqsn), new.of_market(account, fqsn)
    yield account, old_rules.of(account), new_rules.of(account)


def _wider(where: str, old: Limits | ArmingRule, new: Limits | ArmingRule) -> Iterator[str]:
    for name in old.__struct_fields__:
        was, will_be = getattr(old, name), getattr(new, name)
        if _is_wider(name, was, will_be):
            yield f"{name} of {where}: {value_words(was)} becomes {_in_words(will_be)}."


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
