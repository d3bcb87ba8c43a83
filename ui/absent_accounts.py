"""Tables of the config that are for an account which is not there, most often by a slip."""

from collections.abc import Iterator, Mapping

from ems.market import broker_of
from ems.ports import Backend
from ui.config import Config


def absent_accounts(config: Config, backends: Mapping[str, Backend]) -> Iterator[str]:
    """Yield a sentence for each table whose account no backend has.

    A limit that holds for nothing looks like one that holds, so it must be said. A backend that
    is not set up in this run, as Kraken without a key, may have the account in another.

    Parameters
    ----------
    config
        Its tables name the accounts.
    backends
        Those of this run, by name.
    """
    there = [name for one in backends.values() if one.broker for name in one.broker.accounts]
    for account, table in _tables(config):
        backend = backends.get(broker_of(account))
        not_set_up = backend is not None and backend.broker is None
        if account not in there and not not_set_up:
            yield (
                f"The config has {table}, but there is no account {account!r}: what stands there "
                f"holds for nothing. There are {', '.join(sorted(there))}."
            )


def _tables(config: Config) -> Iterator[tuple[str, str]]:
    """Yield each account that the config names, and where it does."""
    for account in config.risk.named_accounts:
        yield account, f'[risk.accounts."{account}"]'
    for account in config.arming.named_accounts:
        yield account, f'[arming.accounts."{account}"]'
    for account in config.cancel_on_disconnect:
        yield account, f'"{account}" in [cancel_on_disconnect]'
    for account in config.accounts:
        yield account, f'[accounts."{account}"]'
