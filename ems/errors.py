"""The errors of the EMS.

    EmsError                what a user can mend: the text says what, where and what to do
    ├── BadMessage          bytes that are none of our messages
    ├── UnknownMarket       no backend knows this fqsn
    ├── UnknownAccount      no backend has this account
    ├── BadHistory          market data that cannot be read
    ├── MissingLibrary      a part of the program that was not installed with it
    ├── JournalLocked       another process has the journal
    ├── JournalUnreadable   not ours to open: rights, or a newer version wrote it
    ├── JournalDamaged      the journal is damaged; `ems.journal_recovery` sets it aside
    └── JournalWriteError   the disk refused a record; nothing was accepted

Everything else that is raised is a bug and is shown with its traceback.
"""


class EmsError(Exception):
    """An error whose text is written for the user."""


class BadMessage(EmsError):
    """Bytes do not decode to one of our messages."""


class UnknownMarket(EmsError):
    """No backend knows the market of this fqsn."""


class UnknownAccount(EmsError):
    """No backend trades for this account."""


class BadHistory(EmsError):
    """A file or answer with market data cannot be used."""


class MissingLibrary(EmsError, ImportError):
    """A library of an optional part is not installed."""


class JournalLocked(EmsError):
    """Another running program holds the journal."""


class JournalUnreadable(EmsError):
    """The journal cannot be opened, though nothing says that it is damaged."""


class JournalDamaged(EmsError):
    """The journal is damaged."""


class JournalWriteError(EmsError):
    """A record could not be written to the journal."""
