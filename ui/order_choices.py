"""What new orders are besides price and size, as the config has it."""

from decimal import Decimal
from typing import Annotated, Final

import msgspec

from ems.slippage import SLIPPAGE
from order_mode.bracket import DEFAULT_PRESETS, Preset
from order_mode.order_terms import DEFAULT_TERMS, OrderTerms, StandingTif, TypeRule
from order_mode.trail_distance import parse_trail
from ui.bracket_presets import BracketPreset


class OrderChoices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table ``[orders]`` of the config."""

    type: TypeRule = DEFAULT_TERMS.type
    """``by_side``: limit or stop by the side of the market; ``limit`` for always a limit order."""
    tif: StandingTif = DEFAULT_TERMS.tif
    post_only: bool = DEFAULT_TERMS.post_only
    reduce_only: bool = DEFAULT_TERMS.reduce_only
    limit_offset: Annotated[int, msgspec.Meta(ge=0)] = DEFAULT_TERMS.limit_offset
    """Ticks from the trigger of a stop-limit order to its limit."""
    trail: str = ""
    """How far trailing stops trail: ``20 ticks``, ``1 %``, ``2 atr``; empty = from the market to
    the click."""

    market_slippage_percent: Decimal = SLIPPAGE * 100
    """How far through the market a limit order goes that stands for a market order, where the venue
    has none."""

    brackets: tuple[BracketPreset, ...] = ()
    """The list ``[[orders.brackets]]``; none = those that the program has."""

    def __post_init__(self) -> None:
        self.terms  # noqa: B018 - a mistake is found when the config is read
        if not 0 <= self.market_slippage_percent < 100:
            raise ValueError(
                f"market_slippage_percent is {self.market_slippage_percent}, and must be a number "
                "from 0 up to 100"
            )

    @property
    def slippage(self) -> Decimal:
        """The same as a part of the price."""
        return self.market_slippage_percent / 100

    @property
    def presets(self) -> tuple[Preset, ...]:
        """The brackets that there are to choose from."""
        return tuple(one.preset for one in self.brackets) or DEFAULT_PRESETS

    @property
    def terms(self) -> OrderTerms:
        """The same as order mode takes it."""
        return OrderTerms(
            self.type,
            self.tif,
            self.post_only,
            self.reduce_only,
            self.limit_offset,
            parse_trail(self.trail) if self.trail else None,
        )


DEFAULT_ORDER_CHOICES: Final = OrderChoices()
