"""Opens Kraken with the options of the user: the entry point of this backend."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from brokers.kraken import parsing, rest_wire
from brokers.kraken.broker import KrakenBroker
from brokers.kraken.credentials import load_credentials
from brokers.kraken.feed import KrakenFeed
from brokers.kraken.options import read_options
from brokers.kraken.pairs import BROKER, Pair, PairSource
from brokers.kraken.rest import Rest
from brokers.kraken.timing import Timing
from ems.ports import Backend


def open_backend(
    options: Mapping[str, Any], state_dir: Path, timing: Timing | None = None
) -> Backend:
    """Return the backend; nothing is connected before somebody asks for a market or an account.

    Parameters
    ----------
    options : mapping
        As in `brokers.kraken.options.KrakenOptions`.
    state_dir : Path
        Folder of its own.
    timing : Timing or None
        None = as Kraken needs it.

    Raises
    ------
    EmsError
        If an option is wrong, or the key that it names cannot be had.
    """
    read = read_options(options)
    asks_keyring = bool(options) and read.keyring  # not for who never named Kraken
    credentials = load_credentials(read, in_keyring=asks_keyring)
    timing = timing or Timing()
    rest = Rest(read.rest_url, credentials, timing)

    async def load_pairs() -> list[Pair]:
        return parsing.pairs_of(await rest.public("AssetPairs", dict[str, rest_wire.AssetPair]))

    pairs = PairSource(load_pairs)
    broker = None
    if credentials is not None:
        broker = KrakenBroker(read, rest, pairs, state_dir, timing)
    feed = KrakenFeed(rest, pairs, read.ws_public_url, timing)
    return Backend(name=BROKER, feed=feed, broker=broker)
