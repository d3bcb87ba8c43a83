"""The rules of an order's life, by number, and what is raised where one is broken."""

from collections.abc import Sequence
from typing import Final

RULES: Final[dict[int, str]] = {
    1: "Cancel before ack: the cancel waits; when the ack brings the reqid exactly one goes out, "
    "with the order's account, and clients see one 'canceled'.",
    2: "Modify before ack: kept, the newest wins, sent once after the ack; never a second order.",
    3: "Cancel after a dark order triggered, before its ack: as rule 1.",
    4: "A status or fill before its ack is kept by reqid and applied in order after the ack.",
    5: "A late fill after the end counts in the position; the order does not come back to life.",
    6: "A cancel that crosses the fill: the fill wins, 'cannot cancel' is no error for the user.",
    7: "Modify refused: the order stays as it was, and clients get the reason.",
    8: "Order refused: 'error' in the venue's own words, and the order is gone.",
    9: "Acks, statuses and fills that are told twice have no effect the second time.",
    10: "A state that nobody knows is logged and changes nothing.",
    11: "Orders made elsewhere appear, can be changed and cancelled if the venue lets us, and go "
    "when they go.",
    12: "A reqid is unique within (broker, account), and every event names the account.",
    13: "Connection lost: orders show as stale; on reconnect what was filled or cancelled "
    "meanwhile counts once, unknown orders appear, vanished ones end with a reason.",
    14: "A client that connects gets every active order and position at once; two clients see "
    "each other's orders.",
    15: "A triggered alert is told and gone; a triggered dark order is told and is then live.",
    16: "A trigger fires when the price crosses to its level, also over a gap; with no price "
    "known the first tick arms it.",
    17: "Crash: what was accepted is there after the restart; an order that was sent and not "
    "acknowledged is looked up, not sent again.",
    18: "Outcome unknown: nothing is resent, the venue is asked by our own id, and only its "
    "answer decides.",
    19: "What a backend states works at its venue as itself: each type and time in force is taken, "
    "changed, known again after a restart, and cancelled.",
    20: "What a backend does not state it refuses in words, and the venue has none of it.",
}
"""One sentence a rule, as in the design."""


class RuleBroken(AssertionError):
    """A rule does not hold: which one, what was seen, and all that was said.

    Parameters
    ----------
    number : int
        Of the rule.
    seen : str
        What happened instead, one sentence.
    transcript
        What went to the backend and came from it, a line each.
    """

    def __init__(self, number: int, seen: str, transcript: Sequence[str] = ()) -> None:
        said = "".join(f"\n    {line}" for line in transcript) or " nothing"
        super().__init__(f"rule {number}: {RULES[number]}\n  Seen: {seen}\n  Said:{said}")
        self.number = number
        self.seen = seen
