"""Makes the page of a market, as the session and the layout want it."""

from collections.abc import Sequence

from ems.embedded import Ems
from order_mode.sizing import DEFAULT_SIZING, Sizing
from ui.bar_loader import BarLoader
from ui.chart.function_formula import FunctionFormula
from ui.chart.period import Period, parse_period, period_of_ns
from ui.chart_layout import kept_period
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
        self, fqsn: str, chart: ChartLayout, period: str | None = None
    ) -> tuple[MarketPage, list[str]]:
        """Return the page of a market, not loaded yet, and a sentence for what it cannot be like.

        Parameters
        ----------
        chart : ChartLayout
            How it is arranged; its market does not count.
        period : str, optional
            Length of a bar that the user asked for, as ``5m``; the feed may refuse it.

        Raises
        ------
        EmsError
            If there is no such market.
        """
        hub, config = self._ems.hub, self._config
        market = await hub.market(fqsn)
        loader = BarLoader(hub.feed(market.fqsn), market)
        page = MarketPage(
            self._ems,
            market,
            self._period(chart, loader) if period is None else parse_period(period),
            self._account,
            self._sizing,
            config.keys,
            config.lines,
            functions=self._functions,
            orders=config.orders,
        )
        page.chart.set_timezone(config.chart.timezone)
        return page, page.take_look(chart)

    def _period(self, chart: ChartLayout, loader: BarLoader) -> Period:
        """Return the period of the layout, else of the config, or the shortest one that fits."""
        usual = parse_period(self._config.chart.period)
        for period in (kept_period(chart), usual):
            if period is not None and loader.can(period):
                return period
        shortest_ns = loader.finest_ns
        return period_of_ns(-(-usual.usual_ns // shortest_ns) * shortest_ns)

    def _sizing(self, account: str) -> Sizing:
        settings = self._config.accounts.get(account)
        return settings.sizing if settings is not None else DEFAULT_SIZING
