"""Kraken on loopback: REST with its signature and nonces, both WebSockets, and a test's script.

The real client code talks to it over real sockets; see `Script` for what can be made to go wrong.
"""

import asyncio
import base64
import copy
import hashlib
import hmac
import itertools
import time
import urllib.parse
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from brokers.kraken.timing import Timing
from tests.sims.kraken_book import Levels, SimBook
from tests.sims.kraken_engine import Engine, Report, stamp

KEY = "SIM/KEY+that+must+never+be+shown"
SECRET = base64.b64encode(b"a secret that must never be shown").decode()
TIMING = Timing(
    silence_s=5.0,
    sync_s=5.0,
    steady_s=30.0,
    first_pause_s=0.02,
    longest_pause_s=0.2,
    deadline_s=0.3,
    trades_pause_s=0.0,
    http_s=5.0,
    again_s=0.02,
)
LATE_S = 0.15
PAIRS: dict[str, Any] = {
    "XXBTZUSD": {
        "altname": "XBTUSD",
        "wsname": "XBT/USD",
        "base": "XXBT",
        "quote": "ZUSD",
        "pair_decimals": 1,
        "lot_decimals": 8,
        "tick_size": "0.1",
        "ordermin": "0.00005",
        "costmin": "0.5",
        "status": "online",
    },
    "XDGUSD": {
        "altname": "XDGUSD",
        "wsname": "XDG/USD",
        "base": "XXDG",
        "quote": "ZUSD",
        "pair_decimals": 7,
        "lot_decimals": 8,
        "tick_size": "0.0000001",
        "ordermin": "50",
        "costmin": "0.5",
        "status": "online",
    },
    "ETHUSD.d": {
        "altname": "ETHUSD.d",
        "wsname": "",
        "base": "XETH",
        "quote": "ZUSD",
        "pair_decimals": 2,
        "lot_decimals": 8,
    },
}
_encode = msgspec.json.Encoder(decimal_format="number").encode


@dataclass
class Script:
    """What goes wrong next. A test sets it; each entry of a list is used up once."""

    refuse: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """By method of the WebSocket: answer with this error, and do nothing."""
    rest_errors: dict[str, list[str | int]] = field(default_factory=lambda: defaultdict(list))
    """By name of the REST call: this error, or this HTTP status."""
    answer: str = "after"
    """Answers to requests come ``after`` the reports, ``before`` them, or ``never``."""
    cut: str = ""
    """The private connection breaks ``before`` the next request is carried out, or ``after``;
    ``late`` = it breaks, and the request is carried out `LATE_S` seconds later all the same."""
    deaf: bool = False
    """Half-open: requests are read and not carried out, nothing is sent, no heartbeat."""
    lose: int = 0
    """So many reports of executions are lost on the way."""
    lose_books: int = 0
    """So many changes of the order book are lost on the way."""
    delay_s: float = 0.0
    """Answers wait for so long."""
    hold: set[str] = field(default_factory=set)
    """What waits until `KrakenSim.let_go`: the ``answers`` to requests, the ``reports``; and the
    next ``token``, while later ones are given."""
    apart: bool = False
    """The snapshot of the executions comes in two messages: executions, then orders."""
    down: bool = False
    """Connections are refused."""


@dataclass
class _Line:
    """One connection of a WebSocket."""

    request: web.Request
    queue: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


