"""How fast the chart is, as ratios to a floor: `python -m bench.chart`, see `--help`.

`ref` is the floor: a 1600x900 image cleared and 1,600 one-pixel columns filled by one
`drawRects`. A ratio of 3 means that a frame takes as long as three of these.
"""

import argparse
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PyQt6.QtWidgets import QApplication

from bench.first_frame import first_frames
from bench.floor import Floor
from bench.frames import Figure, measure
from bench.memory import bytes_a_bar
from bench.ours import Ours
from bench.rivals import FinplotChart, PictureChart, Rival, has_finplot
from bench.scaling import scaling
from bench.tick_frames import ticks_a_second

COMMITTED = Path(__file__).with_name("chart.json")
COUNTS = (10_000, 1_000_000, 5_000_000)
WINDOWS = (200, 2_000, 20_000)
GATES = {"pan": 3.5, "zoom": 5.0, "tick": 0.5, "window pan": 8.0, "drag": 1.0, "200 lines": 0.7}
_PICTURE_FRAMES = 3

Figures = dict[str, Figure]


def candles_and_axes(floor: Floor, count: int) -> Figures:
    """Measure pan, zoom and tick of candles and axes, at every window."""
    ours = Ours(count, volume=False)
    figures: Figures = {}
    for window in [*(w for w in WINDOWS if w < count), count]:
        name = f"{count:,} bars, {'all' if window == count else f'{window:,}'} in view"
        ours.show(window)
        figures[f"pan · {name}"] = measure(floor, ours.pan)
        figures[f"zoom · {name}"] = measure(floor, ours.zoom)
        ours.show(window, newest=True)
        figures[f"tick · {name}"] = measure(floor, ours.tick)
    ours.close()
    return figures


def whole_window(floor: Floor, count: int) -> Figures:
    """Measure the window with volume, averages, order lines, crosshair and legend."""
    figures: Figures = {}
    for window in [*WINDOWS, count]:
        ours = Ours(count, volume=True)
        ours.show(window)
        ours.add_averages()
        ours.add_lines(20)
        ours.aim()
        name = f"{count:,} bars, {'all' if window == count else f'{window:,}'} in view"
        figures[f"window pan · {name}"] = measure(floor, ours.pan)
        figures[f"window zoom · {name}"] = measure(floor, ours.zoom)
        ours.show(window, newest=True)
        figures[f"window tick · {name}"] = measure(floor, ours.tick)
        ours.close()
    return figures


def order_lines(floor: Floor, count: int) -> Figures:
    """Measure what 200 order lines add to a pan, and the drag of one."""
    ours = Ours(count, volume=False)
    ours.show(2_000)
    without = measure(floor, ours.pan)
    ours.add_lines(200)
    with_lines = measure(floor, ours.pan)
    added = Figure(with_lines.ms - without.ms, with_lines.ratio - without.ratio, with_lines.worst)
    figures = {"200 lines · added to a pan": added, "drag · one of 200": measure(floor, ours.drag)}
    ours.close()
    return figures


def rival(floor: Floor, name: str, chart: Rival, frames: int) -> Figures:
    """Measure another chart in the same steps."""
    figures: Figures = {}
    most = len(chart.bars) // 2  # it moves to the left, and finplot not beyond its bars
    for window, shown in ((200, "200"), (2_000, "2,000"), (most, "all")):
        chart.show(window)
        figures[f"{name} pan · {shown} in view"] = measure(floor, chart.pan, frames)
    chart.show(200)
    figures[f"{name} tick · 200 in view"] = measure(floor, chart.tick, min(frames, 10))
    chart.close()
    return figures


def rivals(floor: Floor, count: int) -> Figures:
    """Measure finplot, where it is installed, and the usual QPicture item."""
    figures: Figures = {}
    if has_finplot():
        figures |= rival(floor, "finplot", FinplotChart(count), 10)
    else:
        print("finplot is not installed here: make bench does that", file=sys.stderr)
    return figures | rival(floor, "QPicture", PictureChart(count), _PICTURE_FRAMES)


def print_table(figures: Figures) -> None:
    """Print the figures, with a mark where one is over its gate."""
    print(f"{'':58}{'ms':>9}{'x ref':>9}{'worst':>8}  gate")
    for name, figure in figures.items():
        gate = GATES.get(name.split(" · ")[0])
        verdict = "" if gate is None else f"  {gate:g}" + (" over" if figure.ratio > gate else "")
        print(f"{name:58}{figure.ms:9.3f}{figure.ratio:9.2f}{figure.worst:8.1f}{verdict}")


def print_comparison(figures: Figures, count: int) -> None:
    """Print how many times faster than finplot we are."""
    for window in ("200", "2,000", "all"):
        theirs = figures.get(f"finplot pan · {window} in view")
        ours = figures.get(f"pan · {count:,} bars, {window} in view")
        if theirs is not None and ours is not None:
            times, gate = theirs.ratio / ours.ratio, 25 if window == "200" else 50
            verdict = "  under" if times < gate else ""
            print(f"pan · {window} in view: {times:.0f}x faster than finplot  {gate}{verdict}")
    theirs = figures.get("finplot tick · 200 in view")
    if theirs is not None:
        times = theirs.ratio / figures[f"tick · {count:,} bars, 200 in view"].ratio
        print(f"tick: {times:.0f}x faster than finplot  500{'  under' if times < 500 else ''}")


def main() -> None:
    """Measure, print, and write what was found if a file is named."""
    parser = argparse.ArgumentParser(prog="python -m bench.chart", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="no rivals, no 5,000,000 bars")
    parser.add_argument("--write", type=Path, help=f"JSON file to write, as {COMMITTED.name}")
    options = parser.parse_args()
    application = QApplication.instance() or QApplication([])
    floor = Floor()
    print(f"ref: {floor.time_ms(200):.3f} ms")
    figures: Figures = {}
    for count in COUNTS[:2] if options.quick else COUNTS:
        figures |= candles_and_axes(floor, count)
    figures |= whole_window(floor, COUNTS[1])
    figures |= order_lines(floor, COUNTS[1])
    if not options.quick:
        figures |= rivals(floor, COUNTS[1])
    print_table(figures)
    print_comparison(figures, COUNTS[1])
    if not options.quick:
        print(*scaling(floor, COUNTS[0], COUNTS[2]), sep="\n")
    ours = Ours(COUNTS[1], volume=True)
    rate, busy = ticks_a_second(ours, 5.0)
    print(f"10,000 ticks a second: {rate:.1f} frames a second, {busy:.0%} of a core")
    ours.close()
    print(f"memory: {bytes_a_bar(COUNTS[1]):.1f} bytes a bar")
    for line in first_frames():
        print(line)
    if options.write is not None:
        ratios = {name: round(figure.ratio, 3) for name, figure in figures.items()}
        options.write.write_text(json.dumps(ratios, indent=2, ensure_ascii=False) + "\n")
    del application


if __name__ == "__main__":
    main()
