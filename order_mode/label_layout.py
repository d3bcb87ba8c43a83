"""Where labels go so that none covers another: pushed apart as little as possible, order kept."""

import math
from collections.abc import Sequence


def columns_needed(count: int, height: float, top: float, bottom: float) -> int:
    """Return how many columns hold ``count`` labels of this height between top and bottom."""
    rows = max(1, math.floor((bottom - top) / height))
    return max(1, math.ceil(count / rows))


def spread(wanted: Sequence[float], height: float, top: float, bottom: float) -> list[float]:
    """Return the centres of labels in one column, as near to the wanted ones as they can be.

    Parameters
    ----------
    wanted
        Centres, ascending, in pixels from the top.
    height
        Of each label; two centres are at least this far apart.
    top, bottom
        Labels stay inside; if there is not the room, they go on below the bottom.

    Returns
    -------
    list of float
        The centres, in the order given; the sum of the squared displacements is the least.
    """
    # Without the room each label takes, "apart by a height" is "not descending": the isotonic
    # regression of these, by pooling of neighbours that are out of order.
    bare = [centre - index * height for index, centre in enumerate(wanted)]
    pools: list[tuple[float, int]] = []  # (sum, how many)
    for value in bare:
        total, count = value, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / count:
            before, members = pools.pop()
            total, count = total + before, count + members
        pools.append((total, count))
    levels = [total / count for total, count in pools for _ in range(count)]
    lowest = top + height / 2
    highest = max(lowest, bottom - height / 2 - (len(levels) - 1) * height)
    return [min(max(level, lowest), highest) + index * height for index, level in enumerate(levels)]
