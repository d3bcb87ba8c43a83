"""What each limit and arming choice is, in a few words."""

from collections.abc import Mapping
from typing import Final

TITLES: Final = {
    "hard": "Hard limits refuse",
    "soft": "Soft limits ask",
    "arming": "Arming",
}

MEANINGS: Final[Mapping[str, str]] = {
    "largest_order_units": "size of one order",
    "largest_order_money": "size times price of one order",
    "largest_position_units": "position with every order of that side filled",
    "largest_position_money": "the same in money",
    "collar_percent": "% that a buy may be above the ask, a sell below the bid",
    "collar_ticks": "the same in ticks; both hold if both are set",
    "quote_age_s": "seconds; an older quote is none",
    "collar_from": "what the collar looks at where there is no fresh quote",
    "duplicate_s": "seconds in which the same order is not taken twice; 60 at most",
    "requests_per_second": "orders, changes and cancels together",
    "working_orders": "working and dark orders together",
    "daily_loss": "lost today, realised and unrealised",
    "ask_order_units": "asks about a larger order",
    "ask_order_money": "asks about an order that is worth more",
    "ask_position_units": "asks about a larger position",
    "ask_position_money": "asks about a position that is worth more",
    "ask_collar_percent": "asks about a price that is so many % beyond the quote",
    "mode": "confirm: each order is asked about; one click: never disarmed",
    "idle_min": "minutes of rest that disarm",
    "on_lock": "a locked screen disarms",
    "on_reconnect": "a lost connection disarms",
    "on_account_change": "another account in the window disarms",
}
