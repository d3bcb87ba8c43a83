"""What can go wrong with Kraken.

KrakenError              an `EmsError`: the text is written for the user
├── KrakenRefused        Kraken answered, and said no, in its own words
└── KrakenUnreachable    no answer that says anything: the outcome is unknown
"""

from collections.abc import Sequence

from ems.errors import EmsError


class KrakenError(EmsError):
    """Something is wrong between us and Kraken."""


class KrakenRefused(KrakenError):
    """Kraken refused a REST call; ``codes`` are its words, ``EAPI:Invalid nonce`` for one."""

    def __init__(self, what: str, codes: Sequence[str]) -> None:
        super().__init__(f"Kraken refused {what}: {'; '.join(codes)}")
        self.codes = tuple(codes)

    def says(self, *prefixes: str) -> bool:
        """Tell whether one of its words begins with one of the prefixes."""
        return any(code.startswith(prefixes) for code in self.codes)


class KrakenUnreachable(KrakenError):
    """There was no answer, or none that can be read."""
