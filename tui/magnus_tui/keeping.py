"""What the user chose, on its way into the settings file: kept at once, written off the event loop."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from magnus_tui import settings


class SettingsKeeper:
    """Writes choices into a settings file, in the order in which they were made.

    Args:
        file: the settings file.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._waiting: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._writing = threading.Lock()

    def keep(self, **changes: Any) -> None:
        """Take over choices, to be written by the next `write`; does not block."""
        with self._lock:
            self._waiting.update(changes)

    def write(self) -> None:
        """Write what has not been written yet; blocks, so it is called from threads of their own.

        Raises:
            ConfigurationError: the file can't be written, or is no TOML.
        """
        with self._writing:
            with self._lock:
                changes, self._waiting = self._waiting, {}
            if changes:
                settings.remember(self._file, **changes)
