"""What happens when recording fails while the user's work goes on."""

from __future__ import annotations

import warnings
from enum import StrEnum

from magnus_tracking.errors import RecordingError


class RecordingWarning(UserWarning):
    """Something of a run could not be recorded, and the work goes on."""


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

    def report(self, message: str, cause: BaseException | None = None) -> None:
        """Tell the user of a failure.

        Raises:
            RecordingError: failures are raised.
        """
        if self.on_error is OnError.RAISE:
            raise RecordingError(message) from cause
        if message not in self._told:
            self._told.add(message)
            warnings.warn(message, RecordingWarning, stacklevel=2)
