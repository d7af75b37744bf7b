"""A run in one file, ``<run_id>.json``: the ``file-system`` stores of magnus and runnable."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from magnus_tracking.runlog.file_names import ONE_FILE_SUFFIX
from magnus_tracking.runlog.json import parse_object
from magnus_tracking.runlog.outline import RunOutline, decode_run
from magnus_tracking.stores.files import read_as
from magnus_tracking.stores.formats.base import Format, RunHandle, changed_ns


class OneFile(Format):
    """See the module."""

    suffix = ONE_FILE_SUFFIX
    is_one_text = True

    def handle(self, name: str, path: str, info: os.stat_result) -> RunHandle | None:
        """See `Format.handle`."""
        if stat.S_ISDIR(info.st_mode) or not name.endswith(self.suffix):
            return None
        return RunHandle(name.removesuffix(self.suffix), path, self, info.st_size, changed_ns(info), info.st_ino)

    def owns(self, parts: Sequence[str]) -> bool:
        """See `Format.owns`."""
        return len(parts) == 1 and parts[0].endswith(self.suffix)

    def document(self, handle: RunHandle) -> dict[str, Any]:
        """See `Format.document`."""
        return read_as(handle.path, parse_object)

    def outline(self, handle: RunHandle, content: bytes | None = None) -> RunOutline:
        """See `Format.outline`."""
        return read_as(handle.path, decode_run, content)

    def main_file(self, path: Path) -> Path:
        """See `Format.main_file`."""
        return path


ONE_FILE = OneFile()
