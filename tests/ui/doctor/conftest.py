"""A backend of somebody else's, as the doctor finds it."""

from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from ems.errors import EmsError, MissingLibrary
from ems.ports import Backend, Reached
from ui import backends


class Venue:
    """A feed that can be asked whether it answers; as much of one as the doctor looks at."""

    name = "venue"

    def __init__(self, answer: Reached | Exception) -> None:
        self._answer = answer
        self.asked = 0
        self.closed = False

    async def reach(self) -> Reached:
        self.asked += 1
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    async def aclose(self) -> None:
        self.closed = True


def open_backend(options: Mapping[str, Any], state_dir: Path) -> Backend:
    """The entry point; what it is given says what it does."""
    if options.get("wrong"):
        raise EmsError("venue: wrong is unknown")
    (state_dir / "state").write_text("a backend writes into its own folder")
    return Backend(name="venue", feed=options.get("feed"))


def open_without_library(options: Mapping[str, Any], state_dir: Path) -> Backend:
    raise MissingLibrary("Venue needs the library x; install it with: pip install 'venue[x]'")


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Install one backend, named ``venue``, and no other: by the name of its function here."""

    def put(function: str) -> None:
        entry = EntryPoint("venue", f"{__name__}:{function}", backends.GROUP)
        monkeypatch.setattr(backends, "entry_points", lambda group: [entry])

    return put
