"""The contracts that were met: found at IB by name or by ``conId``, and kept on disk."""

import asyncio
import logging
from pathlib import Path
from typing import Final

import msgspec
from ib_async import Contract, ContractDetails

from brokers.ib.codes import text_of
from brokers.ib.contract_names import name_of, wanted
from brokers.ib.known_contract import Increments, KnownContract, known_contract, rule_of
from brokers.ib.link import Link
from brokers.ib.numbers import exact
from brokers.ib.timing import Timing
from brokers.ib.wire import Refused
from ems.errors import UnknownMarket
from ems.market import parse_fqsn

log = logging.getLogger(__name__)

NO_SUCH_CONTRACT: Final = 200


class Contracts:
    """Finds contracts, each once; what was met before is there without a connection too.

    Parameters
    ----------
    link
        To ask IB with.
    file : Path
        Where they are kept.
    badge : str
        What kind of prices the markets have, if not live ones.
    broker : str
        The gateway's name, which those of its markets end in.
    """

    def __init__(
        self, link: Link, timing: Timing, file: Path, badge: str, broker: str = "ib"
    ) -> None:
        self._link = link
        self._timing = timing
        self._file = file
        self._badge = badge
        self._broker = broker
        self._by_con_id: dict[int, KnownContract] = {}
        self._by_fqsn: dict[str, KnownContract] = {}
        self._fresh: set[int] = set()
        self._rules: dict[int, Increments] = {}
        self._asking_rules = asyncio.Lock()
        self._asking: dict[int, asyncio.Task[KnownContract | None]] = {}
        self._read()

    def known(self, fqsn: str) -> KnownContract | None:
        """Return the contract of a market, if it was met."""
        return self._by_fqsn.get(fqsn)

    def known_id(self, con_id: int) -> KnownContract | None:
        """Return the contract with IB's id, if it was met."""
        return self._by_con_id.get(con_id)

    async def find(self, fqsn: str) -> KnownContract:
        """Return the contract of a market; IB is asked anew once a run, if it is there.

        Raises
        ------
        UnknownMarket
            If IB has no such contract, or more than one, or cannot be asked.
        """
        known = self._by_fqsn.get(fqsn)
        if known is not None and (known.con_id in self._fresh or not self._link.connected):
            return known
        try:
            return await self._ask_by_name(fqsn)
        except (ConnectionError, TimeoutError) as error:
            if known is not None:
                return known
            raise UnknownMarket(
                f"the market {fqsn} was never opened here before, and IB cannot be asked: {error}"
            ) from error

    async def renew(self, fqsn: str) -> None:
        """Ask IB anew for the contract of a market: its hours are those of a few days only."""
        try:
            await self._ask_by_name(fqsn)
        except (ConnectionError, TimeoutError, UnknownMarket) as error:
            log.warning("what is known of %s stays as it was: %s", fqsn, error)

    async def by_con_id(self, contract: Contract) -> KnownContract | None:
        """Return the contract with this one's ``conId``; None if IB does not tell."""
        con_id = contract.conId
        if con_id in self._by_con_id:
            return self._by_con_id[con_id]
        task = self._asking.get(con_id)
        if task is None:
            task = asyncio.create_task(self._ask_by_id(con_id))
            self._asking[con_id] = task
            task.add_done_callback(lambda _: self._asking.pop(con_id, None))
        return await asyncio.shield(task)

    async def search(self, text: str) -> list[KnownContract]:
        """Return the contracts whose symbol or name contains the text; none if IB is not there."""
        try:
            client, wire = self._link.client, self._link.wire
            req_id = client.getReqId()
            samples = await wire.ask(
                req_id, lambda: client.reqMatchingSymbols(req_id, text), self._timing.answer_s
            )
        except (ConnectionError, TimeoutError, Refused) as error:
            log.warning("the search for %r found nothing: %s", text, error)
            return []
        contracts = [
            sample.contract for sample in samples if sample.contract and sample.contract.conId > 0
        ]
        found = await asyncio.gather(*(self.by_con_id(contract) for contract in contracts))
        return [known for known in found if known is not None]

    # ---- asking

    async def _ask_by_name(self, fqsn: str) -> KnownContract:
        others: dict[str, None] = {}
        for contract in wanted(parse_fqsn(fqsn)):
            hits = {}
            for details in await self._details(contract):
                if details.contract is None:
                    continue
                name = name_of(details.contract, self._broker)
                if name == fqsn:
                    hits[details.contract.conId] = details
                else:
                    others[name] = None
            if len(hits) > 1:
                raise UnknownMarket(f"IB has {len(hits)} contracts named {fqsn}: {_differ(hits)}")
            for details in hits.values():
                return await self._learn(details)
        hint = f"; there is {', '.join(list(others)[:8])}" if others else ""
        raise UnknownMarket(f"IB has no market {fqsn}{hint}")

    async def _ask_by_id(self, con_id: int) -> KnownContract | None:
        try:
            for details in await self._details(Contract(conId=con_id)):
                return await self._learn(details)
        except (ConnectionError, TimeoutError, UnknownMarket) as error:
            log.warning("IB did not tell what the contract %d is: %s", con_id, error)
        return None

    async def _details(self, contract: Contract) -> list[ContractDetails]:
        client, wire = self._link.client, self._link.wire
        req_id = client.getReqId()
        try:
            return await wire.ask(
                req_id,
                lambda: client.reqContractDetails(req_id, contract),
                self._timing.answer_s,
            )
        except Refused as error:
            if error.code == NO_SUCH_CONTRACT:
                return []
            raise UnknownMarket(f"IB refuses to tell: {text_of(error.code, error.text)}") from error

    async def _increments(self, details: ContractDetails) -> Increments | None:
        """Return the price levels of the exchange that orders go to; None if IB did not tell."""
        rule = rule_of(details)
        if rule is None:
            return ()
        async with self._asking_rules:  # many contracts share one rule
            if rule in self._rules:
                return self._rules[rule]
            told = await self._ask_rule(rule)
            if told is not None:
                self._rules[rule] = told
            return told

    async def _ask_rule(self, rule: int) -> Increments | None:
        client, wire = self._link.client, self._link.wire
        try:
            levels = await wire.ask(
                ("market rule", rule), lambda: client.reqMarketRule(rule), self._timing.answer_s
            )
        except (TimeoutError, Refused) as error:
            log.warning("IB did not tell the price increments of rule %d: %s", rule, error)
            return None
        return tuple((exact(level.lowEdge), exact(level.increment)) for level in levels)

    # ---- keeping

    async def _learn(self, details: ContractDetails) -> KnownContract:
        increments = await self._increments(details)
        known = known_contract(details, increments or (), self._badge, self._broker)
        self._keep(known)
        if increments is not None:  # else it is asked for again
            self._fresh.add(known.con_id)
        self._write()
        return known

    def _keep(self, known: KnownContract) -> None:
        self._by_con_id[known.con_id] = known
        self._by_fqsn[known.market.fqsn] = known

    def _read(self) -> None:
        try:
            kept = msgspec.json.decode(self._file.read_bytes(), type=list[KnownContract])
        except FileNotFoundError:
            return
        except (OSError, msgspec.MsgspecError) as error:
            log.warning("%s is not used, IB is asked anew: %s", self._file, error)
            return
        for known in kept:
            self._keep(msgspec.structs.replace(
                known, market=msgspec.structs.replace(known.market, badge=self._badge)
            ))  # fmt: skip

    def _write(self) -> None:
        new = self._file.with_suffix(".new")
        try:
            new.write_bytes(msgspec.json.encode(list(self._by_con_id.values())))
            new.replace(self._file)
        except OSError as error:
            log.warning("%s cannot be written: %s", self._file, error)


def _differ(hits: dict[int, ContractDetails]) -> str:
    return ", ".join(
        f"{details.contract.localSymbol} in {details.contract.currency} (conId {con_id})"
        for con_id, details in hits.items()
        if details.contract is not None
    )
