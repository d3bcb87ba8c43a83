"""IB's message codes, and what each does to the order or the connection that it is about.

IB sends refusals, warnings and news about the connection through one callback, ``error``, with a
code. A code that is not here is logged with all that is known, and changes nothing.

Sources: IB's list of message codes [1]_; what was seen in traffic is named in the row.

References
----------
.. [1] https://interactivebrokers.github.io/tws-api/message_codes.html
"""

from enum import Enum, auto
from typing import Final, NamedTuple


class Effect(Enum):
    """What a code does."""

    REFUSES = auto()  # the last request: a new order is over; after a modify the order lives on
    REFUSES_CHANGE = auto()  # only ever a modify; the order is as it was
    REFUSES_CANCEL = auto()  # the order may be over already: IB is asked
    ENDS = auto()  # the order is cancelled
    WARNS = auto()  # the order is as it was
    LINK_LOST = auto()  # between TWS and IB; what lives is unknown until asked
    LINK_BACK = auto()  # with all subscriptions
    LINK_BACK_NO_DATA = auto()  # market data has to be asked for again
    FARM = auto()  # news of a data farm; after 2110 the sign that IB is there again
    NO_CONNECTION = auto()  # this program and TWS do not come together
    NO_DATA = auto()  # of a market data request


class Code(NamedTuple):
    """One code."""

    effect: Effect
    source: str
    advice: str = ""
    """What the user can do, added to IB's own words."""


_E = Effect

