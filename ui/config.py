"""What the user has settled beforehand: the config file, and where the program keeps its state.

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

import os
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar

import msgspec
import platformdirs

from ems.arming_rules import ArmingRules
from ems.errors import EmsError
from ems.market import parse_fqsn
from ems.risk_limits import RiskLimits
from order_mode.keymap import BadKeymap, Keymap, parse_keymap
from order_mode.sizing import DEFAULT_SIZING, RiskUnit, Sizing
from ui.config_faults import ConfigError as ConfigError
from ui.config_faults import explain
from ui.line_choices import LineChoices
from ui.order_choices import OrderChoices
from ui.period_text import read_period
from ui.safety_config import SafetyTables
from ui.zone_choice import check_zone

STATE_DIR_VARIABLE: Final = "ORDERMODE_STATE_DIR"

_APP: Final = "ordermode"
_FUNCTION: Final = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_UNKNOWN_FIELD: Final = re.compile(r"unknown field `(?P<field>.*)`")

SizeUnit: TypeAlias = Literal["units", "money"]
_StructT = TypeVar("_StructT", bound=msgspec.Struct)


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


def default_config_file() -> Path:
    """Return where the config is if the command line names none."""
    return Path(platformdirs.user_config_dir(_APP)) / "config.toml"


def read_config(file: Path | None = None) -> Config:
    """Return the settings in ``file``, or in the default file, which may be missing.

    Raises
    ------
    ConfigError
        If the file cannot be read, or says something that means nothing.
    """
    if file is None:
        file = default_config_file()
        if not file.exists():
            return Config()
    reader = _Reader(file)
    return reader.config(reader.text())


def config_of(text: str, file: Path) -> Config:
    """Return the settings in a text that is, or is to be, in ``file``; raises `ConfigError`."""
    return _Reader(file).config(text)


class _Reader:
    """Turns one file into a `Config`, and each mistake in it into one sentence."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def config(self, text: str) -> Config:
        top = self._toml(text)
        allowed = Config.__struct_fields__
        safety = SafetyTables(self._error)
        for key in top:
            if key not in allowed:
                raise self._error(f"[{key}] is unknown; allowed are {', '.join(allowed)}")
        return Config(
            brokers={
                name: self._table(options, f"brokers.{name}")
                for name, options in self._table(top.get("brokers", {}), "brokers").items()
            },
            accounts={
                name: self._struct(sizing, f"accounts.{name}", AccountSizing)
                for name, sizing in self._table(top.get("accounts", {}), "accounts").items()
            },
            risk=safety.risk(top.get("risk", {})),
            arming=safety.arming(top.get("arming", {})),
            cancel_on_disconnect=safety.disconnect(top.get("cancel_on_disconnect", {})),
            keys=self._keymap(self._table(top.get("keys", {}), "keys")),
            chart=self._struct(top.get("chart", {}), "chart", ChartConfig),
            notify=self._struct(top.get("notify", {}), "notify", NotifyConfig),
            lines=self._struct(top.get("lines", {}), "lines", LineChoices),
            indicators={
                name: self._function(value, f"indicators.{name}")
                for name, value in self._table(top.get("indicators", {}), "indicators").items()
            },
            orders=self._struct(top.get("orders", {}), "orders", OrderChoices),
        )

    def text(self) -> str:
        try:
            return self._file.read_text(encoding="utf-8")
        except OSError as error:
            raise self._error(f"cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise self._error(f"is not UTF-8 text: byte {error.start} is wrong") from error

    def _toml(self, text: str) -> dict[str, Any]:
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise self._error(f"is not TOML: {error}") from error

    def _table(self, value: object, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._error(f"{path} is {value!r}, and must be a table: write [{path}]")
        return value

    def _keymap(self, table: dict[str, Any]) -> Keymap:
        try:
            return parse_keymap(table)
        except BadKeymap as error:
            raise self._error(f"[keys]: {error}") from error

    def _function(self, value: object, path: str) -> FunctionConfig:
        table = {"function": value} if isinstance(value, str) else value
        return self._struct(table, path, FunctionConfig)

    def _struct(self, value: object, path: str, kind: type[_StructT]) -> _StructT:
        table = self._table(value, path)
        try:
            return msgspec.convert(table, kind)
        except msgspec.ValidationError as error:
            raise self._error(explain(str(error), table, path, kind)) from error

    def _error(self, text: str) -> ConfigError:
        return ConfigError(f"config file {self._file}: {text}")


class Paths(msgspec.Struct, frozen=True):
    """Where the program keeps what must survive it."""

    state_dir: Path

    @property
    def journal(self) -> Path:
        """The file of the EMS's journal."""
        return self.state_dir / "journal.sqlite"

    @property
    def log(self) -> Path:
        """The log file."""
        return self.state_dir / "ordermode.log"

    @property
    def layout(self) -> Path:
        """The file of the layout that the program was left with."""
        return self.state_dir / "layout.json"

    @property
    def replay_layout(self) -> Path:
        """The same for recordings: one for all, because it is the user who arranges."""
        return self.state_dir / "replay-layout.json"

    @property
    def named_layouts(self) -> Path:
        """The folder of the layouts that the user has named."""
        return self.state_dir / "layouts"

    def backend_dir(self, name: str) -> Path:
        """Return the folder of one backend; it exists and nobody else can read it."""
        return _private_folder(self.state_dir / "brokers" / name)


def open_paths(state_dir: Path | None = None, environ: Mapping[str, str] = os.environ) -> Paths:
    """Return the paths under a state folder that exists and can be written to.

    The folder is ``state_dir``, else the one that `STATE_DIR_VARIABLE` names, else the
    user's own of this platform. If it is made here, nobody else can read it.

    Raises
    ------
    ConfigError
        If there can be no such folder.
    """
    return Paths(_private_folder(state_folder(state_dir, environ)))


def state_folder(state_dir: Path | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the state folder that `open_paths` would make; nothing is made."""
    named = environ.get(STATE_DIR_VARIABLE)
    folder = state_dir or (Path(named) if named else Path(platformdirs.user_state_dir(_APP)))
    return folder.expanduser().absolute()


def _private_folder(folder: Path) -> Path:
    try:
        for missing in (*reversed(folder.parents), folder):  # mkdir's mode is not for parents
            if not missing.is_dir():
                missing.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"state folder {folder} cannot be made: {error.strerror}; "
            f"name another one with --state-dir or {STATE_DIR_VARIABLE}"
        ) from error
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise ConfigError(
            f"state folder {folder} cannot be written to; "
            f"name another one with --state-dir or {STATE_DIR_VARIABLE}"
        )
    return folder
