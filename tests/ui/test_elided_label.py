"""A label that gives way to what stands beside it."""

from PyQt6.QtWidgets import QHBoxLayout, QLabel, QWidget

from ui.elided_label import ElidedLabel


def test_it_gives_way_and_what_stands_beside_it_keeps_its_width(qtbot) -> None:
    title, beside = ElidedLabel(), QLabel("REPLAY, which must be read")
    title.setText("Apple, recorded minutes for trying things out, and more words than fit")
    row = QWidget()
    qtbot.addWidget(row)
    layout = QHBoxLayout(row)
    layout.addWidget(title)
    layout.addWidget(beside)
    row.resize(beside.sizeHint().width() + 150, 40)
    row.show()
    assert beside.width() >= beside.sizeHint().width()
    assert title.width() < title.sizeHint().width()
    assert title.toolTip() == title.text()


def test_a_text_that_fits_is_shown_whole(qtbot) -> None:
    title = ElidedLabel()
    qtbot.addWidget(title)
    title.setText("short")
    title.resize(title.sizeHint())
    title.show()
    whole = title.grab().toImage()
    title.resize(title.sizeHint().width() + 60, title.height())
    assert whole == title.grab().toImage().copy(whole.rect())
