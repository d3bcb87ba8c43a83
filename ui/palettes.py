"""The colours of the themes, by what they say.

Up and down are teal and coral: apart in hue for most eyes, and in blue and in lightness for
those who see red and green alike. Loud colours are kept for what must not be overlooked.
"""

from typing import Final, Literal, NamedTuple


class Palette(NamedTuple):
    """One theme. Names of colours as Qt reads them: ``#rrggbb``."""

    name: Literal["dark", "light"]

    # Surfaces, from the back to the front.
    background: str
    panel: str
    raised: str
    hover: str
    border: str
    grid: str
    grid_strong: str
    """Where a day or something else that is greater begins."""
    session: str
    """Where a session of the market begins or ends."""

    # Text, by weight of what it says.
    text: str
    text_muted: str
    text_faint: str
    ink: str
    """Text on a bright tag."""
    accent: str

    # Bars and prices.
    up: str
    down: str
    up_volume: str
    down_volume: str
    up_text: str
    down_text: str
    bid: str
    ask: str
    crossed: str
    indicators: tuple[str, ...]
    """Colours of lines over the bars, in the order in which they are given out."""
    crosshair: str
    cursor_tag: str

    # Orders.
    buy: str
    sell: str
    alert: str
    staged: str
    """A line that is not yet sent."""
    dark_order: str
    """Mark of an order that is held here, not at the venue."""
    stale: str
    """The venue has not been heard of; this may be out of date."""
    error: str
    refused: str
    """The body of the label of a refused order."""
    warning: str

    # What kind of money or prices these are.
    paper: str
    replay: str
    live: str


DARK: Final = Palette(
    name="dark",
    background="#0e1217",
    panel="#131920",
    raised="#1b232d",
    hover="#243040",
    border="#263140",
    grid="#19212b",
    grid_strong="#25303e",
    session="#3d4c60",
    text="#d6dde8",
    text_muted="#8b97a8",
    text_faint="#5a6675",
    ink="#0b0f14",
    accent="#5b9cf5",
    up="#26a69a",
    down="#ef5350",
    up_volume="#1b4d49",
    down_volume="#5a2f32",
    up_text="#3fbfb2",
    down_text="#f4716e",
    bid="#1d5c57",
    ask="#7a3536",
    crossed="#4a5563",
    indicators=("#5b9cf5", "#e3b341", "#c678dd", "#d6dde8", "#8fbf5a", "#f08d49"),
    crosshair="#556172",
    cursor_tag="#3a4757",
    buy="#2fb8aa",
    sell="#f2605d",
    alert="#e3b341",
    staged="#9fb0c6",
    dark_order="#a78bda",
    stale="#6b7685",
    error="#ff6b5e",
    refused="#4a1218",
    warning="#e3b341",
    paper="#f0a92e",
    replay="#a98bff",
    live="#ff4d4f",
)

LIGHT: Final = Palette(
    name="light",
    background="#ffffff",
    panel="#f4f6f9",
    raised="#e8edf3",
    hover="#d9e2ec",
    border="#c5ced9",
    grid="#eef1f5",
    grid_strong="#d9dfe7",
    session="#b4c0ce",
    text="#17202c",
    text_muted="#536072",
    text_faint="#8793a3",
    ink="#ffffff",
    accent="#1c66c9",
    up="#0b857a",
    down="#d4402f",
    up_volume="#b4dcd8",
    down_volume="#f2c7c0",
    up_text="#076b62",
    down_text="#b8301f",
    bid="#a6d6d1",
    ask="#f0bdb6",
    crossed="#bcc5d0",
    indicators=("#1c66c9", "#9a6a00", "#8a3ba8", "#17202c", "#457a1a", "#b3520c"),
    crosshair="#8592a3",
    cursor_tag="#d0d8e2",
    buy="#0b857a",
    sell="#d4402f",
    alert="#956700",
    staged="#5c6b80",
    dark_order="#6f48b5",
    stale="#758191",
    error="#c2201c",
    refused="#fadfdb",
    warning="#8d6200",
    paper="#a05c00",
    replay="#6540c0",
    live="#cc1d20",
)
PALETTES: Final = {one.name: one for one in (DARK, LIGHT)}
