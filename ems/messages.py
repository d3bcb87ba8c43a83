"""The messages between clients, the EMS and the brokers: one tagged union, one codec.

The field ``name`` tags each message, so one decoder yields typed structs. Times are integer
nanoseconds UTC. Prices and sizes are ``Decimal``; ``size`` is a positive quantity and the side is
in ``action``; position sizes are signed. All structs are frozen: a message is a fact.
"""

from decimal import Decimal
from typing import Final, Literal, TypeAlias

import msgspec

from ems.errors import BadMessage

Action: TypeAlias = Literal["buy", "sell", "alert"]
Side: TypeAlias = Literal["buy", "sell"]
ExecMode: TypeAlias = Literal["live", "dark"]
Request: TypeAlias = Literal["new", "modify", "cancel"]
ReqId: TypeAlias = int | str
ArmMode: TypeAlias = Literal["confirm", "armed", "one click"]
"""What an order of a live account takes: to be armed and a yes to each, to be armed, or nothing."""
OrderType: TypeAlias = Literal[
    "limit",
    "market",
    "stop",
    "stop_limit",
    "trailing_stop",
    "limit_if_touched",
    "trailing_stop_limit",
    "market_if_touched",
]
"""`ems.type_families` says what they have in common."""
TimeInForce: TypeAlias = Literal["gtc", "day", "ioc", "gtd"]
Role: TypeAlias = Literal["stop", "target", "peer", "flatten", "after"]
TieKind: TypeAlias = Literal["reduces", "cancels"]
"""What a fill of a part of one order does to the others of its group at the venue."""
Resp: TypeAlias = Literal[
    "pending", "open", "dark_open", "triggered", "closed", "fill", "canceled", "error"
]
DONE_RESPS: Final[frozenset[str]] = frozenset({"closed", "canceled", "error"})
"""The status keys that end any dialog; ``triggered`` ends only that of an alert."""

ZERO: Final = Decimal(0)


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="name", omit_defaults=True):
    """What every message has in common: the tag field ``name``."""


# ---- parts of an order


class Trail(msgspec.Struct, frozen=True):
    """How far a trailing stop stays behind the best price since it began to work."""

    amount: Decimal
    """Above zero: money of price, or percent of the best price."""
    unit: Literal["price", "percent"] = "price"


