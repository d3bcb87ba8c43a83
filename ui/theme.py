"""How the program looks: the colours of the theme that is on, fonts and style sheet.

A colour is read here whenever something is drawn, as ``theme.UP``: `use` puts another theme on
while the program runs. What is kept of a colour is made anew at ``changes.changed``.
"""

from functools import cache
from typing import Final, Literal

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QBrush, QColor, QFont, QFontDatabase
from PyQt6.QtWidgets import QApplication

from ui.palettes import DARK, PALETTES
from ui.style_sheet import style_sheet

# The colours; `ui.palettes` says what they mean.
BACKGROUND = DARK.background
PANEL = DARK.panel
RAISED = DARK.raised
HOVER = DARK.hover
BORDER = DARK.border
GRID = DARK.grid
GRID_STRONG = DARK.grid_strong
SESSION = DARK.session
TEXT = DARK.text
TEXT_MUTED = DARK.text_muted
TEXT_FAINT = DARK.text_faint
INK = DARK.ink
ACCENT = DARK.accent
UP = DARK.up
DOWN = DARK.down
UP_VOLUME = DARK.up_volume
DOWN_VOLUME = DARK.down_volume
UP_TEXT = DARK.up_text
DOWN_TEXT = DARK.down_text
BID = DARK.bid
ASK = DARK.ask
CROSSED = DARK.crossed
INDICATORS = DARK.indicators
CROSSHAIR = DARK.crosshair
CURSOR_TAG = DARK.cursor_tag
BUY = DARK.buy
SELL = DARK.sell
ALERT = DARK.alert
STAGED = DARK.staged
DARK_ORDER = DARK.dark_order
STALE = DARK.stale
ERROR = DARK.error
REFUSED = DARK.refused
WARNING = DARK.warning
PAPER = DARK.paper
REPLAY = DARK.replay
LIVE = DARK.live

_palette = DARK
_generation = 0

_TEXT_FAMILIES: Final = ("Inter", "SF Pro Text", "Segoe UI", "Noto Sans", "DejaVu Sans")


class _Changes(QObject):
    """Tells that another theme is on.

    Signals
    -------
    changed()
        All colours are others.
    """

    changed = pyqtSignal()


changes: Final = _Changes()


def use(name: str) -> None:
    """Put a theme on, ``dark`` or ``light``; every window follows at once.

    Raises
    ------
    ValueError
        If there is no such theme.
    """
    global _palette, _generation
    if name not in PALETTES:
        raise ValueError(f"there is no theme {name!r}; there are {', '.join(PALETTES)}")
    if name == _palette.name:
        return
    _palette = PALETTES[name]
    _generation += 1
    values = {name.upper(): value for name, value in _palette._asdict().items()}
    del values["NAME"]
    globals().update(values)
    app = QApplication.instance()
    if isinstance(app, QApplication) and app.styleSheet():
        app.setStyleSheet(stylesheet())
    changes.changed.emit()


def current() -> Literal["dark", "light"]:
    """Return the name of the theme that is on."""
    return _palette.name


def counterpart(name: str) -> str:
    """Return the colour of this theme for an indicator that has one of another theme's."""
    for palette in PALETTES.values():
        if name in palette.indicators:
            return _palette.indicators[palette.indicators.index(name)]
    return name


@cache
def color(name: str, alpha: float = 1.0) -> QColor:
    """Return a palette colour with an opacity from 0 to 1; do not change it, it is shared."""
    made = QColor(name)
    made.setAlphaF(alpha)
    return made


@cache
def brush(name: str, alpha: float = 1.0) -> QBrush:
    """Return a brush of a palette colour, likewise shared.

    A painter takes a brush in a sixth of the time that it takes to make one of a colour.
    """
    return QBrush(color(name, alpha))


def generation() -> int:
    """Return a number that is another one once the colours are others."""
    return _generation


def is_color(name: str) -> bool:
    """Tell whether a text names a colour."""
    return QColor.isValidColorName(name)


def badge_color(badge: str) -> str:
    """Return the colour of a badge such as ``REPLAY``; an unknown one is a warning."""
    return {"PAPER": PAPER, "REPLAY": REPLAY, "LIVE": LIVE}.get(badge.upper(), WARNING)


def mixed(name: str, share: float) -> QColor:
    """Return the opaque colour that ``share`` of a colour gives on the background."""
    front, back = QColor(name), QColor(BACKGROUND)
    parts = (
        round(f * share + b * (1 - share))
        for f, b in (
            (front.red(), back.red()),
            (front.green(), back.green()),
            (front.blue(), back.blue()),
        )
    )
    return QColor(*parts)


def text_font(pixels: int = 12, *, bold: bool = False) -> QFont:
    """Return the font of texts; its digits are all of one width."""
    font = QFont()
    font.setFamilies(list(_TEXT_FAMILIES))
    return _sized(font, pixels, bold)


def number_font(pixels: int = 12, *, bold: bool = False) -> QFont:
    """Return the system's monospace font, for numbers that stand in columns."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    return _sized(font, pixels, bold)


def _sized(font: QFont, pixels: int, bold: bool) -> QFont:
    font.setPixelSize(pixels)
    font.setBold(bold)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def stylesheet() -> str:
    """Return the Qt style sheet of the whole program, in the colours of the theme that is on."""
    return style_sheet(_palette)
