"""The config, the state folder and the journal: whether they can be used, and who else can."""

import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from ems.errors import EmsError, JournalDamaged
from ems.journal_file import check_pages
from ems.journal_reader import open_reader
from ems.kill_file import KillFile
from ui.config import Config
from ui.config_reader import default_config_file, read_config
from ui.doctor.finding import Finding, fail, ok, warn
from ui.state_folder import Paths, state_folder

_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_LITTLE_SPACE: Final = 200 << 20


def check_config(named: Path | None) -> tuple[Finding, Config]:
    """Return how the config file is, and what it says; the defaults if it cannot be read."""
    file = named or default_config_file()
    if named is None and not file.exists():
        return ok("config", f"there is none at {file}: everything has its default"), Config()
    try:
        config = read_config(named)
    except EmsError as error:
        return fail(
            "config", str(error), "mend that line, or start with another --config"
        ), Config()
    mode = file.stat().st_mode
    if os.name == "posix" and mode & _OTHERS_WRITE:
        text = f"others can change {file} (mode {stat.S_IMODE(mode):04o})"
        return warn("config", text, f"chmod go-w {file}"), config
    return ok("config", f"{file} says nothing that is not understood"), config


def check_state(
    state_dir: Path | None, environ: Mapping[str, str] = os.environ
) -> Iterator[Finding]:
    """Yield how the state folder and the journal in it are; nothing is made."""
    paths = Paths(state_folder(state_dir, environ))
    folder = paths.state_dir
    if not folder.exists():
        yield ok("state", f"{folder} is made at the first start")
        return
    yield _folder(folder)
    yield _space(folder)
    yield _journal(paths.journal)
    yield from _kill_switch(paths.journal)


def _folder(folder: Path) -> Finding:
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return fail("state", f"{folder} cannot be written to", "make it yours: chown and chmod 700")
    return _private("state", folder, "700") or ok("state", f"{folder} is yours alone")


def _private(subject: str, path: Path, mode: str) -> Finding | None:
    """Return what is wrong with who a file belongs to and who can read it; None = nothing."""
    if os.name != "posix":
        return None
    found = path.stat()
    if found.st_uid != os.getuid():
        text = f"{path} belongs to another user (id {found.st_uid})"
        return warn(subject, text, f"sudo chown {os.getuid()} {path}")
    if found.st_mode & _OTHERS:
        text = f"others can look into {path} (mode {stat.S_IMODE(found.st_mode):04o})"
        return warn(subject, text, f"chmod {mode} {path}")
    return None


def _space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    text = f"{free >> 20} MB are free for the journal"
    if free < _LITTLE_SPACE:
        return warn("disk", text, "make room: with a full disk no order is accepted")
    return ok("disk", text)


def _journal(journal: Path) -> Finding:
    if not journal.exists():
        return ok("journal", f"{journal} is made at the first start")
    try:
        with open_reader(journal) as reader:
            active = [dialog.order for dialog in reader.active_dialogs()]
    except JournalDamaged as error:
        return _damaged(str(error))
    except EmsError as error:
        return fail("journal", str(error), "let nothing else write to its folder")
    if wrong := check_pages(journal):
        return _damaged(f"the journal {journal} is damaged: {wrong}")
    held = sum(order.exec_mode == "dark" for order in active)
    text = f"sound; {len(active)} orders and alerts are active, {held} of them held here"
    return _private("journal", journal, "600") or ok("journal", text)


def _kill_switch(journal: Path) -> Iterator[Finding]:
    record = KillFile(journal).read()
    if record is not None:
        by = f", put on by the {record.by}" if record.by else ""
        text = f"the kill switch is on{by}: orders that add risk are refused"
        yield warn("kill", text, "ordermode kill --release")


def _damaged(text: str) -> Finding:
    mend = "start the program: it saves what can be saved, and sets the file aside"
    return fail("journal", text, mend)