CODES: Final[dict[int, Code]] = {
    # ---- refuse a new order or a modify
    103: Code(_E.REFUSES, "[1] duplicate order id", "Send it again; it gets a new number."),
    106: Code(_E.REFUSES, "[1] can't transmit order id"),
    107: Code(_E.REFUSES, "[1] cannot transmit incomplete order"),
    109: Code(_E.REFUSES, "[1] price out of the range of the percentage setting"),
    110: Code(_E.REFUSES, "[1] price does not conform to the minimum price variation"),
    111: Code(_E.REFUSES, "[1] time in force and order type are incompatible"),
    133: Code(_E.REFUSES, "[1] submit new order failed"),
    140: Code(_E.REFUSES, "[1] size must be an integer"),
    141: Code(_E.REFUSES, "[1] price must be a double"),
    200: Code(_E.REFUSES, "[1] no or an ambiguous definition of the contract"),
    201: Code(_E.REFUSES, "[1] rejected; after a modify the order lives: ib_insync/issues/502"),
    203: Code(_E.REFUSES, "[1] the security is not available or allowed for this account"),
    321: Code(
        _E.REFUSES,
        "[1] validation failed; also of a read-only API",
        "If it says read-only: switch Read-Only API off in TWS, under API, Settings.",
    ),
    329: Code(_E.REFUSES_CHANGE, "[1] cannot change to the new order type"),
    355: Code(_E.REFUSES, "[1] size does not conform to the market rule"),
    382: Code(_E.REFUSES, "[1] price violates the number of ticks in the order presets of TWS"),
    383: Code(_E.REFUSES, "[1] size violates the limit in the order presets of TWS"),
    387: Code(_E.REFUSES, "[1] order type not supported for this exchange"),
    388: Code(_E.REFUSES, "[1] size is smaller than the minimum"),
    434: Code(_E.REFUSES, "[1] the order size cannot be zero"),
    435: Code(_E.REFUSES, "[1] an account must be specified"),
    436: Code(_E.REFUSES, "[1] an allocation must be specified"),
    10243: Code(_E.REFUSES, "[1] fractional size cannot be placed through the API"),
    10224: Code(_E.REFUSES, "ib_async/issues/75: a group has orders of one account only"),
    10324: Code(_E.REFUSES, "[1] invalid parameters for an OCA group on this exchange"),
    10325: Code(_E.REFUSES, "[1] OCA group is not supported"),
    10289: Code(_E.REFUSES, "[1] cash quantity must be set for this order"),
    # ---- refuse a modify only
    104: Code(_E.REFUSES_CHANGE, "[1] can't modify a filled order"),
    105: Code(_E.REFUSES_CHANGE, "[1] does not match the original order"),
    134: Code(_E.REFUSES_CHANGE, "[1] modify order failed"),
    10326: Code(_E.REFUSES_CHANGE, "nautilus_trader/issues/2978: OCA group revision not allowed"),
    10327: Code(_E.REFUSES_CHANGE, "[1] OCA group type revision is not allowed"),
    # ---- refuse a cancel
    135: Code(_E.REFUSES_CANCEL, "[1] can't find order with that id"),
    136: Code(_E.REFUSES_CANCEL, "[1] this order cannot be cancelled"),
    161: Code(_E.REFUSES_CANCEL, "[1] not in a cancellable state; ib_insync/issues/502"),
    10147: Code(_E.REFUSES_CANCEL, "[1] order id to cancel not found; ib_insync/issues/690"),
    10148: Code(_E.REFUSES_CANCEL, "[1] cannot be cancelled, with its state"),
    # ---- end
    202: Code(_E.ENDS, "[1] order cancelled, with the reason"),
    # ---- warn
    165: Code(_E.WARNS, "[1] news of a historical data server"),
    399: Code(_E.WARNS, "[1] order message: will not be placed at the exchange until..."),
    404: Code(_E.WARNS, "[1] held while shares to borrow are looked for"),
    492: Code(_E.WARNS, "taken for a warning by ib_async/wrapper.py"),
    2109: Code(_E.WARNS, "[1] outside regular hours is ignored for this order"),
    2137: Code(_E.WARNS, "[1] the closing order is larger than the position"),
    10349: Code(_E.WARNS, "ib_async/issues/191: time in force taken from a preset of TWS"),
    # ---- between TWS and IB
    1100: Code(_E.LINK_LOST, "[1] connectivity between IB and TWS has been lost"),
    2110: Code(_E.LINK_LOST, "[1] connectivity between TWS and server is broken"),
    1101: Code(_E.LINK_BACK_NO_DATA, "[1] restored, data lost"),
    1102: Code(_E.LINK_BACK, "[1] restored, data maintained"),
    # ---- data farms
    2103: Code(_E.WARNS, "[1] a market data farm is disconnected"),
    2104: Code(_E.FARM, "[1] market data farm connection is OK"),
    2105: Code(_E.WARNS, "[1] a historical data farm is disconnected"),
    2106: Code(_E.FARM, "[1] historical data farm is connected"),
    2107: Code(_E.WARNS, "[1] historical data farm is inactive, available on demand"),
    2108: Code(_E.WARNS, "[1] market data farm is inactive, available on demand"),
    2119: Code(_E.WARNS, "[1] market data farm is connecting"),
    2157: Code(_E.WARNS, "[1] sec-def data farm is disconnected"),
    2158: Code(_E.FARM, "[1] sec-def data farm connection is OK"),
    # ---- between here and TWS
    326: Code(
        _E.NO_CONNECTION,
        "[1] client id in use",
        "Another program is connected with it, or an old connection is not closed yet. "
        "Choose another client_id in the config if this lasts.",
    ),
    501: Code(_E.NO_CONNECTION, "[1] already connected"),
    502: Code(_E.NO_CONNECTION, "[1] couldn't connect to TWS"),
    503: Code(_E.NO_CONNECTION, "[1] TWS is out of date", "Update TWS or IB Gateway."),
    504: Code(_E.NO_CONNECTION, "[1] not connected"),
    507: Code(_E.NO_CONNECTION, "[1] bad message length: the socket was closed"),
    1300: Code(_E.NO_CONNECTION, "[1] the port of TWS was changed"),
    # ---- market data
    101: Code(_E.NO_DATA, "[1] max number of tickers has been reached"),
    354: Code(
        _E.NO_DATA,
        "[1] not subscribed to requested market data",
        'Subscribe to it at IB, or set market_data_type = "delayed" in the config.',
    ),
    10089: Code(
        _E.NO_DATA,
        "[1] needs an additional subscription for the API",
        'Set market_data_type = "delayed" in the config to see delayed prices.',
    ),
    10090: Code(_E.WARNS, "[1] part of requested market data is not subscribed"),
    10167: Code(_E.WARNS, "[1] not subscribed; delayed market data is displayed"),
    10168: Code(
        _E.NO_DATA,
        "[1] not subscribed, and delayed market data is not enabled",
        'Set market_data_type = "delayed" in the config to see delayed prices.',
    ),
    10197: Code(
        _E.NO_DATA,
        "[1] no market data during competing live session",
        "The same login takes its data elsewhere, in TWS or on the phone.",
    ),
}


_WARNINGS: Final = range(2100, 2200)
"""IB's range for them; new ones turn up in it."""


def is_warning(code: int) -> bool:
    """Tell whether a code leaves what it is about as it was."""
    known = CODES.get(code)
    if known is not None:
        return known.effect in (Effect.WARNS, Effect.FARM)
    return code in _WARNINGS


def text_of(code: int, text: str) -> str:
    """Return IB's own words with its code, and what the user can do, if that is known."""
    known = CODES.get(code)
    advice = f" {known.advice}" if known is not None and known.advice else ""
    return f"{text.strip()} (IB {code}).{advice}" if text.strip() else f"IB {code}.{advice}"
