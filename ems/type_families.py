"""Which order types have what in common: the families that every module asks about."""

from typing import Final

from ems.messages import OrderType

STOPS: Final[frozenset[OrderType]] = frozenset(
    {"stop", "stop_limit", "trailing_stop", "trailing_stop_limit"}
)
"""Wait for the price to go against them: a buy is touched at its price or above, a sell at its
price or below."""
IF_TOUCHED: Final[frozenset[OrderType]] = frozenset({"limit_if_touched", "market_if_touched"})
"""Wait for the price to come their way: a buy is touched at its price or below, a sell at its
price or above."""
TOUCHED_OFF: Final = STOPS | IF_TOUCHED
"""Do nothing before their price is touched."""
TRAILING: Final[frozenset[OrderType]] = frozenset({"trailing_stop", "trailing_stop_limit"})
"""Follow the best price at a distance."""
TWO_PRICES: Final[frozenset[OrderType]] = frozenset(
    {"stop_limit", "limit_if_touched", "trailing_stop_limit"}
)
"""Have a limit besides the price that touches them off, which they work at from then on."""
BECOME_MARKET: Final = TOUCHED_OFF - TWO_PRICES
"""Go out as market orders once they are touched."""
