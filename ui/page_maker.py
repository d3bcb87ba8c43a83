"""Makes the page of a market, as the session and the layout want it."""

from collections.abc import Sequence

from ems.embedded import Ems
from order_mode.sizing import DEFAULT_SIZING, Sizing
from ui.chart.function_formula import FunctionFormula
from ui.config import Config
from ui.layout import ChartLayout
from ui.market_page import MarketPage


class PageMaker:
    """Knows what all pages have in common.

    Parameters
    ----------
    ems : Ems
        That they trade through.
    config : Config
        Sizing, keys, looks of lines, terms of orders.
    account : str
        That they trade for at first.
    functions : sequence of FunctionFormula
        The user's own indicators.
    """

    def __init__(
        self, ems: Ems, config: Config, account: str, functions: Sequence[FunctionFormula]
    ) -> None:
        self._ems = ems
        self._config = config
        self._account = account
        self._functions = functions

    async def made(
        self, fqsn: str, chart: ChartLayout, period_ns: int | None = None
    ) -> tuple[MarketPage, list[str]]:
        """Return the page of a market, not loaded yet, and a sentence for what it cannot be like.

        Parameters
        ----------
        chart : ChartLayout
            How it is arranged; its market does not count.
        period_ns : int, optional
            Length of a bar that the user asked for, nanoseconds; the feed may refuse it.

        Raises
        ------
        EmsError
            If there is no such market.
        """
        hub, config = self._ems.hub, self._config
        market = await hub.market(fqsn)
        shortest_ns = hub.feed(market.fqsn).period_ns(market.fqsn)
        page = MarketPage(
            self._ems,
            market,
            period_ns or self._period_ns(chart, shortest_ns),
            self._account,
            self._sizing,
            config.keys,
            config.lines,
            functions=self._functions,
            orders=config.orders,
        )
        return page, page.take_look(chart)

    def _period_ns(self, chart: ChartLayout, shortest_ns: int) -> int:
        """Return the period of the layout, else of the config, or the shortest one that fits."""
        if chart.period_ns is not None and chart.period_ns % shortest_ns == 0:
            return chart.period_ns
        return -(-self._config.chart.period_ns // shortest_ns) * shortest_ns

    def _sizing(self, account: str) -> Sizing:
        settings = self._config.accounts.get(account)
        return settings.sizing if settings is not None else DEFAULT_SIZING
