"""The one public call: order mode on any pyqtgraph plot."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import pyqtgraph as pg

from ems.client import ComesBack, EmsClient
from ems.errors import EmsError
from ems.market import Market
from ems.messages import Notice
from order_mode.bracket import DEFAULT_PRESETS, Preset
from order_mode.keymap import Keymap
from order_mode.order_mode import OrderMode
from order_mode.order_terms import DEFAULT_TERMS, OrderTerms
from order_mode.sizing import Sizing
from ui.ems_source import AnyEms, EmsSource
from ui.fill_arrows import seconds_of
from ui.hosted_loop import loop_of_qt
from ui.latest_prices import LatestPrices
from ui.line_choices import LineChoices
from ui.order_mode_input import OrderModeInput
from ui.plot_port import ChartHost, PlotPort
from ui.plot_watch import PlotWatch
from ui.turns import Turns

_MakeMode: TypeAlias = Callable[[EmsClient, Market], OrderMode]


class Attachment:
    """Order mode on one plot, from `attach_order_mode` until `detach`.

    Attributes
    ----------
    ready : asyncio.Future of OrderMode
        Done once the market is known and gestures count; holds the error if it never was.
    port : PlotPort
        What is drawn on the plot.
    source : EmsSource
        Where its client, and the prices of its market, come from.
    """

    def __init__(
        self,
        source: EmsSource,
        port: PlotPort,
        *,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.ready: asyncio.Future[OrderMode] = loop.create_future()
        self.source = source
        self.port = port
        self.detach_listeners: list[Callable[[], None]] = []
        """Each is called once it is taken off the plot."""
        self._loop = loop
        self._input: OrderModeInput | None = None
        self._task: asyncio.Task[None] | None = None
        self._prices: LatestPrices | None = None
        self._watch: PlotWatch | None = None
        self._unsubscribe: Callable[[], None] = lambda: None

    @property
    def order_mode(self) -> OrderMode | None:
        """The controller; None until `ready`."""
        known = self.ready.done() and not self.ready.cancelled() and not self.ready.exception()
        return self.ready.result() if known else None

    @property
    def detached(self) -> bool:
        """True once nothing of it is on the plot any more."""
        return self not in _attached

    def refresh_times(self) -> None:
        """Place the fills anew: ``x_of_time`` answers differently now."""
        self.port.arrows.refresh()

    def detach(self) -> None:
        """Take order mode off the plot without a trace; orders live on. Twice is once."""
        if self.detached:
            return
        _attached.discard(self)
        if self._task is not None:
            self._task.cancel()
        self.ready.cancel()
        self.source.close()
        self._unsubscribe()
        self._take_off()
        for listener in tuple(self.detach_listeners):
            listener()

    def _take_off(self) -> None:
        if self.port.gone:
            return
        if self._prices is not None:
            self._prices.remove()
        self._log_switch.toggled.disconnect(self._on_logarithmic)
        self.port.keys.destroyed.disconnect(self.detach)
        if self._watch is not None:
            self._watch.remove()
        if self._input is not None:
            self._input.remove()
        self.port.remove()

    # ---- its task

    def start(self, plot_item: pg.PlotItem, fqsn: str, make_mode: _MakeMode) -> None:
        """Begin; `attach_order_mode` calls it."""
        _attached.add(self)
        self.port.keys.destroyed.connect(self.detach)  # the view was closed
        self._watch = PlotWatch(plot_item.vb, self.detach)
        self._log_switch = plot_item.ctrl.logYCheck
        self._log_switch.toggled.connect(self._on_logarithmic)
        self._task = self._loop.create_task(self._run(plot_item, fqsn, make_mode))
        self._task.add_done_callback(self._on_done)

    async def _run(self, plot_item: pg.PlotItem, fqsn: str, make_mode: _MakeMode) -> None:
        client = await self.source.client()
        market = await client.market(fqsn)
        mode = make_mode(client, market)
        await mode.load_fills()
        self._input = OrderModeInput(mode, plot_item, self.port)
        self._follow_prices(mode)
        if not self.ready.done():  # who waited for it was cancelled
            self.ready.set_result(mode)
        turns = Turns()
        while True:
            async for msg in client:
                await turns.rest()
                if not (isinstance(msg, Notice) and self.port.host_follows_ems):
                    mode.on_msg(msg)
            if not (isinstance(client, ComesBack) and client.come_back(tuple(mode.dialogs))):
                break
            await mode.load_fills()
        mode.lose("the EMS has ended the connection; start the program again")

    def _follow_prices(self, mode: OrderMode) -> None:
        """Tell order mode the quote and the last price, unless the host does."""
        if self.port.has_host:
            return
        prices = self._prices = LatestPrices(
            mode.market, self.port.keys, mode.set_quote, mode.set_last
        )
        prices.start()
        self._unsubscribe = self.source.show_ticks(mode.market.fqsn, prices.on_ticks)

    def _on_done(self, task: asyncio.Task[None]) -> None:
        """Look at how the task ended: nothing of ours dies in silence."""
        error = None if task.cancelled() else task.exception()
        if error is None or self.detached:
            return
        if not isinstance(error, EmsError):
            self._loop.call_exception_handler(
                {"message": "order mode crashed", "exception": error, "task": task}
            )
        self._tell_user(error)
        if not self.ready.done():
            self.ready.set_exception(error)
            self.ready.exception()  # it has been told: a program need not wait for `ready`

    def _on_logarithmic(self, logarithmic: bool) -> None:
        """Go by the plot's new scale; what was in the hand is let go of first."""
        if self._input is not None:
            self._input.let_go()
        self.port.set_log_scale(logarithmic)

    def _tell_user(self, error: BaseException) -> None:
        if self.port.gone:
            return
        words = str(error) if isinstance(error, EmsError) else f"it crashed: {error!r}"
        mode = self.order_mode
        if mode is not None:
            mode.lose(f"order mode has stopped, {words}")
        self.port.notify(f"Order mode has stopped: {words}", "error")


