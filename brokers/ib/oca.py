"""OCA groups, "one cancels all": ours to IB's and back, and what of them can be relied on.

What the types do [1]_ [2]_: 1 ends the others at a fill, 2 and 3 make them smaller by what a part
fills; 1 and 2 have overfill protection: only one order of the group is at an exchange at a time.
A complete fill ends the group. So exits are of type 2, not 3: with the program closed nobody
would see to it that the position is not closed twice. Peers are of type 1, which is the only one
that ends the others at the first fill.

What IB does besides, seen by others in live traffic: a cancel of one order cancels the group [3]_.
A modify of an order in it is refused with 10326 or 10327, and has been seen to cancel the order
[4]_ [5]_: so none is sent. Once used, the name of a group cannot be used again [6]_. All orders of
a group have one account, or 10224 comes [7]_.

References
----------
.. [1] https://interactivebrokers.github.io/tws-api/oca.html
.. [2] https://www.ibkrguides.com/tws/usersguidebook/ordertypes/oco.htm
.. [3] https://github.com/deepentropy/ibx/pull/343
.. [4] https://github.com/nautechsystems/nautilus_trader/issues/2978
.. [5] https://github.com/nautechsystems/nautilus_trader/pull/2979
.. [6] https://test.elitetrader.com/et/threads/ib-help.67607/, out of the manual of TWS
.. [7] https://github.com/ib-api-reloaded/ib_async/issues/75
"""

from typing import Final

from ib_async import Order

from ems.messages import Tie, TieKind

TYPE: Final[dict[TieKind, int]] = {"cancels": 1, "reduces": 2}
"""As they stand in ``Order.ocaType``."""
NAMED_IN_DETAILS: Final = "OCA"
"""Among ``ContractDetails.orderTypes``, where a contract takes groups."""

NOT_TO_BE_CHANGED: Final = (
    "This order is in an OCA group at IB, where no program can change it (IB 10326). Cancel it and "
    "place another, or change it in TWS."
)


def set_tie(order: Order, tie: Tie | None) -> None:
    """Write the group of a request into IB's order."""
    if tie is not None:
        order.ocaGroup, order.ocaType = tie.group, TYPE[tie.kind]


def tie_of(order: Order) -> Tie | None:
    """Return the group that IB has an order in; None if there is none."""
    if not order.ocaGroup:
        return None
    return Tie(order.ocaGroup, "cancels" if order.ocaType == TYPE["cancels"] else "reduces")
