"""The backends: whether each can be opened, and whether its venue answers."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

from ems.errors import EmsError, MissingLibrary
from ems.ports import Backend, Reachable
from ui.backends import close_backends, installed_backends, open_backend, shared_accounts
from ui.broker_tables import broker_table
from ui.config import Config
from ui.config_faults import ConfigError
from ui.doctor.clock import check_offset
from ui.doctor.finding import Finding, fail, ok, warn
from ui.state_folder import Paths

_PATIENCE_S: Final = 20.0


def check_backends(config: Config, *, connect: bool) -> Iterator[Finding]:
    """Yield how each backend is, those of the config first asked if ``connect`` is True."""
    installed = installed_backends()
    tables, backends = [], {}
    for name in sorted(installed.keys() | config.brokers.keys()):
        try:
            tables.append(broker_table(name, config.brokers.get(name, {}), installed))
        except ConfigError as error:
            what, _, there = str(error).partition("; ")
            yield fail(name, what, f"install its package, or mend or take out the table; {there}")
    with tempfile.TemporaryDirectory(prefix="ordermode-doctor-") as folder:
        for table in tables:
            name, configured = table.name, bool(config.brokers.get(table.name))
            try:
                backends[name] = open_backend(table, Paths(Path(folder)))
            except MissingLibrary as error:
                yield _left_out(name, str(error), asked_for=configured)
            except EmsError as error:
                yield fail(name, str(error), f"mend [brokers.{name}] in the config")
            else:
                yield from _opened(backends[name], configured=configured, connect=connect)
    for wrong in shared_accounts(tables, backends):
        what, _, mend = wrong.partition(": ")
        yield fail("brokers", what, mend)


def _left_out(name: str, why: str, *, asked_for: bool) -> Finding:
    text, _, mend = why.partition("; ")
    if asked_for:
        return fail(name, text, mend)
    return ok(name, f"left out, as the config does not name it: {why}")


def _opened(backend: Backend, *, configured: bool, connect: bool) -> Iterator[Finding]:
    accounts = ", ".join(backend.broker.accounts) if backend.broker is not None else ""
    what = f"accounts: {accounts}" if accounts else "no account"
    if not connect:
        venue = any(isinstance(part, Reachable) for part in (backend.feed, backend.broker))
        asked = "; not asked (--connect asks it)" if venue and configured else ""
        yield ok(backend.name, what + asked)
        return
    yield ok(backend.name, what)
    if configured:
        yield from asyncio.run(_asked(backend))


async def _asked(backend: Backend) -> list[Finding]:
    try:
        return [finding async for finding in _answers(backend)]
    finally:
        await close_backends({backend.name: backend})


async def _answers(backend: Backend) -> AsyncIterator[Finding]:
    for part in (backend.feed, backend.broker):
        if not isinstance(part, Reachable):
            continue
        try:
            async with asyncio.timeout(_PATIENCE_S):
                reached = await part.reach()
        except (OSError, EmsError) as error:
            why = str(error) or "no answer in time"
            mend = f"the documents of {backend.name} say what the words mean"
            yield warn(backend.name, why, mend)
            return
        yield ok(backend.name, reached.text)
        if reached.clock_offset_s is not None:
            yield check_offset(backend.name, reached.clock_offset_s)
