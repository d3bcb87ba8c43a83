"""What the Pier says, in ordermode's messages."""

import time
import uuid
from decimal import Decimal

from ems.messages import BrokerdFill, BrokerdPosition, BrokerdReport, BrokerdStatus, Order, Status
from ordermode_pier.line import Words

ACCOUNT = "pier"
STATES = {"working": "open", "done": "closed", "gone": "canceled"}
"""The Pier's words for the state of an order, and ours."""


def status_of(order: Words) -> BrokerdStatus:
    """Return the state of an order; a word that we do not know goes on as it is."""
    return BrokerdStatus(
        reqid=order["id"],
        account=ACCOUNT,
        status=STATES.get(order["state"], order["state"]),
        time_ns=time.time_ns(),
        price=Decimal(order["price"]),
        size=Decimal(order["size"]),
        filled=Decimal(order["filled"]),
        seq=order["seq"],
        reason=order.get("why", ""),
    )


def live_order(order: Words) -> Status:
    """Return an order that lives there, ours from before or made elsewhere."""
    req = Order(
        oid=order["ref"] or str(uuid.uuid5(uuid.NAMESPACE_URL, f"pier:{order['id']}")),
        action=order["side"],
        exec_mode="live",
        symbol=order["market"] + ".pier",
        account=ACCOUNT,
        price=Decimal(order["price"]),
        size=Decimal(order["size"]),
    )
    filled = Decimal(order["filled"])
    return Status(
        oid=req.oid,
        time_ns=time.time_ns(),
        resp="open",
        reqid=order["id"],
        req=req,
        src="pier",
        filled=filled,
        remaining=req.size - filled,
        origin="" if order["ref"] else "made at the Pier",
    )


def fill_of(fill: Words) -> BrokerdFill:
    """Return an execution."""
    return BrokerdFill(
        reqid=fill["id"],
        account=ACCOUNT,
        symbol=fill["market"] + ".pier",
        exec_id=fill["exec"],
        action=fill["side"],
        size=Decimal(fill["size"]),
        price=Decimal(fill["price"]),
        broker_time_ns=fill["time"],
        time_ns=time.time_ns(),
        oid=fill["ref"] or None,
    )


def position_of(market: str, size: str) -> BrokerdPosition:
    """Return a position by the Pier's count."""
    return BrokerdPosition(
        account=ACCOUNT, symbol=f"{market}.pier", size=Decimal(size), time_ns=time.time_ns()
    )


def report_of(answer: Words) -> BrokerdReport:
    """Return the answer to a question about one order."""
    order = answer["order"]
    if order is None:
        return BrokerdReport(
            oid=answer["oid"],
            account=ACCOUNT,
            time_ns=time.time_ns(),
            found=False,
            reason="the Pier has no such order",
            asked_ns=answer["asked"],
        )
    return BrokerdReport(
        oid=answer["oid"],
        account=ACCOUNT,
        time_ns=time.time_ns(),
        found=True,
        reqid=order["id"],
        status=STATES.get(order["state"], order["state"]),
        price=Decimal(order["price"]),
        size=Decimal(order["size"]),
        fills=tuple(fill_of(fill) for fill in answer["fills"]),
        asked_ns=answer["asked"],
    )
