"""pyqtgraph must run on PyQt6 here: items of two Qt bindings cannot meet on one plot."""

from ems.errors import EmsError


def check_qt_binding() -> None:
    """Do nothing, or say why order mode cannot be on the plots of this program.

    Raises
    ------
    EmsError
        If pyqtgraph runs on another binding, as it does once that was imported first.
    """
    import pyqtgraph

    binding = pyqtgraph.Qt.QT_LIB
    if binding != "PyQt6":
        raise EmsError(
            f"pyqtgraph runs on {binding} in this program, and order mode is made of PyQt6: items "
            "of two bindings cannot meet on one plot. If the program works with PyQt6 too, import "
            "PyQt6 before pyqtgraph; else open an ordermode window beside it"
        )