class Link(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The place of an order in a group.

    A bracket is an entry and its exits: the exits name the ``oid`` of the entry as ``group``, the
    entry names nothing. Exits of a position, and the peers of an OCO group, share a new uuid4.

    A modify can give an order that stands alone a place as ``peer`` (the others are modified
    alike), take a peer out of its group, and give an exit of an entry another ``share``: the EMS
    does that, its venue has no part in it. A modify without a link leaves its place as it is.
    """

    group: str
    """Empty, in a modify of a peer: it leaves its group."""
    role: Role
    """``stop`` and ``target`` are exits: what one fills, the others need not close any more.
    ``peer``: the first fill of one cancels the others. ``flatten`` waits until every other order of
    its account and market is gone, then closes what is really there. ``after`` waits until the
    ``flatten`` of its group is done."""
    share: Decimal = Decimal(1)
    """An exit's part of the entry's filled size, above 0 up to 1."""
    instead: str = ""
    """The ``oid`` of the order of the group in whose place the EMS has put it: one that the venue
    ended together with another that was cancelled."""


class Tie(msgspec.Struct, frozen=True):
    """A group of orders that lives at the venue, and works there with the program closed.

    One that is filled completely, or cancelled, ends the others. A fill of a part makes the others
    smaller by as much (``reduces``), or ends them (``cancels``).
    """

    group: str
    """Its name at the venue, never used for another one."""
    kind: TieKind = "reduces"


class Question(msgspec.Struct, frozen=True):
    """What the owner of a request has to say yes to before it is taken."""

    kind: str
    """What is asked about, a word for programs: ``confirm``, or the name of a soft limit."""
    text: str
    """The question, with its numbers."""


# ---- client -> EMS


class Order(Message, frozen=True, kw_only=True, tag="order"):
    """An order or alert as its owner wants it; sent again with a known ``oid`` it modifies.

    A dark order is held here until its price is touched. Then a dark limit order goes out as a
    limit order at that price; a dark stop, trailing stop or market-if-touched as a market order; a
    dark stop-limit, trailing stop-limit or limit-if-touched as a limit order at ``limit_price``. An
    alert is held here, never goes out, and its ``size`` is zero.
    """

    oid: str
    """uuid4 in its canonical 36 characters: the id of the whole dialog."""
    action: Action
    exec_mode: ExecMode
    symbol: str
    """The fqsn of the market."""
    account: str
    """``<broker>`` or ``<broker>.<name>``: ``paper``, ``ib.main``."""
    price: Decimal
    """Where its line is: the limit of a limit order, the trigger of a stop or of what waits for a
    touch, where a trailing stop stands, the price that the user saw for a market order."""
    size: Decimal
    brokers: tuple[str, ...] = ()
    """The backends that may execute it; empty = the one that the account names."""
    type: OrderType = "limit"
    limit_price: Decimal | None = None
    """The limit of a stop-limit, trailing stop-limit or limit-if-touched order; None for every
    other type. That of a trailing stop-limit follows as far behind its trigger as it was put."""
    trail: Trail | None = None
    """Of a trailing stop or trailing stop-limit; None for every other type."""
    tif: TimeInForce = "gtc"
    """Time in force; ``gtd`` ends at ``expires_ns``."""
    post_only: bool = False
    """Refused or cancelled by the venue rather than filled at once."""
    reduce_only: bool = False
    """Closes what is there and opens nothing."""
    link: Link | None = None
    """Its place in a group; None = it stands alone, or is the entry that exits name."""
    note: str = ""
    """The user's own words, for an alert."""
    consent: tuple[str, ...] = ()
    """The kinds of the questions (`Status.asks`) that its owner has said yes to, for this request
    alone: the EMS keeps none of it."""
    repeats: bool = False
    """An alert that its owner arms anew, under another ``oid``, each time that it rang."""
    expires_ns: int | None = None
    """When the owner of an alert takes it back, or a ``gtd`` order ends, UTC; None = never."""


class OrderGroup(Message, frozen=True, kw_only=True, tag="order_group"):
    """Several new orders that are taken or refused together, never in part."""

    orders: tuple[Order, ...]
    """An entry before the exits that name it."""


class Cancel(Message, frozen=True, kw_only=True, tag="cancel"):
    """Ask for the end of an order, dark order or alert."""

    oid: str
    symbol: str
    account: str | None = None


# ---- EMS -> broker


class BrokerdOrder(Message, frozen=True, kw_only=True, tag="brokerd_order"):
    """An order for the venue: new without ``reqid``, else the modify of that order."""

    oid: str
    account: str
    symbol: str
    action: Side
    price: Decimal
    size: Decimal
    """The whole size, what is filled already included."""
    time_ns: int
    reqid: ReqId | None = None
    type: OrderType = "limit"
    limit_price: Decimal | None = None
    trail: Trail | None = None
    tif: TimeInForce = "gtc"
    expires_ns: int | None = None
    post_only: bool = False
    reduce_only: bool = False
    tie: Tie | None = None
    """The group at the venue that it is in; only asked for where `Abilities.ties` has its kind."""


class BrokerdCancel(Message, frozen=True, kw_only=True, tag="brokerd_cancel"):
    """Cancel the order that the venue knows as ``reqid``."""

    oid: str
    reqid: ReqId
    account: str
    time_ns: int


class BrokerdQuery(Message, frozen=True, kw_only=True, tag="brokerd_query"):
    """Ask what became of an order whose outcome is unknown; answered by `BrokerdReport`.

    ``time_ns`` differs from query to query; the report says it again as ``asked_ns``.
    """

    oid: str
    account: str
    symbol: str
    time_ns: int
    reqid: ReqId | None = None
    """None if the venue's id was never learnt: look it up by our ``oid``."""


# ---- broker -> EMS


class BrokerdOrderAck(Message, frozen=True, kw_only=True, tag="brokerd_order_ack"):
    """The venue took the order: maps our ``oid`` to its ``reqid``."""

    oid: str
    reqid: ReqId
    account: str
    time_ns: int


class BrokerdStatus(Message, frozen=True, kw_only=True, tag="brokerd_status"):
    """The state of an order at the venue, and the order as the venue has it now."""

    reqid: ReqId
    account: str
    status: str
    """``pending``, ``open``, ``closed``, ``canceled``; any text, as a backend may be newer."""
    time_ns: int
    price: Decimal | None = None
    size: Decimal | None = None
    """Price and whole size at the venue: what confirms a modify. None = not said."""
    filled: Decimal | None = None
    cancel_called: bool = False
    """The venue is busy cancelling."""
    reason: str = ""
    limit_price: Decimal | None = None
    """Of an order at the venue that has a trigger and a limit; None = not said."""
    trail: Trail | None = None
    """Of a trailing stop at the venue; None = not said. What confirms another one."""
    triggered: bool = False
    """A stop at the venue whose price was touched: it works as a limit or market order now."""
    seq: int | None = None
    """Rises with each status of an order at this venue; a lower one is old news. None = unsaid."""


class BrokerdFill(Message, frozen=True, kw_only=True, tag="brokerd_fill"):
    """One execution."""

    reqid: ReqId
    account: str
    symbol: str
    exec_id: str
    """The venue's id of the execution, unique within (broker, account)."""
    action: Side
    size: Decimal
    price: Decimal
    broker_time_ns: int
    """When it happened, by the venue's clock (the replay's, on recorded data)."""
    time_ns: int
    """When we heard of it, by our clock."""
    fee: Decimal = ZERO
    fee_currency: str = ""
    oid: str | None = None
    """Our id of the order, where the venue says it: then it is as good as an ack. Else the EMS
    fills it in."""
    replaces: str = ""
    """The ``exec_id`` of the newest fill told before that this one puts right; its own where only
    the fee has become known. Empty = a fill of its own."""


class BrokerdError(Message, frozen=True, kw_only=True, tag="brokerd_error"):
    """A request was refused. ``reqid`` may be None: a refused new order may never get one."""

    account: str
    reason: str
    """In the venue's own words."""
    time_ns: int
    oid: str | None = None
    reqid: ReqId | None = None
    symbol: str | None = None
    request: Request | None = None
    """What was refused; None = the venue does not say."""
    offer: str = ""
    """What the venue would do if the same modify were asked for once more, as a question to its
    owner; empty = it would refuse that too."""


class BrokerdPosition(Message, frozen=True, kw_only=True, tag="brokerd_position"):
    """A position by the venue's own count, told before or after the fills that are in it."""

    account: str
    symbol: str
    size: Decimal
    time_ns: int
    """When we heard of it, by our clock: a fill within ten seconds of it may be in it already."""
    avg_price: Decimal | None = None


class BrokerdReport(Message, frozen=True, kw_only=True, tag="brokerd_report"):
    """The answer to `BrokerdQuery`: the order as the venue knows it, or that it does not."""

    oid: str
    account: str
    time_ns: int
    found: bool
    reqid: ReqId | None = None
    status: str = ""
    """As `BrokerdStatus.status`; empty if not found."""
    price: Decimal | None = None
    size: Decimal | None = None
    limit_price: Decimal | None = None
    trail: Trail | None = None
    triggered: bool = False
    fills: tuple[BrokerdFill, ...] = ()
    """Every execution of the order, those already reported included."""
    reason: str = ""
    asked_ns: int | None = None
    """`BrokerdQuery.time_ns` of the query that it answers, by which a late answer to an earlier
    one is told apart. None = the backend does not say."""


BrokerdMsg: TypeAlias = (
    BrokerdOrderAck | BrokerdStatus | BrokerdFill | BrokerdError | BrokerdPosition | BrokerdReport
)


# ---- EMS -> client


class Status(Message, frozen=True, kw_only=True, tag="status"):
    """All that a client needs to draw an order, with no other memory.

    Brokers send it too, for an order that lives at the venue and was not made by this EMS.
    """

    oid: str
    time_ns: int
    resp: Resp
    """``fill`` is an event, not a state: the dialog stays as it was, or ``closed`` follows."""
    reqid: ReqId | None = None
    req: Order | None = None
    """The order as it is: as confirmed, or as asked for while nothing is confirmed."""
    src: str | None = None
    """Who spoke: ``dark`` for the EMS itself, else the broker's name."""
    cancel_called: bool = False
    """A cancel is asked for, and the broker has not confirmed it."""
    brokerd_msg: BrokerdMsg | None = None
    filled: Decimal = ZERO
    remaining: Decimal = ZERO
    avg_price: Decimal | None = None
    """Average fill price; None before the first fill."""
    reason: str = ""
    """Why: of an error, of a refusal, of an end that nobody here asked for."""
    refused: Request | None = None
    """Which request was refused, with ``reason``; the order itself is as ``resp`` says."""
    asks: tuple[Question, ...] = ()
    """Not refused for good: the same request with these kinds in `Order.consent` is taken. Only
    who asked for it is told."""
    change: Order | None = None
    """The order as asked for by a modify that the venue has not confirmed."""
    outcome_unknown: bool = False
    """A request met silence or a broken connection; the venue is being asked."""
    stale: bool = False
    """The connection to the venue is lost: this is how it was."""
    origin: str = ""
    """Where an order that was not made here comes from, in words; empty = made here."""
    waits: bool = False
    """Held here until the entry of its group is filled, or the group lets it go: no trigger is
    armed yet."""
    first_price: Decimal | None = None
    """Of a stop-loss: where the first one of its group was placed, from which R is measured; None
    for every other order."""
    triggered: bool = False
    """Its stop price was touched: it works at the venue as a limit or market order now."""
    tie: Tie | None = None
    """The group at the venue that it is in: what the venue does there needs no program."""
    put_anew: bool = False
    """It is being cancelled only because its venue cannot change it where it is: another follows,
    as ``change`` says, with its ``oid`` as `Link.instead`."""


class Position(Message, frozen=True, kw_only=True, tag="position"):
    """The position of an account in a market, computed from the journal's fills."""

    account: str
    symbol: str
    size: Decimal
    """Signed: above zero long, below zero short."""
    time_ns: int
    avg_price: Decimal | None = None
    """Average entry price of what is open; None when flat."""
    realised: Decimal = ZERO
    """Profit of what was closed, before fees, in the currency of the market."""
    fees: Decimal = ZERO
    """In the currency of the market."""
    other_fees: tuple[tuple[str, Decimal], ...] = ()
    """Currencies, and the fees that were paid in each of them; they are in no other figure."""
    venue_size: Decimal | None = None
    """The venue's own figure; None if it has not said one."""


class Connection(Message, frozen=True, kw_only=True, tag="connection"):
    """The connection to a broker came up or went down."""

    broker: str
    up: bool
    time_ns: int
    reason: str = ""


class Notice(Message, frozen=True, kw_only=True, tag="notice"):
    """Something the user should know that belongs to no single order."""

    time_ns: int
    level: Literal["info", "warning", "error"]
    text: str
    src: str = "dark"


class KillState(Message, frozen=True, kw_only=True, tag="kill_state"):
    """The kill switch, whenever it changes; a client that connects hears of it if it is on."""

    on: bool
    time_ns: int
    """When it was put on; 0 if it is off."""
    by: str = ""
    """Who put it on: ``window``, ``terminal``."""
    done: bool = False
    """Every order is over, or it is in ``left``."""
    left: tuple[str, ...] = ()
    """What could not be cancelled, one sentence an order."""


class ArmState(Message, frozen=True, kw_only=True, tag="arm_state"):
    """A live account was armed or disarmed.

    A client that connects hears of each that has to be armed before it takes orders.
    """

    account: str
    armed: bool
    mode: ArmMode
    time_ns: int
    why: str = ""
    """Who armed it, or why it is armed no more."""


ClientMsg: TypeAlias = Status | Position | Connection | Notice | KillState | ArmState
BrokerRequest: TypeAlias = BrokerdOrder | BrokerdCancel | BrokerdQuery
BrokerEvent: TypeAlias = BrokerdMsg | Status | Connection | Notice
AnyMessage: TypeAlias = (
    Order
    | OrderGroup
    | Cancel
    | BrokerRequest
    | BrokerdMsg
    | Status
    | Position
    | Connection
    | Notice
    | KillState
    | ArmState
)

_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(AnyMessage)


def encode(msg: Message) -> bytes:
    """Return the message as JSON bytes."""
    return _encoder.encode(msg)


def decode(data: bytes) -> AnyMessage:
    """Return the typed message in these bytes.

    Raises
    ------
    BadMessage
        If the bytes are no JSON, or none of our messages; the text says where they go wrong.
    """
    try:
        message: AnyMessage = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise BadMessage(f"not a message of ours: {error}; it begins {data[:80]!r}") from error
    return message
