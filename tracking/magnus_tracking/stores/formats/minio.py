"""A run in a folder of its own, ``<run_id>/<run_id>.json``: the ``minio`` store of runnable, also synced to a disk.

The text is JSON that holds JSON: the engine encodes its log twice.
"""

from __future__ import annotations

import json
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


class Minio(Format):
    """See the module."""

    def handle(self, name: str, path: str, info: os.stat_result) -> RunHandle | None:
        """See `Format.handle`."""
        if not stat.S_ISDIR(info.st_mode):
            return None
        try:
            about = os.stat(f"{path}/{name}{ONE_FILE_SUFFIX}")  # noqa: PTH116 - for every folder of a store
        except OSError:
            return None
        return RunHandle(name, path, self, about.st_size, changed_ns(about), about.st_ino)

    def owns(self, parts: Sequence[str]) -> bool:
        """See `Format.owns`."""
        return len(parts) == 2 and parts[1] == parts[0] + ONE_FILE_SUFFIX

    def document(self, handle: RunHandle) -> dict[str, Any]:
        """See `Format.document`."""
        return read_as(self.main_file(Path(handle.path)), lambda data: parse_object(_decoded(data)))

    def outline(self, handle: RunHandle, content: bytes | None = None) -> RunOutline:
        """See `Format.outline`."""
        return read_as(self.main_file(Path(handle.path)), lambda data: decode_run(_decoded(data)))

    def main_file(self, path: Path) -> Path:
        """See `Format.main_file`."""
        return path / f"{path.name}{ONE_FILE_SUFFIX}"


def _decoded(data: bytes) -> bytes:
    """Return the JSON text in a JSON text; a log that was encoded once, as a user's own copy may be, stays as it is.

    Raises:
        ValueError: it is not JSON.
    """
    if not data.lstrip().startswith(b'"'):
        return data
    # A lone half of a surrogate pair is a matter for the parser of the log.
    return str(json.loads(data)).encode("utf-8", "surrogatepass")


MINIO = Minio()
