"""What Kraken's words for the state of an order mean to us: the whole map, in one place.

An execution report says with ``exec_type`` what happened, and with ``order_status`` how the order
stands now. A word that is not here is logged with its whole message and changes nothing.

Sources: [exec] https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/executions,
[uexec] https://docs.kraken.com/exchange/api-reference/unified-ws/executions,
[life] https://docs.kraken.com/exchange/guides/general/order-lifecycle,
[open] https://docs.kraken.com/api/docs/rest-api/get-open-orders
"""

from enum import Enum, auto
from typing import Final, Literal, NamedTuple, TypeAlias

StatusKey: TypeAlias = Literal["pending", "open", "closed", "canceled"]


class Takes(Enum):
    """What an execution report is about."""

    STATE = auto()  # the row names the state
    STANDING = auto()  # the order lives on, as its order_status says
    FILL = auto()  # an execution: an event, no state


class Row(NamedTuple):
    """One word of Kraken's."""

    takes: Takes
    status: StatusKey | None
    """Ours; None = as ``order_status`` says, or no state at all."""
    source: str
    reason: str = ""
    """Said where the report gives none."""


EXEC_TYPES: Final[dict[str, Row]] = {
    "pending_new": Row(Takes.STATE, "pending", "[life] taken and checked, not yet in the book"),
    "new": Row(Takes.STATE, "open", "[life] works in the book"),
    # The trade that completes an order still says partially_filled: the end is "filled".
    "trade": Row(Takes.FILL, None, "[uexec] an execution, keyed by exec_id"),
    "filled": Row(Takes.STATE, "closed", "[uexec] completely filled"),
    "iceberg_refill": Row(Takes.STANDING, None, "[exec] the next slice of an iceberg shows"),
    "canceled": Row(Takes.STATE, "canceled", "[life] ended by request, or by the engine"),
    "expired": Row(Takes.STATE, "canceled", "[life] its time in force is over", "Expired."),
    "amended": Row(Takes.STANDING, None, "[exec] price or size changed by request"),
    "restated": Row(Takes.STANDING, None, "[exec] changed by the engine"),
    "status": Row(Takes.STANDING, None, "[exec] how it stands, nothing changed"),
}

ORDER_STATUS: Final[dict[str, Row]] = {
    "pending_new": Row(Takes.STATE, "pending", "[exec]"),
    "new": Row(Takes.STATE, "open", "[exec]"),
    "partially_filled": Row(Takes.STATE, "open", "[exec] still works: can be moved, cancelled"),
    "filled": Row(Takes.STATE, "closed", "[exec]"),
    "canceled": Row(Takes.STATE, "canceled", "[exec]"),
    "expired": Row(Takes.STATE, "canceled", "[exec]", "Expired."),
}

REST_STATUS: Final[dict[str, Row]] = {
    "pending": Row(Takes.STATE, "pending", "[open]"),
    "open": Row(Takes.STATE, "open", "[open]"),
    "closed": Row(Takes.STATE, "closed", "[open]"),
    "canceled": Row(Takes.STATE, "canceled", "[open]"),
    "expired": Row(Takes.STATE, "canceled", "[open]", "Expired."),
}
"""REST has words of its own for the same states."""

OVER: Final = frozenset({"closed", "canceled"})

UNKNOWN_OUTCOME: Final = (
    "EService:Unavailable",
    "EService:Timeout",
    "EService:Busy",
    "EGeneral:Internal error",
    "EGeneral:Temporary lockout",
)
"""Answers to a request that do not say whether it was carried out: the venue must be asked.
Source: https://docs.kraken.com/api/docs/guides/spot-errors"""

WOULD_REFUSE_AN_EDIT_TOO: Final = (
    "EAPI",
    "EAccount",
    "ESession",
    "EService",
    "EGeneral:Permission",
    "EGeneral:Too many",
    "EOrder:Unknown",
    "EOrder:Insufficient",
    "EOrder:Invalid price",
    "EOrder:Tick size",
    "EOrder:Order minimum",
    "EOrder:Cost minimum",
    "EOrder:Post only",
    "EOrder:Rate limit",
    "EOrder:Orders limit",
    "EOrder:Domain rate limit",
    "EOrder:Positions limit",
    "EOrder:Margin",
    "EOrder:Trading agreement",
    "EOrder:Reduce only",
)
"""Refusals of an amend that are about the numbers, the account or the moment: another way of asking
would change nothing. Source: https://docs.kraken.com/api/docs/guides/spot-errors"""

SYSTEM_REFUSES: Final[dict[str, str]] = {
    "maintenance": "Kraken is in maintenance: it takes no orders now.",
    "cancel_only": "Kraken only takes cancels now, no new orders and no changes.",
    "post_only": "Kraken only takes post-only orders now.",
}
"""By the word of its ``status`` channel; ``online`` refuses nothing.
Source: https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/status"""
