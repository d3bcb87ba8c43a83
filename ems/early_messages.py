"""What a venue says of an order before anyone knows that the order is ours."""

import logging
from collections import deque
from typing import Final, TypeAlias

from msgspec.structs import replace

from ems.dialog_index import VenueKey
from ems.messages import BrokerdError, BrokerdFill, BrokerdStatus

log = logging.getLogger(__name__)

LIMIT: Final = 10_000
"""So many messages about reqids that nobody acknowledged are kept."""

Early: TypeAlias = BrokerdStatus | BrokerdFill | BrokerdError


class EarlyMessages:
    """Messages of one broker, kept by the venue's id until the order's ack tells whose it is."""

    def __init__(self) -> None:
        self._kept: dict[VenueKey, deque[Early]] = {}
        self._count = 0

    def keep(self, key: VenueKey, msg: Early) -> None:
        """Keep a message; if there are too many, those of the oldest order are dropped."""
        if self._count >= LIMIT:
            dropped = self._kept.pop(next(iter(self._kept)))
            self._count -= len(dropped)
            log.error("dropped messages about an order nobody acknowledged: %s", list(dropped))
        early = self._kept.setdefault(key, deque())
        if isinstance(msg, BrokerdFill) and _put_right(early, msg):
            return
        early.append(msg)
        self._count += 1

    def take(self, key: VenueKey) -> deque[Early]:
        """Return what was kept of an order, oldest first, and keep it no more."""
        early = self._kept.pop(key, None) if self._kept else None
        if early is None:
            return _NOTHING
        self._count -= len(early)
        return early

    def forget_statuses(self) -> None:
        """The line broke: what was said before is older than what the venue says now."""
        for key, early in list(self._kept.items()):
            fills: deque[Early] = deque(msg for msg in early if isinstance(msg, BrokerdFill))
            self._count -= len(early) - len(fills)
            if fills:
                self._kept[key] = fills
            else:
                del self._kept[key]


_NOTHING: Final[deque[Early]] = deque(maxlen=0)


def _put_right(early: deque[Early], fill: BrokerdFill) -> bool:
    """Put a fill in the place of the one that it replaces, if that waits here too."""
    for place, kept in enumerate(early):
        if isinstance(kept, BrokerdFill) and fill.replaces and kept.exec_id == fill.replaces:
            early[place] = replace(fill, replaces=kept.replaces)
            return True
    return False
