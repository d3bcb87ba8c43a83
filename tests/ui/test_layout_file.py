"""Layouts on the disk: whole or not at all, private, and never in the way of a start."""

import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.chart import BarStyle
from ui.layout import ChartLayout, IndicatorLayout, Layout, WindowLayout
from ui.layout_file import LayoutFiles, LayoutNotKept

LAYOUT = Layout(
    window=WindowLayout(
        place=(1, 2, 900, 700), split=(600, 200), hidden_columns={"fills": ("Fee",)}
    ),
    charts=(
        ChartLayout(
            market="aapl.demo.replay",
            period_ns=60_000_000_000,
            style=BarStyle.HEIKIN_ASHI,
            indicators=(IndicatorLayout(kind="SMA", settings={"length": 33}, colors=("#123456",)),),
        ),
    ),
)


@pytest.fixture
def files(tmp_path):
    return LayoutFiles(tmp_path / "state" / "layout.json", tmp_path / "state" / "layouts")


def test_what_is_written_is_read(files):
    assert files.read() == Layout()
    files.write(LAYOUT)
    assert files.read() == LAYOUT


def test_nobody_else_can_read_them(files):
    files.write(LAYOUT)
    files.write_named("Two screens", LAYOUT)
    for file in (files.file, files.folder / "Two screens.json"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(files.file.parent.glob("*.json.*")) == []  # nothing half written is left


@given(garbage=st.binary(max_size=200))
def test_a_broken_file_is_set_aside_with_a_sentence(tmp_path_factory, garbage):
    folder = tmp_path_factory.mktemp("state")
    files = LayoutFiles(folder / "layout.json", folder / "layouts")
    files.file.write_bytes(b"no layout" + garbage)
    with pytest.raises(LayoutNotKept, match=r"layout\.json .*the usual layout is shown"):
        files.read()
    assert (folder / "layout.broken.json").read_bytes() == b"no layout" + garbage
    assert files.read() == Layout()


@pytest.mark.parametrize(
    "text", ['{"charts": [{"style": "Pies"}]}', '{"window": {"split": [-4]}}', "[]", ""]
)
def test_values_that_cannot_be_are_as_good_as_broken(files, text):
    files.file.parent.mkdir()
    files.file.write_text(text)
    with pytest.raises(LayoutNotKept, match="means nothing"):
        files.read()


def test_a_newer_file_with_more_in_it_is_read(files):
    files.file.parent.mkdir()
    files.file.write_text('{"charts": [{"market": "a.b", "smell": "roses"}], "phase": "moon"}')
    assert files.read().charts[0].market == "a.b"


def test_a_disk_that_refuses_keeps_the_old_file(files, tmp_path):
    files.write(LAYOUT)
    blocked = LayoutFiles(files.file / "below a file" / "layout.json", files.folder)
    with pytest.raises(LayoutNotKept, match="was not saved"):
        blocked.write(Layout())
    assert files.read() == LAYOUT


def test_named_ones_are_listed_replaced_and_deleted(files):
    assert files.names() == []
    files.write_named("scalping", Layout())
    files.write_named("Evening", LAYOUT)
    files.write_named("scalping", LAYOUT)
    assert files.names() == ["Evening", "scalping"]
    assert files.read_named("scalping") == LAYOUT
    files.remove_named("Evening")
    assert files.names() == ["scalping"]
    with pytest.raises(LayoutNotKept, match="Evening"):
        files.read_named("Evening")


@pytest.mark.parametrize("name", ["", "../layout", "a/b", ".hidden", "x" * 80])
def test_a_name_that_is_no_file_name_says_what_is(files, name):
    with pytest.raises(LayoutNotKept, match="is no name for a layout"):
        files.write_named(name, LAYOUT)


def test_the_first_chart_lends_its_look_to_markets_without_one():
    assert LAYOUT.chart_of("aapl.demo.replay") is LAYOUT.charts[0]
    assert LAYOUT.chart_of("eurusd.demo.replay") is LAYOUT.charts[0]
    assert Layout().chart_of("eurusd.demo.replay") == ChartLayout()