_attached: Final[set[Attachment]] = set()
"""Keeps each attachment, and so its task, alive until it is detached."""


def attach_order_mode(
    plot_item: pg.PlotItem,
    ems: AnyEms,
    fqsn: str,
    *,
    account: str = "paper",
    keymap: Keymap | None = None,
    sizing: Sizing | None = None,
    terms: OrderTerms = DEFAULT_TERMS,
    presets: Sequence[Preset] = DEFAULT_PRESETS,
    x_of_time: Callable[[int], float] | None = None,
    host: ChartHost | None = None,
    lines: LineChoices | None = None,
    right_click_menu: bool = True,
) -> Attachment:
    """Make a plot one that you trade on.

    Call it on the GUI's thread. It uses the asyncio loop that runs on Qt's (qasync), and where
    there is none it makes one. The plot's y axis is the price, or its logarithm after
    ``plot_item.setLogMode(y=True)``; the x axis is only used for the fills.

    Parameters
    ----------
    plot_item : pg.PlotItem
        In a view already.
    ems
        A client of an EMS, which nobody else reads; an EMS to connect to; or what
        ``ordermode.connect()`` returns, which is opened now and closed with the program.
    fqsn
        The market of the plot, as ``aapl.demo.replay``.
    account
        New orders are for this one.
    keymap, sizing
        None = the defaults.
    terms
        What new orders are besides price and size: type, time in force...
    presets
        The brackets that there are to choose from.
    x_of_time
        x of a time in UTC nanoseconds; None = seconds since the epoch, as ``DateAxisItem``.
    host
        What the program around the plot offers; None = notices are shown on the plot. One with
        a client of its own sets ``follows_ems = True`` and is not told the EMS's notices again.

    lines
        How the lines look and what drags them; None = the defaults.
    right_click_menu
        A right click opens the menu of the price or line, with the plot's own menu in it. False =
        the right button is the plot's; the menu has its key, and the + at the axis.

    Returns
    -------
    Attachment
        Its ``ready`` is a future of the `OrderMode`; `Attachment.detach` takes it off again.

    Raises
    ------
    ValueError
        If the plot is in no view.
    """
    loop = loop_of_qt()
    view = plot_item.getViewWidget()
    if view is None:
        raise ValueError("the plot is in no view yet: add it to one, then attach_order_mode")
    chosen = lines or LineChoices()
    port = PlotPort(plot_item, view, x_of_time or seconds_of, host, chosen)
    port.takes_right_clicks = right_click_menu
    attachment = Attachment(EmsSource(ems, fqsn, loop), port, loop=loop)

    def make_mode(client: EmsClient, market: Market) -> OrderMode:
        return OrderMode(
            client,
            market,
            account,
            port,
            sizing,
            keymap,
            terms=terms,
            presets=presets,
            label_fields=chosen.labels,
        )

    attachment.start(plot_item, fqsn, make_mode)
    return attachment
