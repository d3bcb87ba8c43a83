"""``ordermode keys``: API keys into the keyring and out of it; none is ever shown."""

import getpass
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import TextIO

from ems.errors import EmsError
from ems.secrets import Secrets, SecretsError
from ui.backends import GROUP
from ui.commands import KeysCommand


def keys(
    command: KeysCommand,
    out: TextIO,
    secrets: Secrets | None = None,
    ask: Callable[[str], str] | None = None,
) -> int:
    """Do what the command says; return the exit code.

    Parameters
    ----------
    command, out
        What is asked for, and where the answer goes.
    secrets
        Where keys are; None = the user's own.
    ask
        Reads one line that is not shown; None = from the terminal, or from a pipe.
    """
    secrets, ask = secrets or Secrets(), ask or _ask
    if command.what == "list":
        return _list(command.broker, secrets, out)
    if command.broker is None:
        raise EmsError(f"`ordermode keys {command.what}` needs the name of a broker, as in kraken")
    if command.what == "set":
        secrets.keep(command.broker, ask("API key: ").strip(), ask("API secret: ").strip())
        out.write(f"The keys of {command.broker} are in the keyring.\n")
    elif secrets.remove(command.broker):
        out.write(f"The keys of {command.broker} are out of the keyring.\n")
    else:
        out.write(f"There were no keys of {command.broker} in the keyring.\n")
    return 0


def _list(broker: str | None, secrets: Secrets, out: TextIO) -> int:
    installed = {entry.name for entry in entry_points(group=GROUP)}
    names = sorted(installed | secrets.named()) if broker is None else [broker]
    for name in names:
        try:
            found = secrets.read(name)
        except SecretsError as error:
            out.write(f"{name}: not usable: {error}\n")
            continue
        out.write(f"{name}: {'no keys' if found is None else f'from the {found.source}'}\n")
    return 0


def _ask(prompt: str) -> str:
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline()
