"""The public trades of a pair, as Kraken tells them: a thousand to an answer."""

from typing import Final

import numpy as np
import numpy.typing as npt

from brokers.kraken import rest_wire
from brokers.kraken.errors import KrakenUnreachable
from brokers.kraken.pairs import Pair
from brokers.kraken.rest import Rest
from ems.ticks import BAR_DTYPE, Bars

TRADES_A_CALL: Final = 1_000
_SECOND_NS: Final = 1_000_000_000

PricesAndSizes = npt.NDArray[np.float64]
"""A row a trade: price and size."""


def read_trades(answer: rest_wire.Trades) -> tuple[npt.NDArray[np.int64], PricesAndSizes]:
    """Return the times of the trades in an answer to ``Trades``, UTC ns, and the trades.

    Raises
    ------
    KrakenUnreachable
        If it cannot be read.
    """
    rows = rest_wire.rows_of(answer)
    try:
        times = [int(row.time * _SECOND_NS) for row in rows]
        trades = [(float(row.price), float(row.size)) for row in rows]
        figures = np.array(trades, np.float64).reshape(-1, 2)
        moments = np.array(times, np.int64)
    except (ValueError, ArithmeticError) as error:
        raise KrakenUnreachable(f"Kraken's trades cannot be read: {error}") from error
    if not np.isfinite(figures).all():
        raise KrakenUnreachable("Kraken's trades cannot be read: a price or size is no number")
    return moments, figures


async def last_trades(rest: Rest, pair: Pair, count: int) -> Bars:
    """Return up to ``count`` of the last trades, a thousand at most, each a bar of one price.

    Source: https://docs.kraken.com/api/docs/rest-api/get-recent-trades

    Raises
    ------
    KrakenError
        If Kraken cannot be asked.
    """
    params = {"pair": pair.altname, "count": str(min(count, TRADES_A_CALL))}
    times, trades = read_trades(await rest.public("Trades", rest_wire.Trades, params))
    order = np.argsort(times, kind="stable")
    bars = np.empty(len(times), BAR_DTYPE)
    bars["time"], bars["volume"] = times[order], trades[order, 1]
    for name in ("open", "high", "low", "close"):
        bars[name] = trades[order, 0]
    return bars[-count:]
