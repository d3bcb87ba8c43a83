"""What the gate says to a request that it does not let through."""

from collections.abc import Sequence
from typing import NamedTuple

from ems.messages import Question


class Refusal(NamedTuple):
    """Why not."""

    text: str
    kind: str
    """Which limit, so that the same is not told twice."""
    waits: bool = False
    """It may pass a moment later: a trigger waits for that."""
    asks: tuple[Question, ...] = ()
    """It passes with a yes to each of these."""


def asking(questions: Sequence[Question]) -> Refusal:
    """Return the refusal that asks these questions."""
    return Refusal(" ".join(q.text for q in questions), "question", asks=tuple(questions))
