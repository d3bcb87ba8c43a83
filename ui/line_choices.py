"""How order lines look and what drags them, as the user chose."""

from typing import Literal

import msgspec

from order_mode.labels import DEFAULT_FIELDS, Field


class LineChoices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table ``[lines]`` of the config."""

    labels: tuple[Field, ...] = tuple(sorted(DEFAULT_FIELDS))
    """What the label of a line at rest shows besides its side and size."""
    side: Literal["left", "right"] = "right"
    """Of the chart, where the labels stand."""
    drag_with: Literal["", "shift", "alt", "ctrl"] = ""
    """The modifier without which a line is not dragged; empty = a few pixels are enough."""
    exits_follow: bool = False
    """Whether the exits of an entry go along when it is dragged; shift turns it round."""
