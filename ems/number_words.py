"""Whole numbers in words, as on a cheque: a zero too many is heard where it is not seen."""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

_SMALL: Final = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
]
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_GROUPS: Final = ("", "thousand", "million", "billion", "trillion", "quadrillion")


def number_words(number: Decimal) -> str:
    """Return the number rounded to a whole one: ``twelve thousand five hundred``.

    Numbers beyond all names are written in figures.
    """
    whole = int(abs(number).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
    if whole >= 1000 ** len(_GROUPS):
        return f"{number:,.0f}"
    words = " ".join(_groups(whole)) or "zero"
    return f"minus {words}" if number < 0 and whole else words


def _groups(whole: int) -> list[str]:
    words: list[str] = []
    for name in _GROUPS:
        whole, three = divmod(whole, 1000)
        if three:
            words = [*_hundreds(three), *([name] if name else []), *words]
        if not whole:
            break
    return words


def _hundreds(three: int) -> list[str]:
    hundreds, rest = divmod(three, 100)
    words = [_SMALL[hundreds], "hundred"] if hundreds else []
    if 0 < rest < 20:
        return [*words, _SMALL[rest]]
    tens, ones = divmod(rest, 10)
    if tens:
        words.append(_TENS[tens - 2] + (f"-{_SMALL[ones]}" if ones else ""))
    return words
