"""How far a limit order goes that stands for a market order.

A module of its own: the config names the same figure, and reading a config loads nothing else.
"""

from decimal import Decimal
from typing import Final

SLIPPAGE: Final = Decimal("0.01")
"""As a part of the price that it goes through the market."""
