"""Brackets as the config has them: the list ``[[brackets]]``."""

import re
from decimal import Decimal
from typing import Final

import msgspec

from order_mode.bracket import Preset, StopType, Target
from order_mode.exit_distance import parse_distance

_TARGET: Final = re.compile(r"(?P<distance>.+?)(?:\s+x\s*(?P<percent>\d+(?:\.\d+)?)\s*%)?")
_HUNDRED: Final = Decimal(100)


class BracketPreset(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table of the list ``[[brackets]]``."""

    name: str
    stop: str = ""
    """``20 ticks``, ``1 %``, ``2 atr`` or ``150 money``; empty = no stop."""
    targets: tuple[str, ...] = ()
    """As the stop, or in ``r``; ``2 r x 50%`` is for half of the size."""
    stop_type: StopType = "stop"
    held_here: bool = False
    """The venue does not see the exits: they are dark orders."""
    safety_stop: str = ""
    """As ``stop``: a wide stop at the venue behind those, for when the program is closed."""

    def __post_init__(self) -> None:
        self.preset  # noqa: B018 - a mistake is found when the config is read

    @property
    def preset(self) -> Preset:
        """The same as order mode takes it; raises ValueError with what is wrong."""
        if not self.stop and not self.targets:
            raise ValueError(f'the bracket "{self.name}" has neither a stop nor a target')
        stop = parse_distance(self.stop) if self.stop else None
        if stop is not None and stop.unit == "r":
            raise ValueError("a stop cannot be in r: r is the distance to the stop")
        targets = tuple(_target(text) for text in self.targets)
        if sum(target.share for target in targets) > 1:
            raise ValueError(f'the targets of the bracket "{self.name}" are more than 100 %')
        safety = parse_distance(self.safety_stop) if self.safety_stop else None
        if safety is not None and not (self.held_here and stop is not None):
            raise ValueError("a safety_stop lies behind a stop that is held_here: set both")
        return Preset(self.name, stop, targets, self.stop_type, self.held_here, safety)


def _target(text: str) -> Target:
    match = _TARGET.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no target; write it as 2 r, or as 2 r x 50%")
    share = Decimal(match["percent"] or 100) / _HUNDRED
    if not 0 < share <= 1:
        raise ValueError(f"{text!r}: a target is for more than 0 and up to 100 %")
    return Target(parse_distance(match["distance"]), share)
