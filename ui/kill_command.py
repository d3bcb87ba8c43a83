"""``ordermode kill``: the kill switch from a terminal, whether a window runs, hangs or is closed.

It writes the kill file beside the journal, and a running EMS acts on it within a second. Where
none runs, this process opens the EMS without a window, cancels what is left, and closes it.
"""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final, TextIO

from ems.embedded import Ems, open_ems
from ems.errors import EmsError
from ems.journal_owner import in_use, owner
from ems.kill_file import KillFile, KillRecord
from ui.backends import close_backends, open_backends
from ui.commands import KillCommand
from ui.config import Config
from ui.state_folder import Paths

EXIT_LEFT: Final = 1
"""Something could not be cancelled."""
EXIT_HANGS: Final = 3
"""The running program did not answer."""
BY: Final = "terminal"

_ANSWER_S: Final = 5.0
_DONE_S: Final = 15.0
_OPEN_S: Final = 0.25
"""The first cancels wait so long for brokers that are slow to open; their own follow."""
_POLL_S: Final = 0.05


def kill(command: KillCommand, paths: Paths, config: Callable[[], Config], out: TextIO) -> int:
    """Put the kill switch of every journal in use on, or release it.

    Parameters
    ----------
    command, paths
        What is asked for, and where the state is: its own journal and those of recordings.
    config
        Reads the config, which only an EMS that is opened here needs.
    out
        Gets the answer.

    Returns
    -------
    int
        0, `EXIT_LEFT` or `EXIT_HANGS`.
    """
    journals = [paths.journal]
    journals += sorted((paths.state_dir / "recordings").glob("*/journal.sqlite"))
    if command.release:
        return _release(journals, out)
    code = 0
    for journal in journals:
        if journal == paths.journal or in_use(journal):
            code = max(code, _kill_one(journal, command, paths, config, out))
    return code


def _release(journals: list[Path], out: TextIO) -> int:
    for journal in journals:
        file = KillFile(journal)
        if file.read() is not None:
            file.remove()
            out.write(f"Released: orders are taken again ({journal}).\n")
    out.write("The kill switch is off.\n")
    return 0


def _kill_one(
    journal: Path,
    command: KillCommand,
    paths: Paths,
    config: Callable[[], Config],
    out: TextIO,
) -> int:
    file = KillFile(journal)
    file.write(KillRecord(time_ns=time.time_ns(), by=BY))
    out.write(f"Kill switch on ({journal}).\n")
    if in_use(journal):
        if _wait(lambda: _taken(file) or not in_use(journal), _ANSWER_S) and in_use(journal):
            _wait(lambda: _finished(file), _DONE_S)
            return _report(file.read(), out)
        if in_use(journal) and not command.force:
            out.write(_hangs(owner(journal)))
            return EXIT_HANGS
        if in_use(journal):
            _end(journal, out)
    down = asyncio.run(_kill_here(journal, config(), paths))
    for broker in down:
        out.write(f"{broker} could not be reached: orders there, if any, still work.\n")
    return _report(file.read(), out, down)


def _taken(file: KillFile) -> bool:
    record = file.read()
    return record is not None and record.taken_ns is not None


def _finished(file: KillFile) -> bool:
    record = file.read()
    return record is None or (record.done and not record.left)


def _hangs(pid: int | None) -> str:
    return (
        f"The running ordermode (process {pid or 'unknown'}) does not answer. It sends nothing "
        "while it hangs, and acts on the switch if it wakes. Orders at the venue still work: "
        "`ordermode kill --force` ends that process and cancels them from here.\n"
    )


def _report(record: KillRecord | None, out: TextIO, down: Collection[str] = ()) -> int:
    """Tell what came of it; what lives at a broker that is down, nobody knows."""
    if record is None:
        out.write("Somebody has released it meanwhile.\n")
        return EXIT_LEFT
    if not record.left and record.done:
        out.write(f"No {'other ' if down else ''}order works or waits any more.\n")
        return EXIT_LEFT if down else 0
    for words in record.left or ("some cancels have no answer yet; look at the venue",):
        out.write(f"NOT cancelled: {words}\n")
    return EXIT_LEFT


def _end(journal: Path, out: TextIO) -> None:
    """End the process that has the journal: asked first, then at once."""
    pid = owner(journal)
    if pid is None:
        raise EmsError(f"nobody knows which process has {journal}; end it by hand and try again")
    for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        os.kill(pid, number)
        if _wait(lambda: not in_use(journal), _ANSWER_S):
            out.write(f"Process {pid} was ended.\n")
            return
    raise EmsError(f"process {pid} does not end; end it by hand and try again")


def _wait(done: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True


# ---- without a window


async def _kill_here(journal: Path, config: Config, paths: Paths) -> list[str]:
    """Cancel with an EMS of this process; return the brokers that could not be reached."""
    backends = open_backends(config, paths, {})
    opening = open_ems(backends, journal, limits=config.risk, arming=config.arming, wait_s=_OPEN_S)
    try:
        async with opening as ems:
            return await _cancel_all(ems)
    finally:
        await close_backends(backends)


async def _cancel_all(ems: Ems) -> list[str]:
    """Cancel, also what turns up while brokers connect; return those that never did."""
    seen: set[str] = set()
    deadline = time.monotonic() + _DONE_S
    down = list(ems.venues.brokers)
    while time.monotonic() < deadline:
        await asyncio.sleep(_POLL_S)
        down = [broker for broker in ems.venues.brokers if not ems.venues.is_up(broker)]
        active = {d.oid for d in ems.index.active() if d.order.action != "alert"}
        if active - seen:
            seen |= active
            ems.kill(BY)
        if not active and not down:
            break
    ems.kill_switch.look()
    return down
