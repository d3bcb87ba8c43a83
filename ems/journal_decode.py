"""Records as the journal keeps them, read back: what is none is `msgspec.DecodeError`, however."""

from collections.abc import Callable
from typing import Any

import msgspec


def decoder(kind: Any) -> Callable[[bytes], Any]:
    """Return what reads a record of this type; it raises `msgspec.DecodeError` alone."""
    decode = msgspec.json.Decoder(kind).decode

    def read(body: bytes) -> Any:
        try:
            return decode(body)
        except (UnicodeDecodeError, RecursionError, OverflowError) as error:
            raise msgspec.DecodeError(str(error)) from None

    return read
