"""What is recorded until it is finished: runs, branches, steps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Recorded(ABC):
    """Something that is recorded until `finish`, or until its context is left."""

    @abstractmethod
    def finish(self, error: BaseException | None = None) -> None:
        """End it; with an exception, it failed."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # An exception that only ends the program, with status 0, is not a failure.
        is_clean_exit = isinstance(error, SystemExit) and error.code in (None, 0)
        self.finish(None if is_clean_exit else error)
