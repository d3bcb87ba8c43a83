"""What the user has settled beforehand: the tables of the config file.

The file is TOML::

    [brokers.paper]          # handed to the backend as it stands
    fee_rate = 0.0005

    [accounts.paper]         # sizing: the limit is split over so many slots
    limit = 10_000
    unit = "money"           # or "units"
    slots = 4
    risk = 100               # what an order with a stop may lose; without, sizes are slots
    risk_unit = "money"      # or "percent" of equity = 25_000

    [risk]                   # hard limits of every account; see docs/safety.md
    largest_order_money = 5_000
    [risk.accounts."ib.main"]
    daily_loss = 500
    [risk.accounts."ib.main".markets."mes.cme.ib"]
    largest_order_units = 2
    collar_percent = "off"

    [arming]                 # of every live account; see docs/safety.md
    idle_min = 15
    [arming.accounts."ib.main"]
    mode = "confirm"         # every order; or "armed", or "one click"

    [cancel_on_disconnect]   # seconds without a sign of life; hits stops and other programs too
    "kraken.spot" = 60

    [keys]                   # key, or list of keys, by what it does
    buy = "b"

    [chart]
    period = "5m"
    market = "aapl.demo.replay"

    [indicators]             # Python functions of bars, from beside this file or anywhere
    "Bar range" = "mine:bar_range"
    Momentum = { function = "mine:momentum", pane = true }

    [notify]                 # each is on; turn off what you do not want
    fills = false

    [lines]                  # labels: type price account mode notional distance profit after
    labels = ["price", "account", "mode", "distance"]
    side = "left"            # of the chart
    drag_with = "shift"      # a line is dragged with this key held, and not without
    exits_follow = true      # a dragged entry takes its exits along; with shift it does not

    [orders]                 # what new orders are besides price and size
    type = "limit"           # always; "by_side": a buy above the market, a sell below it is a stop
    tif = "day"              # gtc, day or ioc; also post_only, reduce_only
    limit_offset = 5         # ticks from the trigger of a stop-limit order to its limit
    trail = "2 atr"          # of trailing stops: ticks, % or atr; without it, up to the click
    market_slippage_percent = 0.5  # of the limit that stands for a market order where there is none

    [[orders.brackets]]      # in place of the brackets that the program has; any number
    name = "mine"
    stop = "2 atr"           # ticks, %, atr (of the chart's bars) or money (of the whole order)
    targets = ["1 r x 50%", "3 r x 50%"]    # also r: times the distance of the stop
    stop_type = "stop"       # or stop_limit, trailing_stop
    held_here = true         # the venue does not see them: dark exits
    safety_stop = "5 atr"    # behind them a wide stop at the venue, for when the program is closed
"""

import re
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec

from ems.arming_rules import ArmingRules
from ems.errors import EmsError
from ems.market import parse_fqsn
from ems.risk_limits import RiskLimits
from order_mode.keymap import Keymap
from order_mode.sizing import DEFAULT_SIZING, RiskUnit, Sizing
from ui.line_choices import LineChoices
from ui.order_choices import OrderChoices
from ui.period_text import read_period
from ui.zone_choice import check_zone

_FUNCTION: Final = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")

SizeUnit: TypeAlias = Literal["units", "money"]


class AccountSizing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How large the orders of one account are."""

    limit: Decimal = DEFAULT_SIZING.limit
    """The most that position and entry orders together may be, in ``unit``."""
    unit: SizeUnit = DEFAULT_SIZING.unit
    """``units`` of the market, or ``money`` in the currency of the market."""
    slots: Annotated[int, msgspec.Meta(ge=1, le=100)] = DEFAULT_SIZING.slots
    """How many orders of equal size fill the limit."""
    risk: Decimal | None = None
    """What an order with a stop may lose; without, it has the size of a slot."""
    risk_unit: RiskUnit = DEFAULT_SIZING.risk_unit
    """``money`` in the currency of the market, or ``percent`` of ``equity``."""
    equity: Decimal | None = None
    """Of the account: what a risk in per cent is counted from."""

    def __post_init__(self) -> None:
        if not (self.limit.is_finite() and self.limit > 0):
            raise ValueError(f"limit is {self.limit}, and must be a number above zero")
        for name, amount in (("risk", self.risk), ("equity", self.equity)):
            if amount is not None and not (amount.is_finite() and amount > 0):
                raise ValueError(f"{name} is {amount}, and must be a number above zero")
        if self.risk is not None and self.risk_unit == "percent" and self.equity is None:
            raise ValueError("a risk in percent needs the equity of the account: add equity = ...")

    @property
    def sizing(self) -> Sizing:
        """The same as order mode takes it."""
        return Sizing(self.limit, self.unit, self.slots, self.risk, self.risk_unit, self.equity)


class ChartConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the chart shows at first."""

    period: str = "1m"
    market: str | None = None
    """The fqsn that ``ordermode`` opens without arguments; None = the demo market."""
    timezone: str = "exchange"
    """Whose time the time axis shows: ``exchange``, ``computer``, or an IANA name."""

    def __post_init__(self) -> None:
        read_period(self.period)
        check_zone(self.timezone)
        if self.market is not None:
            try:
                parse_fqsn(self.market)
            except EmsError as error:
                raise ValueError(str(error)) from error


class NotifyConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is told beside the program; in its window everything is told anyhow."""

    desktop: bool = True
    """Whether the desktop shows notifications at all."""
    sound: bool = True
    """Whether an alert makes a sound."""
    alerts: bool = True
    fills: bool = True
    refusals: bool = True
    connection: bool = True

    def wants(self, kind: Literal["alert", "fill", "refusal", "connection"]) -> bool:
        """Tell whether news of this kind is wanted."""
        return {
            "alert": self.alerts,
            "fill": self.fills,
            "refusal": self.refusals,
            "connection": self.connection,
        }[kind]


class FunctionConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A Python function as an indicator."""

    function: str
    """``module:function``."""
    pane: bool = False
    """Whether it is drawn below the bars."""

    def __post_init__(self) -> None:
        if not _FUNCTION.fullmatch(self.function):
            raise ValueError(f"{self.function!r} names no function; write module:function")


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """All settings; what the file does not name has its default."""

    brokers: dict[str, dict[str, Any]] = {}
    """Options of each backend by its name; only the backend knows what they mean."""
    accounts: dict[str, AccountSizing] = {}
    risk: RiskLimits = msgspec.field(default_factory=RiskLimits)
    """The limits that the EMS holds every account to."""
    arming: ArmingRules = msgspec.field(default_factory=ArmingRules)
    """What each live account takes to be armed."""
    cancel_on_disconnect: dict[str, int] = {}
    """Seconds without a sign of life, by account, after which its venue cancels every order."""
    keys: Keymap = Keymap()
    chart: ChartConfig = ChartConfig()
    notify: NotifyConfig = NotifyConfig()
    lines: LineChoices = LineChoices()
    indicators: dict[str, FunctionConfig] = {}
    """The user's own, by the names that they have in the dialog."""
    orders: OrderChoices = OrderChoices()
