"""Fuzzes one target for so many seconds: ``python -m tests.fuzz.run TARGET SECONDS [FOLDER]``.

What is found is written to the folder. It ends with an error at an exception, an input that takes
longer than ten seconds, or more than a gigabyte of memory.
"""

import logging
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

LONGEST_S = 10
MOST_MB = 1024
LONGEST = 16384

with atheris.instrument_imports(include=["brokers", "ems", "ib_async"]):
    from tests.fuzz.mutations import mutant
    from tests.fuzz.targets import TARGETS, corpus


def mutator(seeds: list[bytes]) -> Callable[[bytes, int, int], bytes]:
    """Return what changes an input: a value that cannot be, or the fuzzer's own way."""

    def mutate(data: bytes, longest: int, seed: int) -> bytes:
        if seed % 3:
            return mutant(seeds, data, seed)[:longest]
        changed: bytes = atheris.Mutate(data, len(data) + 8)
        return changed[:longest]

    return mutate


def main() -> None:
    name, seconds = sys.argv[1], int(sys.argv[2])
    finds = Path(sys.argv[3] if len(sys.argv) > 3 else ".")
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        for number, data in enumerate(corpus(name)):
            (Path(folder) / f"seed-{number}").write_bytes(data)
        options = [
            f"-max_total_time={seconds}",
            f"-timeout={LONGEST_S}",
            f"-rss_limit_mb={MOST_MB}",
            f"-max_len={LONGEST}",
            f"-artifact_prefix={finds}/",
            "-print_final_stats=1",
        ]
        atheris.Setup(
            [sys.argv[0], *options, folder], TARGETS[name], custom_mutator=mutator(corpus(name))
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
