"""What happened to an order, in words: the events of its journal, with what came with them."""

from typing import Any, Final

EVENT_WORDS: Final = {
    "SUBMIT": "a client asked for it; it went to the venue",
    "HOLD": "a client asked for it; it is held here",
    "WAIT": "a client asked for it; it waits here for its group",
    "RELEASE": "its group let it go; it went to the venue",
    "RELEASE_DARK": "its group let it go; it is held here until its price is touched",
    "MODIFY": "a change was asked for",
    "LINK": "it got another place in a group",
    "CANCEL": "its end was asked for",
    "TRIGGER": "its price was touched; it went to the venue",
    "RING": "its price was touched; the alert rang",
    "TRAILED": "its level followed the price",
    "ARMED": "its trigger was armed by the first price",
    "ADOPT": "found at the venue; it was made elsewhere",
    "ACK": "the venue acknowledged it",
    "LATE_ACK": "the venue acknowledged it after all",
    "NEW_REQID": "the venue gave it a new id",
    "PENDING": "the venue holds it back",
    "WORKING": "it works at the venue",
    "CHANGED": "the venue carried out the change",
    "MOVED": "it was changed at the venue",
    "FILL": "filled",
    "FILL_CORRECTED": "the venue put a fill right",
    "FILLED": "completely filled",
    "CANCELED": "cancelled at the venue",
    "REFUSED": "refused",
    "CHANGE_REFUSED": "the change was refused",
    "CANCEL_REFUSED": "the cancel was refused; the venue was asked",
    "STILL_THERE": "the venue, asked, says that it works",
    "NOT_THERE": "the venue, asked, does not know it",
    "NOT_THERE_DARK": "the venue, asked, does not know it; it is held here again",
    "NOT_THERE_GROUP": "the venue, asked, does not know it; it waits here again",
    "NOT_SENT_GROUP": "it did not leave; it waits here again",
    "NOT_SENT": "the request did not leave",
    "NOT_SENT_DARK": "it did not leave; it is held here again",
    "SILENCE": "no answer; the venue was asked",
    "STALE": "the connection to the venue was lost",
    "FRESH": "the venue spoke of it again",
}
"""By the names in `ems.transitions.E`, and the journal's own."""


def in_words(event: str, message: dict[str, Any] | None) -> str:
    """Return a sentence for an event; ``message`` is the decoded message that brought it."""
    words = EVENT_WORDS.get(event, event)
    details = _details(message or {})
    return f"{words}: {details}" if details else words


def _details(message: dict[str, Any]) -> str:
    said = message.get("req") or message
    parts = []
    if "price" in said and "size" in said:
        side = f"{said['action']} " if "action" in said else ""
        kind = "" if said.get("type", "limit") == "limit" else f"{said['type']} "
        parts.append(f"{side}{said['size']} {kind}at {said['price']}".replace("_", "-"))
        parts += _terms(said)
    if "exec_id" in message:
        parts.append(f"execution {message['exec_id']}")
    if "reqid" in message:
        parts.append(f"venue's id {message['reqid']}")
    return ", ".join(parts)


def _terms(order: dict[str, Any]) -> list[str]:
    """Return what an order has besides side, size, type and price."""
    parts = []
    if order.get("limit_price"):
        parts.append(f"limit {order['limit_price']}")
    if trail := order.get("trail"):
        percent = " %" if trail.get("unit") == "percent" else ""
        parts.append(f"trails {trail['amount']}{percent}")
    if order.get("tif", "gtc") != "gtc":
        parts.append(str(order["tif"]).upper())
    parts += [name.replace("_", "-") for name in ("post_only", "reduce_only") if order.get(name)]
    if link := order.get("link"):
        parts.append(f"{link['role']} of the group {link['group'][:8]}")
    return parts
