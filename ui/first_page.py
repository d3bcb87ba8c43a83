"""Which market is shown first: the one that was asked for, the one of the layout, the usual one."""

from collections.abc import Mapping
from typing import NamedTuple

from ems.errors import EmsError
from ems.ports import Backend
from ui.layout import Layout
from ui.layout_file import LayoutNotKept
from ui.market_page import MarketPage
from ui.page_maker import PageMaker
from ui.session import Session, layout_files


def kept_layout(session: Session) -> tuple[Layout, list[str]]:
    """Return the layout that the program was left with, and what is wrong with its file."""
    try:
        return layout_files(session).read(), []
    except LayoutNotKept as error:
        return Layout(), [str(error)]


class First(NamedTuple):
    """What is shown first."""

    page: MarketPage
    troubles: list[str]
    place: int
    """Among the charts of the layout; one more than the last if it is none of them."""
    in_vain: int | None = None
    """Which chart of the layout should have been first, and cannot be opened."""


async def first_page(
    session: Session, layout: Layout, maker: PageMaker, backends: Mapping[str, Backend]
) -> First:
    """Return the page that the user asked for, or that the layout has in front, or the usual."""
    charts = layout.charts
    troubles: list[str] = []
    in_vain = None
    if session.keeps_markets and session.fqsn is None and charts:
        place = min(layout.current, len(charts) - 1)
        kept = charts[place].market
        try:
            if kept is not None:
                page, unknown = await maker.made(kept, charts[place], session.period)
                return First(page, unknown, place)
        except EmsError as error:
            troubles.append(f"The market of the layout, {kept}, cannot be opened: {error}")
            in_vain = place
    fqsn = session.fqsn or session.usual_fqsn or await _first_market(backends)
    page, unknown = await maker.made(fqsn, layout.chart_of(fqsn), session.period)
    return First(page, [*troubles, *unknown], place_of(layout, fqsn), in_vain)


def place_of(layout: Layout, fqsn: str) -> int:
    """Return which chart of a layout is of a market; one more than the last if none is."""
    places = [place for place, chart in enumerate(layout.charts) if chart.market == fqsn]
    return places[0] if places else len(layout.charts)


async def _first_market(backends: Mapping[str, Backend]) -> str:
    feed = backends["replay"].feed
    assert feed is not None
    return (await feed.search(""))[0].fqsn
