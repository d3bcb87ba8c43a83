"""What a plot carries besides its data: items, children, and who listens to which signal."""

from collections.abc import Iterator

import pyqtgraph as pg
from PyQt6.QtCore import QMetaMethod, QObject
from PyQt6.QtWidgets import QApplication


def traces(plot: pg.PlotWidget) -> dict[str, object]:
    """Return all that order mode could leave behind on a plot."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    item = plot.plotItem
    objects: list[QObject] = [app, plot, plot.viewport(), plot.scene(), item, item.vb]
    objects += [item.ctrl.logYCheck, *(axis["item"] for axis in item.axes.values())]
    found: dict[str, object] = {
        "items of the scene": len(plot.scene().items()),
        "items of the pane": len(item.vb.childItems()),
        "top level widgets": len(app.topLevelWidgets()),
        "cursor": plot.viewport().cursor().shape(),
        "auto range": list(item.vb.autoRangeEnabled()),
        "mouse tracking": plot.viewport().hasMouseTracking(),
        "focus policy": plot.focusPolicy(),
    }
    for one in objects:
        name = type(one).__name__
        found[f"children of {name}"] = len(one.children())
        for signal, count in listeners(one):
            found[f"{name}.{signal}"] = count
    return found


def listeners(one: QObject) -> Iterator[tuple[str, int]]:
    """Yield each signal of an object that somebody listens to, and how many do."""
    meta = one.metaObject()
    assert meta is not None
    for number in range(meta.methodCount()):
        method = meta.method(number)
        if method.methodType() != QMetaMethod.MethodType.Signal:
            continue
        name = bytes(method.name()).decode()
        signature = bytes(method.methodSignature()).decode()
        bound = getattr(one, name, None)
        try:
            count = 0 if bound is None else one.receivers(bound)
        except (RuntimeError, TypeError):  # not made in Python, or a signal that has no name there
            continue
        if count:
            yield signature, count
