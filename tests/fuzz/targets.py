"""What is fuzzed: each target takes bytes as they come from outside; nothing may be raised.

A target begins anew with each input, so that an input that is found does it again.
"""

from pathlib import Path

from tests.fuzz import ib_target, kraken_targets, own_targets
from tests.fuzz.in_loop import Target, in_loop

TARGETS: dict[str, Target] = {
    "kraken_private": in_loop(kraken_targets.private),
    "kraken_public": in_loop(kraken_targets.public),
    "kraken_rest": in_loop(kraken_targets.rest),
    "messages": own_targets.messages,
    "journal": own_targets.journal,
    "ib": in_loop(ib_target.frames),
}
CORPUS = Path(__file__).parent / "corpus"


def corpus(name: str) -> list[bytes]:
    """Return the inputs of a target: each line of its files, and each file of what was found."""
    lines = [line for file in CORPUS.glob(f"{name}.*") for line in file.read_bytes().splitlines()]
    whole = [file.read_bytes() for file in sorted(CORPUS.glob(f"{name}/*"))]
    together = [b"\n".join(lines)]
    return [*lines, *together, *whole]
