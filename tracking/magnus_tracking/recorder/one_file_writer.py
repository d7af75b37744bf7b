"""Writing runs as one JSON file each, and runs that stay in memory."""

from __future__ import annotations

import json
import tempfile
import threading
from pathlib import Path
from typing import TypeVar

from magnus_tracking.filesystem.regular_files import read_bytes
from magnus_tracking.journal.journal_paths import journal_folder, times_file
from magnus_tracking.recorder.atomic_files import locked, replace_file
from magnus_tracking.recorder.documents import Document, dump
from magnus_tracking.recorder.run_writer import Change, DocumentLog, RunWriter
from magnus_tracking.runlog.file_names import ONE_FILE_SUFFIX

T = TypeVar("T")


class FileSystemWriter(RunWriter):
    """A run in ``<root>/<run_id>.json``, replaced whole at every change."""

    def __init__(self, root: Path, run_id: str) -> None:
        side, times = (find(root, run_id, chunked=False) for find in (journal_folder, times_file))
        super().__init__(run_id, side, times)
        self.path = root / f"{run_id}{ONE_FILE_SUFFIX}"
        self._root = root
        self._last: Document | None = None
        self._seen: tuple[int, int, int] | None = None

    def create(self, document: Document) -> bool:
        """See `RunWriter.create`."""
        self._root.mkdir(parents=True, exist_ok=True)
        try:
            self.side.mkdir()
        except FileExistsError:
            return False
        if self.exists():
            self.side.rmdir()
            return False
        # Of a run of this id whose log somebody removed.
        times_file(self._root, self.run_id, chunked=False).unlink(missing_ok=True)
        self._write(document)
        return True

    def exists(self) -> bool:
        """See `RunWriter.exists`."""
        return self.path.exists() or (self._root / self.run_id).exists()

    def _commit(self, earlier: list[Change[object]], change: Change[T]) -> T:
        with locked(self.side):
            document = self._read()
            # What a change that fails leaves half done must not be taken for what is in the file.
            self._seen = None
            log = DocumentLog(document)
            for before in earlier:
                before(log)
            result = change(log)
            self._write(document)
            return result

    def _log(self) -> DocumentLog:
        return DocumentLog(self._read())

    def _read(self) -> Document:
        try:
            stamp = self._stamp()
            if self._last is not None and stamp == self._seen:
                return self._last
            document: Document = json.loads(read_bytes(self.path))
        except FileNotFoundError:
            if self._last is None:
                raise
            # Somebody removed the file; what this process knows of the run is better than losing it.
            return self._last
        self._last = document
        return document

    def _write(self, document: Document) -> None:
        replace_file(self.path, dump(document), self.side)
        self._last = document
        self._seen = self._stamp()

    def _stamp(self) -> tuple[int, int, int]:
        info = self.path.stat()
        return info.st_ino, info.st_mtime_ns, info.st_size


class BufferedWriter(RunWriter):
    """A run that is never stored; only its journals are files, in the system's temporary folder."""

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id, Path(tempfile.mkdtemp(prefix="magnus-tracking-")), None)
        self.document: Document = {}
        self._lock = threading.Lock()

    def create(self, document: Document) -> bool:
        """See `RunWriter.create`."""
        self.document = document
        return True

    def exists(self) -> bool:
        """See `RunWriter.exists`."""
        return bool(self.document)

    def _log(self) -> DocumentLog:
        return DocumentLog(self.document)

    def _commit(self, earlier: list[Change[object]], change: Change[T]) -> T:
        with self._lock:
            log = DocumentLog(self.document)
            for before in earlier:
                before(log)
            return change(log)