class KrakenSim:
    """The server. Make it with `open_sim`."""

    def __init__(self) -> None:
        self.script = Script()
        self.engine = Engine(self._tell)
        self.balances: dict[str, Decimal] = {"BTC": Decimal("0.5"), "USD": Decimal(10_000)}
        self.requests: list[tuple[str, Report]] = []
        """Requests of the private WebSocket, in order, without the subscriptions."""
        self.frames: list[str] = []
        self.switch_s = 0
        """What the dead man's switch was set to last; 0 = it is off."""
        """The same as they stood on the wire."""
        self.rest_calls: list[tuple[str, dict[str, str]]] = []
        self.tokens = 0
        self.logins = 0
        """Connections of the private WebSocket, all in all."""
        self.system = "online"
        self.trail_start = "49500.0"
        """Where a trailing stop stands first."""
        self.trail_again: str | None = None
        """Where it stands once it trails by another distance; None = where it was."""
        self.bars: list[list[Any]] = []
        self.book = SimBook()
        self.pairs = copy.deepcopy(PAIRS)
        self.old_trades: list[tuple[str, str, float]] = []
        """Price, size and time of trades that REST tells, oldest first."""
        self.trades_a_call = 1000
        self.max_rate = 60
        self.heartbeat_s = 0.2
        self.port = 0
        self._valid_tokens: set[str] = set()
        self._last_nonce = 0
        self._private: dict[web.WebSocketResponse, dict[str, int]] = {}
        self._public: dict[web.WebSocketResponse, set[tuple[str, str]]] = {}
        self._trade_ids = itertools.count(1)
        self._trades: list[Report] = []
        self._lines: dict[web.WebSocketResponse, _Line] = {}
        self._held: list[tuple[str, web.WebSocketResponse, Report]] = []
        self.token_held: asyncio.Event | None = None
        """There while a token waits to be let go."""

    # ---- for tests

    def options(self, folder: Path | None = None) -> dict[str, Any]:
        """Options of the backend: this server, and its key if there is a folder for the file."""
        base = f"127.0.0.1:{self.port}"
        options = {
            "rest_url": f"http://{base}",
            "ws_public_url": f"ws://{base}/public",
            "ws_private_url": f"ws://{base}/private",
        }
        if folder is not None:
            file = folder / "kraken.key"
            file.write_text(f"{KEY}\n{SECRET}\n")
            file.chmod(0o600)
            options["key_file"] = str(file)
        return options

    def named(self, method: str) -> list[Report]:
        """The parameters of each such request."""
        return [params for name, params in self.requests if name == method]

    def fire_switch(self) -> None:
        """Let the time of the dead man's switch pass with no word of the client."""
        if self.switch_s:
            for order in self.engine.live:
                self.engine.cancel(order, "Dead man's switch")

    def quote(self, bid: str, ask: str, symbol: str = "BTC/USD") -> None:
        row = {"symbol": symbol, "bid": Decimal(bid), "bid_qty": 1, "ask": Decimal(ask)}
        self._publish("ticker", symbol, [{**row, "ask_qty": 2, "last": Decimal(bid)}])

    def show_book(self, bids: Levels, asks: Levels) -> None:
        """Begin a book: prices and sizes; who subscribed gets it as a snapshot."""
        self.book.bids, self.book.asks = {}, {}
        self.book.change(bids, asks)
        message = self.book.message("snapshot", self.book.bids, self.book.asks)
        self._publish_message("book", "BTC/USD", message)

    def change_book(self, bids: Levels | None = None, asks: Levels | None = None) -> None:
        """Change levels; a size of zero takes one away."""
        self.book.change(bids or {}, asks or {})
        message = self.book.message("update", bids or {}, asks or {})
        if self.script.lose_books:
            self.script.lose_books -= 1
        else:
            self._publish_message("book", "BTC/USD", message)

    def trade(self, price: str, size: str = "0.1", symbol: str = "BTC/USD") -> None:
        row = {
            "symbol": symbol,
            "side": "buy",
            "price": Decimal(price),
            "qty": Decimal(size),
            "ord_type": "limit",
            "trade_id": next(self._trade_ids),
            "timestamp": stamp(),
        }
        self._trades.append(row)
        self._publish("trade", symbol, [row])

    def say_system(self, system: str) -> None:
        self.system = system
        for socket in self._private:
            self._send(socket, self._status())

    def say_raw(self, data: bytes) -> None:
        """Anything at all, to every private client."""
        for socket in self._private:
            self._queue(socket, data)

    def ledger(self, asset: str, balance: str) -> None:
        self.balances[asset] = Decimal(balance)
        entry = {
            "asset": asset,
            "balance": Decimal(balance),
            "wallet_type": "spot",
            "type": "trade",
        }
        self._channel("balances", [entry])

    def cut(self) -> None:
        """Break every connection as a cable does, with no good-bye."""
        for socket in [*self._private, *self._public]:
            self._abort(socket)

    def cut_private(self) -> None:
        for socket in list(self._private):
            self._abort(socket)

    def let_go(self, what: str) -> None:
        """Send what waited for that: ``answers`` or ``reports``."""
        self.script.hold.discard(what)
        if what == "token" and self.token_held is not None:
            self.token_held.set()
        held, self._held = self._held, []
        for kind, socket, message in held:
            self._send_unless_held(kind, socket, message)

    def expire_tokens(self) -> None:
        self._valid_tokens.clear()

    def use_nonce(self, nonce: int) -> None:
        """Another process uses the key."""
        self._last_nonce = nonce

    @property
    def subscribed(self) -> bool:
        return any(
            {"executions", "balances"} <= set(channels) for channels in self._private.values()
        )

    @property
    def watched(self) -> set[tuple[str, str]]:
        return set().union(*self._public.values())

    # ---- REST

    async def rest_public(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.rest_calls.append((name, dict(request.query)))
        if (refusal := self._rest_refusal(name)) is not None:
            return refusal
        answers = {
            "AssetPairs": self.pairs,
            "OHLC": {"XXBTZUSD": self.bars, "last": 0},
            "Time": {"unixtime": int(time.time())},
            "Trades": self._rest_trades(request.query),
        }
        return _json([], answers[name])

    def _rest_trades(self, query: Mapping[str, str]) -> Report:
        since = int(query.get("since", "0"))  # without it: the last ones
        after = [row for row in self.old_trades if int(Decimal(repr(row[2])) * 10**9) > since]
        rows = [[price, size, at, "b", "l", "", 1] for price, size, at in after]
        most = min(self.trades_a_call, int(query.get("count", "1000")))
        rows = rows[:most] if "since" in query else rows[-most:]
        last = str(int(Decimal(repr(rows[-1][2])) * 10**9)) if rows else str(since)
        return {"XXBTZUSD": rows, "last": last}

    async def rest_private(self, request: web.Request) -> web.Response:
        name, body = request.match_info["name"], await request.read()
        form = dict(urllib.parse.parse_qsl(body.decode()))
        error = self._bad_signature(request, body, form)
        self.rest_calls.append((name, form))
        if error:
            return _json([error], None)
        if (refusal := self._rest_refusal(name)) is not None:
            return refusal
        if name == "GetWebSocketsToken" and "token" in self.script.hold:
            self.script.hold.discard("token")
            self.token_held = asyncio.Event()
            await self.token_held.wait()
        try:
            return _json([], getattr(self, f"_rest_{name}")(form))
        except KeyError:
            return _json(["EOrder:Unknown order"], None)

    def _bad_signature(self, request: web.Request, body: bytes, form: dict[str, str]) -> str:
        nonce = form.get("nonce", "")
        digest = hashlib.sha256(nonce.encode() + body).digest()
        mac = hmac.new(base64.b64decode(SECRET), request.path.encode() + digest, hashlib.sha512)
        if request.headers.get("API-Key") != KEY:
            return "EAPI:Invalid key"
        if request.headers.get("API-Sign") != base64.b64encode(mac.digest()).decode():
            return "EAPI:Invalid signature"
        if int(nonce) <= self._last_nonce:
            return "EAPI:Invalid nonce"
        self._last_nonce = int(nonce)
        return ""

    def _rest_refusal(self, name: str) -> web.Response | None:
        if not self.script.rest_errors[name]:
            return None
        error = self.script.rest_errors[name].pop(0)
        return web.Response(status=error) if isinstance(error, int) else _json([error], None)

    def _rest_GetWebSocketsToken(self, _: dict[str, str]) -> Report:
        self.tokens += 1
        token = f"token-{self.tokens}"
        self._valid_tokens.add(token)
        return {"token": token, "expires": 900}

    def _rest_OpenOrders(self, form: dict[str, str]) -> Report:
        return {"open": self._found(form, lives=True)}

    def _rest_ClosedOrders(self, form: dict[str, str]) -> Report:
        return {"closed": self._found(form, lives=False), "count": 1}

    def _rest_QueryOrders(self, form: dict[str, str]) -> Report:
        return {id_: self.engine.orders[id_].rest() for id_ in form["txid"].split(",")}

    def _rest_QueryTrades(self, form: dict[str, str]) -> Report:
        return {id_: self.engine.trades[id_] for id_ in form["txid"].split(",")}

    def _found(self, form: dict[str, str], *, lives: bool) -> Report:
        return {
            order.order_id: order.rest()
            for order in self.engine.orders.values()
            if order.lives is lives and form.get("cl_ord_id") in (None, order.cl_ord_id)
        }

    # ---- the public WebSocket

    async def public(self, request: web.Request) -> web.StreamResponse:
        socket = await self._accept(request)
        self._public[socket] = set()
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._on_public(socket, msgspec.json.decode(message.data))
        finally:
            self._leave(socket)
        return socket

    def _on_public(self, socket: web.WebSocketResponse, request: Report) -> None:
        params = request["params"]
        for symbol in params["symbol"]:
            place = (params["channel"], symbol)
            if request["method"] == "unsubscribe":
                self._public[socket].discard(place)
                continue
            self._public[socket].add(place)
            self._send(socket, {"method": "subscribe", "success": True, "result": params})
            if params["channel"] == "book" and symbol == "BTC/USD" and self.book.bids:
                self._send(socket, self.book.message("snapshot", self.book.bids, self.book.asks))
            if params["channel"] == "trade":
                rows = [row for row in self._trades[-50:] if row["symbol"] == symbol]
                self._send(socket, {"channel": "trade", "type": "snapshot", "data": rows})

    def _publish(self, channel: str, symbol: str, data: list[Report]) -> None:
        message = {"channel": channel, "type": "update", "data": data}
        self._publish_message(channel, symbol, message)

    def _publish_message(self, channel: str, symbol: str, message: Report) -> None:
        for socket, places in self._public.items():
            if (channel, symbol) in places:
                self._send(socket, message)

    # ---- the private WebSocket

    async def private(self, request: web.Request) -> web.StreamResponse:
        socket = await self._accept(request)
        self._private[socket] = {}
        self.logins += 1
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT and not self.script.deaf:
                    await self._on_private(socket, message.data)
        finally:
            self._leave(socket)
        return socket

    async def _on_private(self, socket: web.WebSocketResponse, text: str) -> None:
        request = msgspec.json.decode(text)
        method, params = request["method"], request["params"]
        if method in ("subscribe", "unsubscribe"):
            self._subscribe(socket, request)
            return
        self.requests.append((method, params))
        self.frames.append(text)
        if self.script.cut in ("before", "late"):
            if self.script.cut == "late":
                loop = asyncio.get_running_loop()
                loop.call_later(LATE_S, self._carry_out, method, params)
            self.script.cut = ""
            self._abort(socket)
            return
        answer = self._answer_to(method, params, request["req_id"])
        if self.script.answer == "before" and "carry_out" in answer:
            carry_out = answer.pop("carry_out")
            self._send_unless_held("answers", socket, answer)
            carry_out()
            return
        answer.pop("carry_out", lambda: None)()
        if self.script.cut == "after":
            self.script.cut = ""
            self._abort(socket)
        elif self.script.answer != "never":
            if self.script.delay_s:
                await asyncio.sleep(self.script.delay_s)
            self._send_unless_held("answers", socket, answer)

    def _carry_out(self, method: str, params: Report) -> None:
        self._answer_to(method, params, 0).pop("carry_out")()

    def _subscribe(self, socket: web.WebSocketResponse, request: Report) -> None:
        params = request["params"]
        channel, result = params["channel"], {"channel": params["channel"]}
        answer: Report = {"method": request["method"], "req_id": request["req_id"]}
        if params["token"] not in self._valid_tokens:
            error = {"success": False, "error": "ESession:Invalid session"}
            self._send(socket, answer | error)
            return
        if channel == "executions":
            result["maxratecount"] = self.max_rate  # type: ignore[assignment]
        self._send(socket, answer | {"success": True, "result": result} | self._times())
        if request["method"] == "unsubscribe":
            self._private[socket].pop(channel, None)
            return
        self._private[socket][channel] = 1
        data = self.engine.snapshot(params.get("snap_trades", False))
        if channel == "balances":
            data = [
                {"asset": asset, "balance": total, "wallets": [{"type": "spot", "balance": total}]}
                for asset, total in self.balances.items()
            ]
        parts = [data]
        if channel == "executions" and self.script.apart:
            trades = [row for row in data if row["exec_type"] == "trade"]
            parts = [trades, [row for row in data if row["exec_type"] != "trade"]]
        self._private[socket][channel] = len(parts)
        for sequence, part in enumerate(parts, start=1):
            message = {"channel": channel, "type": "snapshot", "data": part}
            self._send(socket, message | {"sequence": sequence})

    def _answer_to(self, method: str, params: Report, req_id: int) -> Report:
        answer: Report = {"method": method, "req_id": req_id, **self._times()}
        error = ""
        if params["token"] not in self._valid_tokens:
            error = "ESession:Invalid session"
        elif self.script.refuse[method]:
            error = self.script.refuse[method].pop(0)
        elif method in ("amend_order", "cancel_order", "edit_order"):
            id_ = params["order_id"][0] if method == "cancel_order" else params["order_id"]
            if id_ not in self.engine.orders or not self.engine.orders[id_].lives:
                error = "EOrder:Unknown order"
        if error:
            return answer | {"success": False, "error": error}
        return answer | {"success": True} | getattr(self, f"_{method}")(params)

    def _add_order(self, params: Report) -> Report:
        kind, price = params["order_type"], params.get("limit_price", 0)
        if (trigger := params.get("triggers")) is not None:
            price = trigger["price"] if trigger["price_type"] == "static" else self.trail_start
        names = ("limit_price", "triggers", "time_in_force", "expire_time", "post_only")
        order = self.engine.place(
            params["side"],
            str(price),
            str(params["order_qty"]),
            symbol=params["symbol"],
            cl_ord_id=params["cl_ord_id"],
            order_type=kind,
            terms={
                name: Decimal(str(params[name])) if name == "limit_price" else params[name]
                for name in names
                if name in params
            },
            tell=False,
        )

        def carry_out() -> None:
            self._tell([order.whole("pending_new", "pending_new")])
            self.engine.report(order, "new", "new")

        result = {"order_id": order.order_id, "cl_ord_id": order.cl_ord_id}
        return {"result": result, "carry_out": carry_out}

    def _amend_order(self, params: Report) -> Report:
        order = self.engine.orders[params["order_id"]]
        moved = params.get("trigger_price" if order.terms.get("triggers") else "limit_price")
        if "trigger_price_type" in params:  # what a trailing stop trails by
            new = {"price": Decimal(str(moved)), "price_type": params["trigger_price_type"]}
            order.terms["triggers"] = {**order.terms["triggers"], **new}
            moved = self.trail_again
        if "limit_price" in params:
            order.terms["limit_price"] = Decimal(str(params["limit_price"]))
        price, size = None if moved is None else str(moved), str(params["order_qty"])
        result = {"amend_id": "TTW6PD-RC36L-ZZSWNU", "order_id": order.order_id}
        return {"result": result, "carry_out": lambda: self.engine.amend(order, price, size)}

    def _edit_order(self, params: Report) -> Report:
        """Cancel it, and make another one, which has no ``cl_ord_id``."""
        old = self.engine.orders[params["order_id"]]
        price = params.get("limit_price") or params["triggers"]["price"]
        new = self.engine.place(
            old.side,
            str(price),
            str(params["order_qty"]),
            symbol=old.symbol,
            order_type=old.order_type,
            terms=dict(old.terms),
            tell=False,
        )

        def carry_out() -> None:
            self.engine.cancel(old, "Order replaced")
            self._tell([new.whole("pending_new", "pending_new")])
            self.engine.report(new, "new", "new")

        result = {"order_id": new.order_id, "original_order_id": old.order_id}
        return {"result": result, "carry_out": carry_out}

    def _cancel_order(self, params: Report) -> Report:
        order = self.engine.orders[params["order_id"][0]]
        result = {"order_id": order.order_id}
        return {"result": result, "carry_out": lambda: self.engine.cancel(order)}

    def _cancel_all_orders_after(self, params: Report) -> Report:
        self.switch_s = params["timeout"]
        return {"result": {"currentTime": stamp(), "triggerTime": stamp()}}

    def _tell(self, reports: list[Report]) -> None:
        self._channel("executions", reports)

    def _channel(self, channel: str, data: list[Report]) -> None:
        for socket, sequences in self._private.items():
            if channel not in sequences:
                continue
            sequences[channel] += 1
            if channel == "executions" and self.script.lose:
                self.script.lose -= 1
                continue
            message = {"channel": channel, "type": "update", "data": data}
            message["sequence"] = sequences[channel]
            kind = "reports" if channel == "executions" else channel
            self._send_unless_held(kind, socket, message)

    def _send_unless_held(self, kind: str, socket: web.WebSocketResponse, message: Report) -> None:
        if kind in self.script.hold:
            self._held.append((kind, socket, message))
        else:
            self._send(socket, message)

    def _times(self) -> Report:
        return {"time_in": stamp(), "time_out": stamp()}

    # ---- sockets

    async def _accept(self, request: web.Request) -> web.WebSocketResponse:
        if self.script.down:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(timeout=0.2)
        await socket.prepare(request)
        line = self._lines[socket] = _Line(request)
        line.tasks = [
            asyncio.create_task(self._pump(socket, line.queue)),
            asyncio.create_task(self._beat(socket)),
        ]
        self._send(socket, self._status())
        return socket

    async def _pump(self, socket: web.WebSocketResponse, queue: asyncio.Queue[bytes]) -> None:
        while True:
            data = await queue.get()
            if not self.script.deaf and not socket.closed:
                await socket.send_frame(data, WSMsgType.TEXT)

    async def _beat(self, socket: web.WebSocketResponse) -> None:
        while True:
            await asyncio.sleep(self.heartbeat_s)
            self._send(socket, {"channel": "heartbeat"})

    def _leave(self, socket: web.WebSocketResponse) -> None:
        self._private.pop(socket, None)
        self._public.pop(socket, None)
        if (line := self._lines.pop(socket, None)) is not None:
            for task in line.tasks:
                task.cancel()

    def _abort(self, socket: web.WebSocketResponse) -> None:
        self._private.pop(socket, None)
        self._public.pop(socket, None)
        line = self._lines.get(socket)
        if line is not None and line.request.transport is not None:
            line.request.transport.abort()

    def _status(self) -> Report:
        return {"channel": "status", "type": "update", "data": [{"system": self.system}]}

    def _send(self, socket: web.WebSocketResponse, message: Report) -> None:
        self._queue(socket, _encode(message))

    def _queue(self, socket: web.WebSocketResponse, data: bytes) -> None:
        if (line := self._lines.get(socket)) is not None:
            line.queue.put_nowait(data)


def _json(errors: list[str], result: Any) -> web.Response:
    body = {"error": errors} | ({} if result is None else {"result": result})
    return web.Response(body=_encode(body), content_type="application/json")


@asynccontextmanager
async def open_sim(make: type[KrakenSim] = KrakenSim) -> AsyncIterator[KrakenSim]:
    """Run the server on the running loop, on a port of its own."""
    sim = make()
    app = web.Application()
    app.router.add_get("/0/public/{name}", sim.rest_public)
    app.router.add_post("/0/private/{name}", sim.rest_private)
    app.router.add_get("/public", sim.public)
    app.router.add_get("/private", sim.private)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    sim.port = runner.addresses[0][1]
    try:
        yield sim
    finally:
        sim.cut()
        await runner.cleanup()
