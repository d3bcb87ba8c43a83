"""What a chart must offer to order mode."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from ems.messages import BrokerdFill
from order_mode.keymap import Keymap
from order_mode.line import Line

Level: TypeAlias = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class UserQuestion:
    """What the user is asked before something is done."""

    key: str
    """What it is about; one with the same key that is not answered is taken back, as a no."""
    title: str
    """What would be done."""
    text: str
    """What is asked about it."""
    answered: Callable[[bool], None]
    """Called once, with True for yes; no answer within a while is a no."""
    again: Sequence[str] = ()
    """Key texts of what asked: pressed once more, they are a yes too."""


class ChartPort(Protocol):
    """A chart of one market, as order mode sees it. All of it is called from the GUI's thread."""

    def show_line(self, line: Line) -> None:
        """Draw the line; one with the same key is replaced."""

    def remove_line(self, key: str) -> None:
        """Draw this line no more; a key that is not shown is no error."""

    def line_under_cursor(self) -> str | None:
        """Return the key of the line that the chart has marked, None if there is none."""

    def lines_under_cursor(self) -> int:
        """Return how many lines are so near to the cursor that any of them may be meant."""

    def mark_next_line(self) -> None:
        """Mark the next of the lines under the cursor."""

    def open_menu(self) -> None:
        """Open the menu of the marked line; else, of the price at the cursor."""

    def open_exits(self, key: str) -> None:
        """Open the menu of the exits that the line can have."""

    def toggle_fills(self) -> None:
        """Hide the fills, or show them again."""

    def show_fill(self, fill: BrokerdFill) -> None:
        """Draw the execution at its time and price."""

    def atr(self) -> float | None:
        """Return the average true range of the bars, points of price; None if it is not known."""

    def notify(self, text: str, level: Level) -> None:
        """Tell the user a sentence without stopping the work."""

    def ask(self, question: UserQuestion) -> None:
        """Ask the user a question without stopping the work."""

    def hold_view(self) -> None:
        """Stop every automatic scale and scroll until `release_view`."""

    def release_view(self) -> None:
        """Allow automatic scale and scroll again."""

    def show_keys(self, keymap: Keymap) -> None:
        """Show the keys over the chart."""

    def hide_keys(self) -> bool:
        """Hide the keys again; return False if they were not shown."""
