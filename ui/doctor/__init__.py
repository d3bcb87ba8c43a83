"""``ordermode doctor``: looks at all that the program stands on, and says how to mend it.

It imports no Qt, which may be what is broken, and it changes nothing.
"""

from ui.doctor.examination import examine

__all__ = ["examine"]
