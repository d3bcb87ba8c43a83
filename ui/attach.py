"""The one public call: order mode on any pyqtgraph plot."""

import asyncio
from collections.abc import Callable, Collection
from typing import Final, Protocol, TypeAlias, runtime_checkable

import pyqtgraph as pg

from ems.client import EmsClient
from ems.errors import EmsError
from ems.market import Market
from ems.messages import Notice
from order_mode.keymap import Keymap
from order_mode.order_mode import OrderMode
from order_mode.order_terms import DEFAULT_TERMS, OrderTerms
from order_mode.sizing import Sizing
from ui.fill_arrows import seconds_of
from ui.line_choices import LineChoices
from ui.order_mode_input import OrderModeInput
from ui.plot_port import ChartHost, PlotPort

_MakeMode: TypeAlias = Callable[[Market], OrderMode]


@runtime_checkable
class ConnectsClients(Protocol):
    """An EMS that hands out clients, as `ems.embedded.Ems` does."""

    def connect(self, symbols: Collection[str] | None = None) -> EmsClient:
        """Return a new client that hears of these markets."""


class Attachment:
    """Order mode on one plot, from `attach_order_mode` until `detach`.

    Attributes
    ----------
    ready : asyncio.Future of OrderMode
        Done once the market is known and gestures count; holds the error if it never was.
    port : PlotPort
        What is drawn on the plot.
    """

    def __init__(
        self,
        client: EmsClient,
        port: PlotPort,
        *,
        own_client: bool,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.ready: asyncio.Future[OrderMode] = loop.create_future()
        self._client = client
        self._own_client = own_client
        self.port = port
        self._loop = loop
        self._input: OrderModeInput | None = None
        self._task: asyncio.Task[None] | None = None

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
        if self._own_client:
            self._client.close()
        if self.port.gone:
            return
        if self._input is not None:
            self._input.remove()
        self.port.remove()

    # ---- its task

    def start(self, plot_item: pg.PlotItem, fqsn: str, make_mode: _MakeMode) -> None:
        """Begin; `attach_order_mode` calls it."""
        _attached.add(self)
        self.port.keys.destroyed.connect(self.detach)  # the view was closed
        self._task = self._loop.create_task(self._run(plot_item, fqsn, make_mode))
        self._task.add_done_callback(self._on_done)

    async def _run(self, plot_item: pg.PlotItem, fqsn: str, make_mode: _MakeMode) -> None:
        market = await self._client.market(fqsn)
        mode = make_mode(market)
        await mode.load_fills()
        self._input = OrderModeInput(mode, plot_item, self.port)
        self.ready.set_result(mode)
        async for msg in self._client:
            if not (isinstance(msg, Notice) and self.port.host_follows_ems):
                mode.on_msg(msg)
        mode.lose("the EMS has ended the connection; start the program again")

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
    ems: EmsClient | ConnectsClients,
    fqsn: str,
    *,
    account: str = "paper",
    keymap: Keymap | None = None,
    sizing: Sizing | None = None,
    terms: OrderTerms = DEFAULT_TERMS,
    x_of_time: Callable[[int], float] | None = None,
    host: ChartHost | None = None,
    lines: LineChoices | None = None,
) -> Attachment:
    """Make a plot one that you trade on.

    Call it on the GUI's thread with the asyncio loop running (qasync). The plot's y axis is the
    price; its x axis is only used for the fills.

    Parameters
    ----------
    plot_item : pg.PlotItem
        In a view already.
    ems
        A client of an EMS, which nobody else reads; or an EMS to connect to.
    fqsn
        The market of the plot, as ``aapl.demo.replay``.
    account
        New orders are for this one.
    keymap, sizing
        None = the defaults.
    terms
        What new orders are besides price and size: type, time in force...
    x_of_time
        x of a time in UTC nanoseconds; None = seconds since the epoch, as ``DateAxisItem``.
    host
        What the program around the plot offers; None = notices are shown on the plot. One with
        a client of its own sets ``follows_ems = True`` and is not told the EMS's notices again.

    lines
        How the lines look and what drags them; None = the defaults.

    Returns
    -------
    Attachment
        Its ``ready`` is a future of the `OrderMode`; `Attachment.detach` takes it off again.

    Raises
    ------
    ValueError
        If the plot is in no view.
    RuntimeError
        If no asyncio loop is running.
    """
    loop = asyncio.get_running_loop()
    view = plot_item.getViewWidget()
    if view is None:
        raise ValueError("the plot is in no view yet: add it to one, then attach_order_mode")
    own_client = isinstance(ems, ConnectsClients)
    client = ems.connect([fqsn]) if isinstance(ems, ConnectsClients) else ems
    chosen = lines or LineChoices()
    port = PlotPort(plot_item, view, x_of_time or seconds_of, host, chosen)
    attachment = Attachment(client, port, own_client=own_client, loop=loop)

    def make_mode(market: Market) -> OrderMode:
        return OrderMode(
            client,
            market,
            account,
            port,
            sizing,
            keymap,
            terms=terms,
            label_fields=chosen.labels,
        )

    attachment.start(plot_item, fqsn, make_mode)
    return attachment
