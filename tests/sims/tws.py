"""A TWS on loopback that speaks the real socket protocol to the real `ib_async` client.

It works orders as TWS does, unless a test says otherwise: `silent_orders` keeps every answer to
orders back, `answers` names the questions that it answers, and the methods say single things.
"""

import asyncio
import struct
from collections.abc import Callable, Iterable

from tests.sims import tws_layout as layout
from tests.sims.tws_layout import SimContract, SimOrder

ACCOUNT = "DU123456"
QQQ = SimContract()
TIME = "20261120 12:28:30 US/Eastern"
ALL_ANSWERS = frozenset({"open", "executions", "completed", "positions", "time", "details"})
DONE = ("Cancelled", "Filled")

Fields = list[str]


class Session:
    """One connected client."""

    def __init__(self, tws: "Tws", writer: asyncio.StreamWriter) -> None:
        self.tws = tws
        self.client_id = -1
        self.writer = writer

    def send(self, fields: Iterable[object]) -> None:
        body = "".join(f"{field}\0" for field in fields).encode()
        if not self.writer.is_closing():
            self.writer.write(struct.pack(">I", len(body)) + body)

    def cut(self) -> None:
        self.writer.transport.abort()


class Tws:
    """The simulator. Everything is a plain attribute, to be read and changed by tests."""

    def __init__(self) -> None:
        self.accounts = [ACCOUNT]
        self.contracts = [QQQ]
        self.next_order_id = 1
        self.next_perm_id = 900_001
        self.orders: list[SimOrder] = []
        self.executions: list[tuple[SimOrder, str, str, str, str]] = []
        self.commissions: dict[str, str] = {}
        self.positions: list[tuple[SimContract, str, str, str]] = []
        self.market_rules: dict[int, list[tuple[str, str]]] = {26: [("0", "0.01")]}
        self.bars: dict[str, list[tuple[str, float, float, float, float, float]]] = {}
        self.received: list[Fields] = []
        self.sessions: list[Session] = []
        self.answers = set(ALL_ANSWERS)
        self.greets = True
        self.silent_orders = False
        self.warns_of_history = False
        self.pacing_violations = 0
        """So many of the next requests for history come too fast."""
        self.holds_history = False
        self.held: list[Callable[[], None]] = []
        """What was held back; to be called when it is to go out."""
        self.taken_client_ids: set[int] = set()
        self.on_order: Callable[[SimOrder, bool], None] | None = None
        """Called with an order that came in, and whether it is new, in place of working it."""
        self.on_cancel: Callable[[SimOrder], None] | None = None
        self.port = 0
        self._server: asyncio.Server | None = None

    # ---- life

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    @property
    def running(self) -> bool:
        return self._server is not None

    async def stop(self) -> None:
        """Close the port and cut every connection, as at the end of the day."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut()
        await asyncio.sleep(0)

    def cut(self) -> None:
        for session in tuple(self.sessions):
            session.cut()

    # ---- what came

    def of_kind(self, kind: int) -> list[Fields]:
        """Return every message of a kind that came, oldest first."""
        return [fields for fields in self.received if fields[0] == str(kind)]

    @property
    def placed(self) -> list[Fields]:
        return self.of_kind(3)

    @property
    def cancels(self) -> list[Fields]:
        return self.of_kind(4)

    def order(self, ref: str) -> SimOrder:
        """Return the order with this ``orderRef``."""
        [order] = [order for order in self.orders if order.ref == ref]
        return order

    # ---- what it says

    def say(self, fields: Iterable[object], client_id: int | None = None) -> None:
        message = list(fields)
        for session in self.sessions:
            if client_id in (None, session.client_id):
                session.send(message)

    def tell(self, order: SimOrder, status: str | None = None, why_held: str = "") -> None:
        """Give an order a state and tell its client: the order, then its status."""
        if status is not None:
            order.status, order.why_held = status, why_held
        self.say(order.open_order(), order.client_id)
        self.say(order.order_status(), order.client_id)

    def tell_status(self, order: SimOrder, status: str, why_held: str = "") -> None:
        order.status, order.why_held = status, why_held
        self.say(order.order_status(), order.client_id)

    def error(self, req_id: object, code: int, text: str) -> None:
        self.say([4, 2, req_id, code, text, ""])

    def works(self, order: SimOrder) -> None:
        """Take an order: held by IB for a moment, then working."""
        self.tell(order, "PreSubmitted")
        self.tell(order, "Submitted")

    def execute(
        self, order: SimOrder, size: str, price: str, exec_id: str, *, when: str = TIME
    ) -> None:
        """Send the details of an execution, to its client alone."""
        self.executions.append((order, exec_id, size, price, when))
        order.filled += float(size)
        self.say(
            layout.execution(-1, order, exec_id, size, price, when, order.filled), order.client_id
        )

    def commission(self, exec_id: str, amount: str, currency: str = "USD") -> None:
        self.commissions[exec_id] = amount
        self.say([59, 1, exec_id, amount, currency, layout.UNSET, layout.UNSET, ""])

    def fill(self, order: SimOrder, size: str, price: str, exec_id: str) -> None:
        """Fill an order, in the usual sequence."""
        self.execute(order, size, price, exec_id)
        self.tell(order, "Filled" if order.remaining <= 0 else "Submitted")
        self.commission(exec_id, "1.0")
        self.follow(order, float(size))

    def follow(self, order: SimOrder, filled: float = 0.0) -> None:
        """Do to the OCA group of an order what its fill, or its end, asks for.

        See `brokers.ib.oca` for what is known of it, and from where.
        """
        for other in self._in_group(order):
            if order.status in DONE or order.oca_type == "1":
                self._end(other)
            else:
                other.size = f"{float(other.size) - filled:g}"
                self.tell(other)

    def _in_group(self, order: SimOrder) -> list[SimOrder]:
        return [
            other
            for other in self.orders
            if order.oca and other.oca == order.oca
            if other is not order and other.status not in (*DONE, "")
        ]

    def _end(self, order: SimOrder) -> None:
        """End an order as after a cancel, whoever asked for it."""
        self.tell_status(order, "Cancelled")
        text = [4, 2, order.order_id, 202, "Order Canceled - reason:", ""]
        self.say(text, order.client_id)

    def refuse(self, order: SimOrder, code: int, text: str, status: str = "Inactive") -> None:
        """Refuse an order: the code first, then its state."""
        self.error(order.order_id, code, text)
        self.tell_status(order, status)

    def put(self, **fields: object) -> SimOrder:
        """Let an order live here that this program did not place now."""
        given: dict[str, object] = {
            "contract": QQQ, "account": ACCOUNT, "action": "BUY", "size": "10", "price": "100.0",
            "order_id": 0, "client_id": 0, "status": "Submitted", "perm_id": self._perm_id(),
            **fields,
        }  # fmt: skip
        order = SimOrder(**given)  # type: ignore[arg-type]
        self.orders.append(order)
        return order

    def price(self, req_id: object, kind: int, price: float, size: float = 100) -> None:
        self.say([1, 6, req_id, kind, price, size, 0])

    def trade(self, req_id: object, price: float, size: float, time_ms: int) -> None:
        self.say([46, 6, req_id, 48, f"{price};{size};{time_ms};1000;{price};true"])

    def data_request(self) -> str:
        """Return the id of the last request for market data."""
        return self.of_kind(1)[-1][2]

    # ---- the socket

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(self, writer)
        self.sessions.append(session)
        try:
            assert await reader.readexactly(4) == b"API\0"
            await self._read(reader)
            if not self.greets:
                await reader.read()
                return
            session.send([layout.SERVER_VERSION, "20261122 08:00:00 UTC"])
            while True:
                fields = (await self._read(reader)).split("\0")[:-1]
                self.received.append(fields)
                self._answer(session, fields)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client left, or was cut
        finally:
            self.sessions.remove(session)
            writer.transport.abort()  # nobody is there for what it still has to send

    async def _read(self, reader: asyncio.StreamReader) -> str:
        [length] = struct.unpack(">I", await reader.readexactly(4))
        return (await reader.readexactly(length)).decode()

    def _answer(self, session: Session, fields: Fields) -> None:
        handler = _HANDLERS.get(int(fields[0]))
        if handler is not None:
            handler(self, session, fields)

    def _perm_id(self) -> int:
        self.next_perm_id += 1
        return self.next_perm_id - 1

    # ---- requests

    def _start_api(self, session: Session, fields: Fields) -> None:
        session.client_id = int(fields[2])
        if session.client_id in self.taken_client_ids:
            text = "Unable to connect as the client id is already in use."
            session.send([4, 2, -1, 326, text, ""])
            session.writer.close()
            return
        session.send([15, 1, ",".join(self.accounts)])
        session.send([9, 1, self.next_order_id])
        session.send([4, 2, -1, 2104, "Market data farm connection is OK:usfarm", ""])

    def _place(self, session: Session, fields: Fields) -> None:
        order_id, con_id = int(fields[1]), int(fields[2])
        order = next(
            (o for o in self.orders if (o.client_id, o.order_id) == (session.client_id, order_id)),
            None,
        )
        is_new = order is None
        if order is None:
            contract = next(c for c in self.contracts if c.con_id == con_id)
            order = self.put(
                contract=contract, account=fields[23], order_id=order_id, status="",
                client_id=session.client_id,
            )  # fmt: skip
            self.next_order_id = max(self.next_order_id, order_id + 1)
        if order.status in DONE:
            session.send([4, 2, order_id, 104, "Cannot modify a filled order.", ""])
            return
        if order.oca and not is_new:  # seen in live traffic: refused, and cancelled
            session.send([4, 2, order_id, 10326, "OCA group revision is not allowed", ""])
            self._end(order)
            self.follow(order)
            return
        before = (order.action, order.size, order.price, order.aux)
        order.action, order.size, order.kind, order.price = fields[16:20]
        order.tif, order.ref, order.outside_rth = fields[21], fields[26], fields[33]
        order.aux, order.good_till = fields[20], fields[38]
        order.trail_stop, order.trail_percent = fields[69], fields[70]
        order.oca, order.oca_type = fields[22], fields[47]
        order.limit_offset = fields[93]
        order.wire = fields
        alike = [o for o in self.orders if order.oca and o.oca == order.oca and o is not order]
        if alike and not self._in_group(order):
            reason = "Order rejected - reason:OCA group is already filled or cancelled."
            self.refuse(order, 201, reason)
            return
        if self.on_order is not None:
            self.on_order(order, is_new)
            if order.status == "as it was":
                order.action, order.size, order.price, order.aux = before
                order.status = "Submitted"
        elif not self.silent_orders:
            self.works(order)

    def _cancel(self, session: Session, fields: Fields) -> None:
        order_id = int(fields[2])
        order = next(
            (o for o in self.orders if (o.client_id, o.order_id) == (session.client_id, order_id)),
            None,
        )
        if order is None:
            session.send([4, 2, order_id, 10147, f"OrderId {order_id} that needs to be cancelled is not found.", ""])  # fmt: skip # noqa: E501
        elif self.on_cancel is not None:
            self.on_cancel(order)
        elif order.status in DONE:
            text = f"OrderId {order_id} that needs to be cancelled can not be cancelled, state: {order.status}."  # noqa: E501
            session.send([4, 2, order_id, 10148, text, ""])
        elif not self.silent_orders:
            self._end(order)
            self.follow(order)

    def _open_orders(self, session: Session, orders: list[SimOrder]) -> None:
        if "open" not in self.answers:
            return
        for order in orders:
            if order.status not in ("Cancelled", "Filled", "ApiCancelled", ""):
                session.send(order.open_order())
                session.send(order.order_status())
        session.send([53, 1])

    def _own_orders(self, session: Session, fields: Fields) -> None:
        if session.client_id == 0:
            for number, order in enumerate(o for o in self.orders if o.order_id == 0):
                order.order_id = -2 - number
        self._open_orders(session, [o for o in self.orders if o.client_id == session.client_id])

    def _all_orders(self, session: Session, fields: Fields) -> None:
        self._open_orders(session, self.orders)

    def _executions(self, session: Session, fields: Fields) -> None:
        if "executions" not in self.answers:
            return
        for order, exec_id, size, price, when in self.executions:
            session.send(
                layout.execution(fields[2], order, exec_id, size, price, when, order.filled)
            )
        session.send([55, 1, fields[2]])
        for exec_id, amount in self.commissions.items():
            session.send([59, 1, exec_id, amount, "USD", layout.UNSET, layout.UNSET, ""])

    def _completed(self, session: Session, fields: Fields) -> None:
        if "completed" not in self.answers:
            return
        for order in self.orders:
            if order.status in DONE:
                session.send(order.completed())
        session.send([102])

    def _positions(self, session: Session, fields: Fields) -> None:
        if "positions" not in self.answers:
            return
        for contract, account, size, cost in self.positions:
            session.send(layout.position(contract, account, size, cost))
        session.send([62, 1])

    def _details(self, session: Session, fields: Fields) -> None:
        if "details" not in self.answers:
            return
        req_id, con_id, symbol, kind, expiry = fields[2], *fields[3:7]
        found = [
            contract
            for contract in self.contracts
            if str(contract.con_id) == con_id
            or (con_id == "0" and (contract.symbol, contract.sec_type) == (symbol, kind)
                and contract.expiry.startswith(expiry))
        ]  # fmt: skip
        if not found:
            text = "No security definition has been found for the request"
            session.send([4, 2, req_id, 200, text, ""])
            return
        for contract in found:
            session.send(contract.details(req_id))
        session.send([52, 1, req_id])

    def _history(self, session: Session, fields: Fields) -> None:
        req_id, end, size = fields[1], fields[15], fields[16]
        if self.holds_history:
            self.held.append(lambda: self._history(session, fields))
            return
        if self.warns_of_history:
            session.send([4, 2, req_id, 2176, "Warning: fractional share sizes are rounded.", ""])
        if self.pacing_violations:
            self.pacing_violations -= 1
            text = "Historical Market Data Service error message:Historical data request pacing violation"  # noqa: E501
            session.send([4, 2, req_id, 162, text, ""])
            return
        page = self.bars.get(end)
        if page is None:
            text = "Historical Market Data Service error message:HMDS query returned no data"
            session.send([4, 2, req_id, 162, text, ""])
            return
        assert size
        bars = [field for bar in page for field in (*bar, "0", "1")]
        session.send([17, req_id, "", "", len(page), *bars])

    def _market_rule(self, session: Session, fields: Fields) -> None:
        levels = self.market_rules[int(fields[1])]
        session.send(
            [93, fields[1], len(levels), *(number for level in levels for number in level)]
        )

    def _samples(self, session: Session, fields: Fields) -> None:
        hits = [c for c in self.contracts if fields[2].lower() in f"{c.symbol} {c.name}".lower()]
        rows = [
            field
            for c in hits
            for field in (c.con_id, c.symbol, c.sec_type, c.primary, c.currency, 0, c.name, "")
        ]
        session.send([79, fields[1], len(hits), *rows])

    def _time(self, session: Session, fields: Fields) -> None:
        if "time" in self.answers:
            session.send([49, 1, 1_795_000_000])

    def _ids(self, session: Session, fields: Fields) -> None:
        session.send([9, 1, self.next_order_id])


_HANDLERS: dict[int, Callable[[Tws, Session, Fields], None]] = {
    3: Tws._place,
    4: Tws._cancel,
    5: Tws._own_orders,
    7: Tws._executions,
    8: Tws._ids,
    9: Tws._details,
    16: Tws._all_orders,
    20: Tws._history,
    49: Tws._time,
    61: Tws._positions,
    71: Tws._start_api,
    81: Tws._samples,
    91: Tws._market_rule,
    99: Tws._completed,
}
