"""Both themes: can be read, can be told apart by all eyes, and are whole at run time."""

import numpy as np
import pytest
from PyQt6.QtGui import QColor, QImage

from ems.ticks import Quote
from order_mode.line import Label, Line, LineStyle
from tests.ui.chart.recorded import MINUTE, market, walk
from ui import theme
from ui.chart import BarStyle, Bollinger, Chart, Macd, Rsi, Sma, Volume
from ui.order_lines import OrderLines
from ui.palettes import DARK, LIGHT

PALETTES = [DARK, LIGHT]

# How colours look to those who lack one kind of cone: Machado, Oliveira and Fernandes, 2009.
DEUTERANOPIA = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)
PROTANOPIA = np.array(
    [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]
)
TRITANOPIA = np.array(
    [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ]
)
EYES = {"deutan": DEUTERANOPIA, "protan": PROTANOPIA, "tritan": TRITANOPIA, "usual": np.eye(3)}


@pytest.fixture(autouse=True)
def _dark_again():
    yield
    theme.use("dark")


def linear(name):
    color = QColor(name)
    share = np.array([color.redF(), color.greenF(), color.blueF()])
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(one, other, eyes):
    """How far apart two colours are: 2 can just be told apart side by side."""
    return float(np.linalg.norm(lab(eyes @ linear(one)) - lab(eyes @ linear(other))))


def contrast(one, other):
    light = sorted(float(linear(name) @ [0.2126, 0.7152, 0.0722]) for name in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("palette", PALETTES, ids=lambda one: one.name)
@pytest.mark.parametrize(
    ("one", "other"),
    [("up", "down"), ("buy", "sell"), ("up_volume", "down_volume"), ("up_text", "down_text")],
)
def test_up_and_down_are_apart_for_all_eyes(palette, eyes, one, other):
    least = 8 if "volume" in one else 15
    assert apart(getattr(palette, one), getattr(palette, other), EYES[eyes]) > least


@pytest.mark.parametrize("palette", PALETTES, ids=lambda one: one.name)
def test_words_can_be_read(palette):
    for ground in (palette.background, palette.panel, palette.raised):
        assert contrast(palette.text, ground) > 7
        assert contrast(palette.text_muted, ground) > 4.5
    for words in (palette.up_text, palette.down_text, palette.warning, palette.error):
        assert contrast(words, palette.panel) > 4.5
    for tag in (palette.up, palette.down, palette.buy, palette.sell, palette.paper, palette.accent):
        assert contrast(palette.ink, tag) > 4
    for line in palette.indicators:
        assert contrast(line, palette.background) > 4


def test_an_unknown_theme_says_which_there_are():
    with pytest.raises(ValueError, match="dark, light"):
        theme.use("pink")


def test_every_colour_is_that_of_the_palette():
    for palette in (LIGHT, DARK):
        theme.use(palette.name)
        for name, value in palette._asdict().items():
            if name != "name":
                assert getattr(theme, name.upper()) == value


def made_chart(qtbot, style):
    chart = Chart()
    qtbot.addWidget(chart)
    chart.resize(900, 620)
    chart.set_market(market(badge="REPLAY", source="made up"))
    chart.set_bars(walk(900), MINUTE)
    chart.set_bar_style(style)
    for formula in (Sma(20), Bollinger(), Volume(), Rsi(), Macd()):
        chart.add_indicator(formula)
    last = chart.series.bar(chart.series.last_x)
    chart.on_ticks([Quote(last.time_ns, last.close - 0.2, last.close + 0.2)])
    chart.show()
    qtbot.waitExposed(chart)
    return chart


def shown(chart):
    chart.catch_up()
    return chart.grab().toImage()


def same(one, other):
    """Tell whether two pictures are, but for what a font's cache rounds."""
    if one.size() != other.size():
        return False
    pixels = []
    for image in (one, other):
        rgb = image.convertToFormat(QImage.Format.Format_RGB32)
        memory = rgb.constBits().asarray(rgb.sizeInBytes())
        pixels.append(np.frombuffer(memory, np.uint8).astype(int))
    return int(np.abs(pixels[0] - pixels[1]).max()) <= 3


@pytest.mark.parametrize("style", BarStyle)
@pytest.mark.parametrize("bars", [60, 900])
def test_a_theme_put_on_later_looks_as_if_it_had_been_on(qtbot, style, bars):
    chart = made_chart(qtbot, style)
    last = chart.series.last_x
    chart.view.show_bars(last - bars, last + 5)
    dark = shown(chart)
    theme.use("light")
    fresh = made_chart(qtbot, style)
    fresh.view.show_bars(last - bars, last + 5)
    assert same(shown(chart), shown(fresh))
    theme.use("dark")
    assert same(shown(chart), dark)


def test_order_lines_and_their_labels_follow_the_theme(qtbot):
    images = []
    for before in (False, True):
        theme.use("dark" if before else "light")
        chart = made_chart(qtbot, BarStyle.CANDLES)
        lines = OrderLines(chart.view)
        price = chart.series.close[-1]
        for number, style in enumerate(LineStyle):
            label = Label(side="BUY", size="3", price=f"{price:.2f}")
            lines.show_line(
                Line(
                    key=str(number),
                    price=round(price - 0.1 * number, 2),
                    action="buy",
                    style=style,
                    label=label,
                )
            )
        shown(chart)
        theme.use("light")
        images.append(shown(chart))
    assert same(*images)
