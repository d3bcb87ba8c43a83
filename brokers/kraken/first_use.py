"""Since when an account is traded from here: what was traded before is in its balances only."""

import logging
from pathlib import Path

from ems.errors import EmsError

log = logging.getLogger(__name__)


class FirstUse:
    """The moment, by Kraken's clock, at which an account was first connected to from here.

    What was traded before that is in the balances; counted as fills it would make a position of
    its own that nobody has.

    Parameters
    ----------
    state_dir : Path
        Where it is remembered; made if missing.

    Raises
    ------
    EmsError
        If the file that remembers it cannot be used.
    """

    def __init__(self, state_dir: Path) -> None:
        self._file = state_dir / "first_use_ns"
        self._since_ns: int | None = None
        try:
            state_dir.mkdir(parents=True, exist_ok=True)
            if self._file.exists():
                self._since_ns = int(self._file.read_text(encoding="ascii"))
        except (OSError, ValueError) as error:
            raise EmsError(f"kraken: the file {self._file} cannot be used: {error}") from error

    def since_ns(self, now_ns: int) -> int:
        """Return the moment, UTC ns; from the first call on it is remembered.

        Parameters
        ----------
        now_ns
            Now, by Kraken's clock.
        """
        if self._since_ns is None:
            self._since_ns = now_ns
            try:
                fresh = self._file.with_suffix(".new")
                fresh.write_text(str(now_ns), encoding="ascii")
                fresh.replace(self._file)
            except OSError:
                log.exception("the file %s cannot be written; the next start asks anew", self._file)
        return self._since_ns
