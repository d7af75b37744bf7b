"""What happens when recording fails while the user's work goes on."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from magnus_tracking.errors import RecordingError, RecordingWarning


class OnError(StrEnum):
    """Whether a failure to record is raised where it happens, or told once as a warning."""

    RAISE = "raise"
    WARN = "warn"


class Failures:
    """Reports failures as the user asked: raised, or warned of once for each kind.

    Attributes:
        on_error: which of the two.
    """

    def __init__(self, on_error: OnError = OnError.WARN) -> None:
        self.on_error = on_error
        self._told: set[str] = set()
        self._held = threading.local()

    def report(self, message: str, cause: BaseException | None = None) -> None:
        """Tell the user of a failure.

        Raises:
            RecordingError: failures are raised.
        """
        if self.on_error is OnError.RAISE:
            error = RecordingError(message)
            error.__cause__ = cause
            held: list[RecordingError] | None = getattr(self._held, "errors", None)
            if held is None:
                raise error
            held.append(error)
            return
        if message not in self._told:
            self._told.add(message)
            warnings.warn(message, RecordingWarning, stacklevel=2)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let everything be done in this thread that is to be done, and raise the first failure at the end.

        Raises:
            RecordingError: a failure was reported meanwhile, and failures are raised.
        """
        if getattr(self._held, "errors", None) is not None:
            yield
            return
        errors: list[RecordingError] = []
        self._held.errors = errors
        try:
            yield
        finally:
            self._held.errors = None
        if len(errors) > 1:
            raise RecordingError("; ".join(dict.fromkeys(map(str, errors)))) from errors[0]
        if errors:
            raise errors[0]
