"""A chart that draws nothing and lists what it was asked to draw."""

from ems.messages import BrokerdFill
from order_mode.chart_port import Level, UserQuestion
from order_mode.keymap import Keymap
from order_mode.line import Line, is_order


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
        self.near = 0
        self.turns = 0
        self.menus = 0
        self.exits_of: list[str] = []
        self.fills_shown = True
        self.range: float | None = None
        self.questions: dict[str, UserQuestion] = {}
        """By key, until they are answered."""

    @property
    def orders(self) -> dict[str, Line]:
        """The lines of orders."""
        return {key: line for key, line in self.lines.items() if is_order(key)}

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

    def lines_under_cursor(self) -> int:
        return self.near

    def mark_next_line(self) -> None:
        self.turns += 1

    def open_menu(self) -> None:
        self.menus += 1

    def open_exits(self, key: str) -> None:
        self.exits_of.append(key)

    def toggle_fills(self) -> None:
        self.fills_shown = not self.fills_shown

    def show_fill(self, fill: BrokerdFill) -> None:
        self.fills.append(fill)

    def atr(self) -> float | None:
        return self.range

    def notify(self, text: str, level: Level) -> None:
        self.notices.append((text, level))

    def ask(self, question: UserQuestion) -> None:
        before = self.questions.pop(question.key, None)
        if before is not None:
            before.answered(False)
        self.questions[question.key] = question

    def answer(self, key: str, yes: bool) -> None:
        """Answer a question."""
        self.questions.pop(key).answered(yes)

    def hold_view(self) -> None:
        self.held += 1

    def release_view(self) -> None:
        self.held -= 1

    def show_keys(self, keymap: Keymap) -> None:
        self.keys_shown = True

    def hide_keys(self) -> bool:
        shown, self.keys_shown = self.keys_shown, False
        return shown
