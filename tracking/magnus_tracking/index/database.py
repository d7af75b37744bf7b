"""The SQLite file of an index: its connections, its schema, and what happens when it can't be used.

A file that is corrupt, of another schema, deleted or locked away costs a new start and nothing else: what is in it can
be made again from the store. Without a folder that may be written, the same tables are kept in memory.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import uuid
import zlib
from collections.abc import Iterator
from pathlib import Path

from magnus_tracking.runlog.metric_summary import LAST_ONLY, PROVISIONAL
from magnus_tracking.runlog.summary import MetricSummary, RunSummary, StepCounts

_REVISION = 9
"""To be raised whenever the tables, or the meaning of what summaries hold, change."""

_STRUCTS = (RunSummary, MetricSummary, StepCounts)
SCHEMA_VERSION = zlib.crc32(repr((_REVISION, [struct.__struct_fields__ for struct in _STRUCTS])).encode()) >> 1
"""Tells the tables and the fields of a summary; an index of another version is made anew."""

BUSY_SECONDS = 10.0

_CHECKPOINT_PAGES = 8000
"""Pages of 4 KB that are written aside before they are brought together with the others and wait for the disk."""

_SCHEMA = f"""
CREATE TABLE state (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    name BLOB NOT NULL UNIQUE,
    fingerprint INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    patched INTEGER NOT NULL,
    depth INTEGER NOT NULL,
    unfinished INTEGER NOT NULL,
    summary BLOB NOT NULL
);
CREATE INDEX runs_by_generation ON runs (generation);
CREATE INDEX runs_patched ON runs (id) WHERE patched;
CREATE INDEX runs_provisional ON runs (id) WHERE depth = {PROVISIONAL};
CREATE INDEX runs_last_only ON runs (id) WHERE depth = {LAST_ONLY};
CREATE INDEX runs_unfinished ON runs (id) WHERE unfinished;
CREATE INDEX runs_unsettled ON runs (id) WHERE fingerprint = 0;
CREATE TABLE segments (field TEXT NOT NULL, first INTEGER NOT NULL, content BLOB NOT NULL);
CREATE UNIQUE INDEX segments_by_field ON segments (field, first);
CREATE INDEX segments_by_row ON segments (first);
CREATE TABLE statuses (status TEXT PRIMARY KEY, runs INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE names (name TEXT PRIMARY KEY, runs INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE longest (pipeline TEXT, step TEXT, seconds REAL NOT NULL, PRIMARY KEY (pipeline, step)) WITHOUT ROWID;
INSERT INTO state VALUES ('generation', 0);
PRAGMA user_version = {SCHEMA_VERSION};
"""


class Database:
    """One SQLite database, with a connection of its own for each thread.

    A thread alone closes its connection, as it ends at the latest: closing one that another thread is using takes the
    whole process down (CPython 3.11).

    Attributes:
        path: the file; None for a database in memory.
        version: grows whenever the database is made anew, so that what was kept of its content can be dropped.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.version = 0
        self._threads = threading.local()
        self._repairing = threading.Lock()
        self._uri = self._new_uri()
        self._anchor: sqlite3.Connection | None = None
        self._prepare()

    def connection(self) -> sqlite3.Connection:
        """The calling thread's connection.

        Raises:
            sqlite3.Error: the database can't be opened.
        """
        held: tuple[int, sqlite3.Connection] | None = getattr(self._threads, "held", None)
        if held is None or held[0] != self.version:
            self._let_go()
            held = (self.version, self._connect())
            self._threads.held = held
        return held[1]

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction in which other processes can't write; rolled back on an exception.

        Raises:
            sqlite3.Error: the database can't be written, or stays locked.
        """
        connection = self.connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise

    def make_anew(self) -> None:
        """Throw away what there is and begin with empty tables; in memory, where the file can't be written.

        Another thread that found the same damage waits for the first and finds it repaired.
        """
        seen = self.version
        with self._repairing:
            if self.version == seen:
                self._let_go()
                self._anchor = None
                self._remove_files()
                self.version += 1
                self._prepare()

    def close(self) -> None:
        """Close the calling thread's connection; other threads' are closed as they end."""
        self._let_go()
        self._anchor = None

    def _prepare(self) -> None:
        if self.path is not None:
            try:
                self._create_or_check()
                return
            except (sqlite3.Error, OSError):
                self._let_go()
                self._remove_files()
            try:
                self._create_or_check()
                return
            except (sqlite3.Error, OSError):
                self._let_go()
                self.path = None
        self._uri = self._new_uri()
        self._anchor = self._connect()
        self._anchor.executescript(_SCHEMA)

    def _create_or_check(self) -> None:
        assert self.path is not None
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = self._connect("rwc")
        self._threads.held = (self.version, connection)
        connection.execute("PRAGMA journal_mode = WAL")
        if connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION:
            connection.execute("SELECT value FROM state WHERE key = 'generation'").fetchone()
        else:
            _create(connection)

    def _connect(self, mode: str = "rw") -> sqlite3.Connection:
        uri = self._uri if self.path is None else f"{self._uri}?mode={mode}"
        connection = sqlite3.connect(uri, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=True)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -4096")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        if self.path is None:
            connection.execute("PRAGMA read_uncommitted = 1")
        return connection

    def _new_uri(self) -> str:
        if self.path is not None:
            return self.path.absolute().as_uri()
        return f"file:magnus-index-{uuid.uuid4().hex}?mode=memory&cache=shared"

    def _let_go(self) -> None:
        """Close the calling thread's connection."""
        held: tuple[int, sqlite3.Connection] | None = getattr(self._threads, "held", None)
        self._threads.held = None
        if held is not None:
            with contextlib.suppress(sqlite3.Error):
                held[1].close()

    def _remove_files(self) -> None:
        if self.path is not None:
            for suffix in ("", "-wal", "-shm", "-journal"):
                with contextlib.suppress(OSError):
                    self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)


def _create(connection: sqlite3.Connection) -> None:
    """Make the tables, unless another process just did; whatever another version left is dropped."""
    connection.execute("BEGIN IMMEDIATE")
    if connection.execute("PRAGMA user_version").fetchone()[0] != SCHEMA_VERSION:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            if not table.startswith("sqlite_"):
                connection.execute('DROP TABLE "{}"'.format(table.replace('"', '""')))
        for statement in filter(str.strip, _SCHEMA.split(";\n")):
            connection.execute(statement)
    connection.execute("COMMIT")
