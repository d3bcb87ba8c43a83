"""The day's profit of an account, and the lock that shuts when too much of it is lost."""

from decimal import Decimal

from ems.messages import ZERO
from ems.positions import PositionBook, PositionRecord
from ems.price_ages import PriceAges


class DailyLoss:
    """Counts what was lost today, UTC, by the market's clock.

    It is what was realised today, less today's fees, and the unrealised profit of what is open:
    longs at the bid, shorts at the ask, from the average entry price, also if that is of an
    earlier day. A position whose market has no price here counts with what it realised.

    Once shut, the lock stays shut for the day, also if the price comes back; a start in between
    computes it anew, and so does a larger limit.
    """

    def __init__(self, positions: PositionBook, prices: PriceAges) -> None:
        self._positions = positions
        self._prices = prices
        self._shut: dict[tuple[str, str | None], tuple[int, Decimal]] = {}  # day and limit

    def shut(self, account: str, symbol: str, scope: str | None, limit: Decimal) -> Decimal | None:
        """Return what is lost if the lock is shut, else None.

        Parameters
        ----------
        account, symbol
            Of the request.
        scope
            The market that is counted; None = all of the account, their currencies added up as
            if they were one.
        """
        today, lost = self._prices.day(symbol), self._lost(account, scope)
        if lost >= limit:
            self._shut[account, scope] = today, limit
        day, shut_at = self._shut.get((account, scope), (None, limit))
        return lost if day == today and limit <= shut_at else None

    def is_open(self, account: str, scope: str | None, limit: Decimal) -> bool:
        """Tell for sure that no lock is shut; False = ask `shut`."""
        return not self._shut and self._lost(account, scope) < limit

    def _lost(self, account: str, scope: str | None) -> Decimal:
        lost = ZERO
        for record in self._positions.of_account(account, scope):
            if record.size or record.day_points or record.day_fees:
                lost -= self._profit(record)
        return lost

    def _profit(self, record: PositionRecord) -> Decimal:
        realised = record.realised_on(self._prices.day(record.symbol))
        if not record.size:
            return realised
        price = self._prices.last(record.symbol)
        if price is None:
            return realised
        return realised + record.unrealised(price.bid if record.size > 0 else price.ask)
