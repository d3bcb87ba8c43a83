"""What new orders are besides price and size, as the config has it."""

from typing import Annotated

import msgspec

from order_mode.order_terms import DEFAULT_TERMS, OrderTerms, StandingTif, TypeRule


class OrderChoices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table ``[orders]`` of the config."""

    type: TypeRule = DEFAULT_TERMS.type
    """``by_side``: limit or stop by the side of the market; ``limit`` for always a limit order."""
    tif: StandingTif = DEFAULT_TERMS.tif
    post_only: bool = DEFAULT_TERMS.post_only
    reduce_only: bool = DEFAULT_TERMS.reduce_only
    limit_offset: Annotated[int, msgspec.Meta(ge=0)] = DEFAULT_TERMS.limit_offset
    """Ticks from the trigger of a stop-limit order to its limit."""

    @property
    def terms(self) -> OrderTerms:
        """The same as order mode takes it."""
        return OrderTerms(self.type, self.tif, self.post_only, self.reduce_only, self.limit_offset)
