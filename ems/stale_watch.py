"""Says so when the prices that held orders wait for stop coming, and when they come again."""

from collections.abc import Callable, Collection
from typing import Final, Literal

from ems.dialog_index import DialogIndex
from ems.market_hub import MarketHub
from ems.messages import ClientMsg, Notice
from ems.price_ages import PriceAges
from ems.risk_limits import RiskLimits
from ems.transitions import S

_EVERY_NS: Final = 1_000_000_000


class StaleWatch:
    """Looks at every market once a second.

    Parameters
    ----------
    limits
        Their `Limits.quote_age_s` says what is old; where it is off, nothing is.
    accounts
        Every account that there is.
    prices, hub, index
        How old the quotes are, which markets there are, and the orders that wait for them.
    clock
        Now, UTC ns.
    tell
        Tells every client.
    """

    def __init__(
        self,
        limits: RiskLimits,
        accounts: Collection[str],
        prices: PriceAges,
        hub: MarketHub,
        index: DialogIndex,
        clock: Callable[[], int],
        tell: Callable[[ClientMsg], None],
    ) -> None:
        self._limits = limits
        self._accounts = tuple(accounts)
        self._prices = prices
        self._hub = hub
        self._index = index
        self._clock = clock
        self._tell = tell
        self._old: dict[str, set[str]] = {}  # accounts by market, as was told
        self._looked_ns = 0

    def look(self) -> None:
        """Tell what is old now and was not, or is fresh again."""
        now = self._clock()
        if 0 <= now - self._looked_ns < _EVERY_NS:
            return
        self._looked_ns = now
        for fqsn in self._hub.markets:
            old = self._old_for(fqsn)
            told = self._old.get(fqsn, set())
            if fresh := told - old:
                self._say("info", f"The quotes of {fqsn} are fresh again ({', '.join(fresh)}).")
            self._old[fqsn] = told & old | self._warned(fqsn, old - told)

    def _old_for(self, fqsn: str) -> set[str]:
        """Return the accounts for which the quote of the market is too old."""
        quote = self._prices.quote(fqsn)
        if quote is None:
            return set()
        old = set()
        for account in self._accounts:
            oldest_s = self._limits.of_market(account, fqsn).quote_age_s
            if oldest_s is not None and quote.age_s > oldest_s:
                old.add(account)
        return old

    def _warned(self, fqsn: str, accounts: set[str]) -> set[str]:
        """Warn for the accounts that have orders waiting here; return them."""
        if not accounts:
            return set()
        waiting = [
            dialog.order.account
            for dialog in self._index.active()
            if dialog.state is S.HELD
            and dialog.order.action != "alert"
            and dialog.order.symbol == fqsn
            and dialog.order.account in accounts
        ]
        if waiting:
            crossed = ": what comes is crossed" if self._hub.crossed(fqsn) else ""
            orders = (
                "1 dark order waits" if len(waiting) == 1 else f"{len(waiting)} dark orders wait"
            )
            text = f"The quotes of {fqsn} have stopped coming{crossed}, and {orders} for its price."
            self._say("warning", f"{text} A limit order goes out only once there is a fresh one.")
        return set(waiting)

    def _say(self, level: Literal["info", "warning"], text: str) -> None:
        self._tell(Notice(time_ns=self._clock(), level=level, text=text))
