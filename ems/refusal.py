"""What the gate says to a request that is beyond a limit."""

from typing import NamedTuple


class Refusal(NamedTuple):
    """Why not."""

    text: str
    kind: str
    """Which limit, so that the same is not told twice."""
    waits: bool = False
    """It may pass a moment later: a trigger waits for that."""
