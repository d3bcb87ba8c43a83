"""A chart that draws nothing and lists what it was asked to draw."""

from ems.messages import BrokerdFill
from order_mode.chart_port import Level
from order_mode.keymap import Keymap
from order_mode.line import Line


class ListedChart:
    """An `order_mode.chart_port.ChartPort`."""

    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}
        self.fills: list[BrokerdFill] = []
        self.notices: list[tuple[str, Level]] = []
        self.marked: str | None = None
        self.held = 0
        """How many holds of the view were not given back."""
        self.keys_shown = False

    @property
    def orders(self) -> dict[str, Line]:
        """The lines but for the staged one."""
        return {key: line for key, line in self.lines.items() if key != "staged"}

    @property
    def told(self) -> str:
        """All notices, one a line."""
        return "\n".join(text for text, _ in self.notices)

    def show_line(self, line: Line) -> None:
        self.lines[line.key] = line

    def remove_line(self, key: str) -> None:
        self.lines.pop(key, None)

    def line_under_cursor(self) -> str | None:
        return self.marked

    def show_fill(self, fill: BrokerdFill) -> None:
        self.fills.append(fill)

    def notify(self, text: str, level: Level) -> None:
        self.notices.append((text, level))

    def hold_view(self) -> None:
        self.held += 1

    def release_view(self) -> None:
        self.held -= 1

    def show_keys(self, keymap: Keymap) -> None:
        self.keys_shown = True

    def hide_keys(self) -> bool:
        shown, self.keys_shown = self.keys_shown, False
        return shown
