"""Recognises an execution that was told before, whoever told it: the stream, or REST.

Both name an execution by an id, ``exec_id`` and the key of ``QueryTrades``, which are the same as
far as anybody has seen; no document promises it. Both also number the trades of a pair, with
``trade_id``. So an execution is known by either, and where one of the two says no number, by its
order, size, price and moment. One that was told before keeps the id that it was told with first:
nothing counts twice.

Sources: [exec] https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/executions,
[trades] https://docs.kraken.com/api/docs/rest-api/get-trade-history
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from ems.messages import BrokerdFill

Source: TypeAlias = Literal["stream", "rest"]

_REMEMBERED: Final = 20_000
"""So many executions are remembered."""
_SAME_MOMENT_NS: Final = 1_000_000


class Told(msgspec.Struct, frozen=True):
    """An execution as somebody tells it."""

    fill: BrokerdFill
    trade_id: int | None = None


class _Known(msgspec.Struct):
    exec_id: str
    """The id that it was told with first."""
    fill: BrokerdFill
    trade_id: int | None
    told_by: set[Source]


class Executions:
    """Every execution of late, under one id each."""

    def __init__(self) -> None:
        self._by_id: OrderedDict[str, _Known] = OrderedDict()
        self._by_order: dict[str, list[_Known]] = {}
        self._ids_agree = False

    def fill_of(self, told: Told, source: Source) -> tuple[BrokerdFill, bool]:
        """Return the execution under its one id, and whether this source had not told of it.

        What the other one has told may have gone no further: an answer can be overtaken, or a part
        of it fail. The EMS counts each id once.
        """
        known = self._by_id.get(told.fill.exec_id) or self._by_number(told)
        if known is None and not self._ids_agree:
            known = self._alike(told, source)
        if known is None:
            self._remember(told, source)
            return told.fill, True
        same_id, is_news = known.exec_id == told.fill.exec_id, source not in known.told_by
        self._ids_agree = self._ids_agree or (same_id and is_news)
        known.told_by.add(source)
        self._by_id.setdefault(told.fill.exec_id, known)
        return (told.fill if same_id else replace(told.fill, exec_id=known.exec_id)), is_news

    def fills_of(self, told: Iterable[Told], source: Source) -> list[BrokerdFill]:
        """Return executions that are told together, each under its one id.

        Those whose id or number is known go first: they may be what another one looks like.
        """
        rest, fills = [], []
        for one in told:
            if one.fill.exec_id in self._by_id or self._by_number(one) is not None:
                fills.append(self.fill_of(one, source)[0])
            else:
                rest.append(one)
        return fills + [self.fill_of(one, source)[0] for one in rest]

    # ---- inside

    def _by_number(self, told: Told) -> _Known | None:
        """Find it by the number of the trade, which is one of its pair."""
        if told.trade_id is None:
            return None
        of_order = self._by_order.get(str(told.fill.reqid), ())
        return next((one for one in of_order if one.trade_id == told.trade_id), None)

    def _alike(self, told: Told, source: Source) -> _Known | None:
        """Find one that only the other source has told, and that is the same in all it says."""
        fill = told.fill
        for one in self._by_order.get(str(fill.reqid), ()):
            numbered = one.trade_id is not None and told.trade_id is not None
            if numbered or source in one.told_by:
                continue
            away_ns = abs(one.fill.broker_time_ns - fill.broker_time_ns)
            alike = (one.fill.size, one.fill.price) == (fill.size, fill.price)
            if alike and away_ns <= _SAME_MOMENT_NS:
                return one
        return None

    def _remember(self, told: Told, source: Source) -> None:
        fill = told.fill
        known = _Known(fill.exec_id, fill, told.trade_id, {source})
        self._by_id[fill.exec_id] = known
        self._by_order.setdefault(str(fill.reqid), []).append(known)
        while len(self._by_id) > _REMEMBERED:
            _, oldest = self._by_id.popitem(last=False)
            of_order = self._by_order.get(str(oldest.fill.reqid), [])
            if oldest in of_order:
                of_order.remove(oldest)
            if not of_order:
                self._by_order.pop(str(oldest.fill.reqid), None)
