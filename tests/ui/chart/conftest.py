"""The chart that most tests of it begin with."""

import pytest

from tests.ui.chart.recorded import market
from ui.chart import Chart


@pytest.fixture
def chart(qtbot):
    """A chart on the screen, with a market and no bars."""
    made = Chart()
    qtbot.addWidget(made)
    made.resize(1000, 600)
    made.set_market(market())
    with qtbot.waitExposed(made):
        made.show()
    return made
