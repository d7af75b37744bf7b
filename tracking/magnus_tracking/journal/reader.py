"""Reading journals while they grow."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from magnus_tracking.errors import UnreadableRunError
from magnus_tracking.filesystem.regular_files import open_regular
from magnus_tracking.journal.fold import Fold
from magnus_tracking.journal.format import Header, Record, decode_header, decode_records
from magnus_tracking.journal.journal_paths import find_journals
from magnus_tracking.runlog.times import local_time, parse_time

if TYPE_CHECKING:
    from magnus_tracking.journal.overlays import Tracked

DEFAULT_LIMIT = 1024 * 1024
"""Bytes that one call of `JournalReader.read_new` reads unless it is told otherwise."""

NO_JOURNAL = "its first line is not a header of a journal"


class JournalReader:
    """One journal, read from where the last reading ended.

    Attributes:
        path: the file.
        header: what the journal is about; None until its first line was read, or where it is not a journal.
        offset: bytes that have been read, whole lines only.
        damaged: lines that were not records, and were passed over.
        gone: whether the file was not there at the last reading: its attempt has ended, and the metrics are in the
            run log.
        at_end: whether the last reading reached the end of what was complete.
        problem: why this is not a journal; None where it is one, or nothing was read yet.
    """

    def __init__(self, path: Path, *, without_msgspec: bool = False) -> None:
        """Make a reader; nothing is read yet.

        Args:
            path: the file.
            without_msgspec: a process that tracks does not import it, though it reads twice as fast.
        """
        self.path = path
        self._without_msgspec = without_msgspec
        self.header: Header | None = None
        self.offset = 0
        self.damaged = 0
        self.gone = False
        self.at_end = False
        self.problem: str | None = None
        self._is_damaged = False
        self._last_ms: int | None = 0

    def read_new(self, limit: int = DEFAULT_LIMIT) -> list[Record]:
        """The records that were appended since the last call, of at most about `limit` bytes.

        A last line without its newline is not yet there. A line longer than `limit` is read whole.
        """
        if self.problem is not None:
            return []
        data = self._read(limit)
        complete = data.rfind(b"\n") + 1
        if not complete:
            return []
        self.offset += complete
        data = data[: complete - 1]
        if self.header is None:
            first, _, data = data.partition(b"\n")
            try:
                self.header = decode_header(first)
            except ValueError as error:
                self.problem = str(error)
                self._is_damaged = True
            else:
                self.problem = NO_JOURNAL if self.header is None else None
            if self.problem is not None:
                return []
        lines = [line for line in data.split(b"\n") if line]
        records = None if self._without_msgspec else _decode_plain_lines(data, len(lines))
        if records is None:
            records, damaged = decode_records(lines)
            self.damaged += damaged
        if records:
            self._last_ms = records[-1].ms
        below = self.header.below if self.header is not None else ""
        return [Record(f"{below}.{name}", *rest) for name, *rest in records] if below else records

    def last_sign(self, modified: float) -> datetime | None:
        """When the journal was last written to, as far as it was read, naive local time; None where nobody can tell.

        It tells that itself, as the time of a file is new in a copy.

        Args:
            modified: when the file was, in seconds since the epoch: what counts where values have no times, or later
                ones, by a clock that is ahead.
        """
        opened, written = parse_time(self.header.time) if self.header is not None else None, local_time(modified)
        if opened is None or self._last_ms is None:
            return written
        try:
            tracked = opened + timedelta(milliseconds=self._last_ms)
        except OverflowError:
            return written
        return written if written is not None and opened <= written < tracked else tracked

    def _read(self, limit: int) -> bytes:
        try:
            descriptor, _ = open_regular(self.path)
        except OSError:
            self.gone = True
            return b""
        try:
            self.gone = False
            self.at_end = False
            data = bytearray()
            os.lseek(descriptor, self.offset, os.SEEK_SET)
            while chunk := os.read(descriptor, limit):
                data += chunk
                if b"\n" in chunk:
                    return bytes(data)
            self.at_end = True
            return bytes(data)
        except OSError:
            self.gone = True
            return b""
        finally:
            os.close(descriptor)

    def read_all(self) -> Iterator[list[Record]]:
        """Everything from where the last reading ended, in bounded parts; nothing of what is not a journal at all.

        Raises:
            UnreadableRunError: it is a journal whose header can't be understood.
        """
        while True:
            before = self.offset
            records = self.read_new()
            if self._is_damaged:
                raise UnreadableRunError(self.path, self.problem or NO_JOURNAL)
            if self.offset == before:
                return
            yield records


def _decode_plain_lines(data: bytes, count: int) -> list[Record] | None:
    from magnus_tracking.journal.plain_lines import decode_plain_lines

    return decode_plain_lines(data, count)


def read_in_flight(root: Path, run_id: str) -> list[Tracked[dict[str, Any]]]:
    """All journals of a run, oldest first, with metrics as their attempt's `user_defined_metrics` would be.

    Args:
        root: the folder that holds the run logs.
        run_id: the run.

    Raises:
        UnreadableRunError: the header of one can't be understood.
    """
    from magnus_tracking.journal.overlays import Tracked  # late: a process that tracks reads journals without it

    found = []
    for path in find_journals(root, run_id):
        reader = JournalReader(path)
        fold = Fold()
        for records in reader.read_all():
            fold.add(records)
        try:
            last_sign = reader.last_sign(path.stat().st_mtime)
        except OSError:
            continue
        if reader.header is not None:
            found.append(Tracked(reader.header, fold.metrics(), last_sign))
    return found
