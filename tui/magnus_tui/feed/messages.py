"""What the feed tells the screens, named in the past tense after what happened."""

from __future__ import annotations

from textual.message import Message


class RunsChanged(Message):
    """Some runs of the store were found to be new, changed or gone.

    Attributes:
        changed: ids of runs that are new or changed.
        removed: ids of runs that are gone.
        done: how many of the runs to be read have been read.
        total: how many there are to be read; `done` equals it when the work is finished.
    """

    def __init__(self, changed: frozenset[str], removed: frozenset[str], done: int, total: int) -> None:
        super().__init__()
        self.changed = changed
        self.removed = removed
        self.done = done
        self.total = total


class StoreFailed(Message):
    """The store, or the cache beside it, could not be used as wished; the notice says why and what follows."""

    def __init__(self, notice: str) -> None:
        super().__init__()
        self.notice = notice


class CopyChanged(Message):
    """The state of the copy of a store that lies elsewhere has changed.

    Attributes:
        said: what is going on, in a few words; empty when the copy is up to date.
        problem: why it can't be brought up to date, in one line; None where nothing is amiss.
    """

    def __init__(self, said: str, problem: str | None) -> None:
        super().__init__()
        self.said = said
        self.problem = problem


class StoreSeen(Message):
    """The store was found to be gone, or to be there again.

    Attributes:
        said: what became of it, for the user.
        is_there: whether it is there.
    """

    def __init__(self, said: str, is_there: bool) -> None:
        super().__init__()
        self.said = said
        self.is_there = is_there
