"""Kraken's REST: signed, with a rising nonce, within its rate. Only questions, never orders.

As every call here only asks, it may be made again: after a nonce that came too late (another
process uses the same key), after a rate limit, and when the service is away for a moment.
"""

import asyncio
import logging
import random
import time
import urllib.parse
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from brokers.kraken import rest_wire, wire
from brokers.kraken.credentials import Credentials
from brokers.kraken.errors import KrakenRefused, KrakenUnreachable
from brokers.kraken.rate import REST_DECAY, REST_LIMIT, Counter
from brokers.kraken.timing import Timing
from brokers.lazy_import import lazy_import

if TYPE_CHECKING:
    import aiohttp
else:
    aiohttp = lazy_import("aiohttp", extra="kraken", needed_by="Kraken")

log = logging.getLogger(__name__)

TRIES: Final = 5
_PASSING: Final = (
    "EAPI:Invalid nonce",
    "EAPI:Rate limit",
    "EGeneral:Too many requests",
    "EService:Busy",
    "EService:Unavailable",
)
LARGEST_ANSWER: Final = 32 << 20
_AGENT: Final = "ordermode"


class Nonces:
    """Strictly rising numbers, of the clock: two processes on a key mix well enough to try again.

    Parameters
    ----------
    clock
        Now, UTC ns.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> str:
        """Return the next one."""
        self._last = max(self._last + 1, self._clock() // 1000)
        return str(self._last)


class Rest:
    """Asks Kraken.

    Parameters
    ----------
    url : str
        As in ``https://api.kraken.com``.
    credentials
        None = only what is public can be asked.
    timing : Timing
        How long a call may take.
    clock
        Now, UTC ns.
    """

    def __init__(
        self,
        url: str,
        credentials: Credentials | None,
        timing: Timing,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._url = url.rstrip("/")
        self._credentials = credentials
        self._timeout_s = timing.http_s
        self._again_s = timing.again_s
        self._nonces = Nonces(clock)
        self._counter = Counter(REST_LIMIT, REST_DECAY)

    async def public(
        self, name: str, kind: type[wire.T], params: Mapping[str, str] | None = None
    ) -> wire.T:
        """Ask what needs no key; raises `KrakenError`."""
        query = f"?{urllib.parse.urlencode(params)}" if params else ""
        url = f"{self._url}/0/public/{name}{query}"

        async def ask() -> wire.T:
            return self._read(name, kind, await self._call("GET", url, b"", {}, name))

        return await self._until_answered(ask)

    async def private(
        self, name: str, kind: type[wire.T], params: Mapping[str, str] | None = None, cost: int = 1
    ) -> wire.T:
        """Ask what the key allows to be asked; raises `KrakenError`.

        Parameters
        ----------
        cost
            What it adds to Kraken's counter; the call waits here until there is room.
        """

        async def ask() -> wire.T:
            if wait_s := self._counter.wait_s(cost):
                log.info("waits %.1f s for Kraken's REST rate before %s", wait_s, name)
                await asyncio.sleep(wait_s)
            self._counter.add(cost)
            try:
                return self._read(name, kind, await self._signed(name, params or {}))
            except KrakenRefused as error:
                if error.says("EAPI:Rate limit"):
                    self._counter.set(REST_LIMIT)
                raise

        return await self._until_answered(ask)

    async def _until_answered(self, ask: Callable[[], Awaitable[wire.T]]) -> wire.T:
        """Ask again, after growing, jittered pauses, while Kraken says that it is not for long."""
        for number in range(TRIES - 1):
            try:
                return await ask()
            except KrakenRefused as error:
                if not error.says(*_PASSING):
                    raise
                log.warning("%s; asks again", error)
            await asyncio.sleep(self._again_s * 2**number * (0.5 + random.random()))
        return await ask()

    async def _signed(self, name: str, params: Mapping[str, str]) -> bytes:
        if self._credentials is None:
            raise KrakenUnreachable(f"Kraken's {name} needs an API key, and there is none")
        nonce = self._nonces.next()
        body = urllib.parse.urlencode({"nonce": nonce, **params}).encode()
        path = f"/0/private/{name}"
        headers = {
            "API-Key": self._credentials.key,
            "API-Sign": self._credentials.sign(path, nonce, body),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return await self._call("POST", self._url + path, body, headers, name)

    async def _call(
        self, method: str, url: str, body: bytes, headers: dict[str, str], name: str
    ) -> bytes:
        try:
            async with (
                aiohttp.ClientSession(
                    timeout=aiohttp.ClientTimeout(total=self._timeout_s),
                    headers={"User-Agent": _AGENT},
                ) as session,
                session.request(method, url, data=body or None, headers=headers) as answer,
            ):
                data = await _body(answer, name)
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # `from None`: the error of a request holds its headers, and with them the key
            why = str(error) or "no answer in time"
            raise KrakenUnreachable(f"Kraken cannot be reached for {name}: {why}") from None
        if status != 200:
            raise KrakenUnreachable(f"Kraken answered {name} with HTTP status {status}")
        return data

    def _read(self, name: str, kind: type[wire.T], data: bytes) -> wire.T:
        try:
            answer = wire.read_as(rest_wire.RestAnswer, data)
            errors = [text for text in answer.error if text.startswith("E")]
            if errors:
                raise KrakenRefused(name, errors)
            return wire.read_as(kind, answer.result)
        except msgspec.DecodeError as error:
            log.error("%s answered in an unknown shape (%s): %s", name, error, data[:2000])  # noqa: TRY400
            raise KrakenUnreachable(f"Kraken's answer to {name} cannot be read: {error}") from None


async def _body(answer: "aiohttp.ClientResponse", name: str) -> bytes:
    """Return the whole answer, if it is no larger than any that Kraken gives."""
    data = bytearray()
    async for chunk in answer.content.iter_any():
        data += chunk
        if len(data) > LARGEST_ANSWER:
            raise KrakenUnreachable(
                f"Kraken's answer to {name} is larger than {LARGEST_ANSWER >> 20} MB: not read"
            )
    return bytes(data)
