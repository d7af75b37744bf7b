"""The SQLite file of an index: its connections, its schema, and what happens when it can't be used.

A file that is corrupt, of another schema, deleted or locked away costs a new start and nothing else: what is in it can
be made again from the store. Without a folder that may be written, the same tables are kept in memory.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import stat
import threading
import time
import uuid
import zlib
from collections.abc import Iterator
from pathlib import Path

from magnus_tracking.filesystem.cache_folder import private_file, private_folder
from magnus_tracking.filesystem.regular_files import not_regular
from magnus_tracking.index.aggregates import EMPTY, Tally
from magnus_tracking.query.functions import FUNCTIONS
from magnus_tracking.runlog.metric_summary import LAST_ONLY, PROVISIONAL
from magnus_tracking.runlog.summary import MetricSummary, RunSummary, StepCounts

_log = logging.getLogger(__name__)

_REVISION = 18
"""To be raised whenever the tables, or the meaning of what summaries hold, change."""

_STRUCTS = (RunSummary, MetricSummary, StepCounts, Tally)
_KEPT = (_REVISION, [struct.__struct_fields__ for struct in _STRUCTS], [*FUNCTIONS])
SCHEMA_VERSION = zlib.crc32(repr(_KEPT).encode()) >> 1
"""Tells the tables, the fields of a summary and the columns of a metric; an index of another version is made anew."""

BUSY_SECONDS = 10.0
"""How long to wait at most for other processes that write."""

_HELD_SECONDS = 1.5
"""How long a process may hold the database without writing before it is done without: it may have been stopped."""

_MOST_TIMES_ANEW = 3
"""Times that a file is made anew: where it is damaged again, as on a full disk, the index stays in memory."""

_HELD = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_PRIMARY = 0xFF
"""The part of SQLite's error codes that is the same for all of a kind."""

_CHECKPOINT_PAGES = 16_000
"""Pages of 4 KB that are written aside before they are brought together with the others and wait for the disk, 0.1 s.

A thousand edited runs are 2,000 pages, many of them the same as those of the thousand before.
"""

_SCHEMA = f"""
CREATE TABLE state (key TEXT PRIMARY KEY, value);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    name BLOB NOT NULL UNIQUE,
    fingerprint INTEGER NOT NULL,
    patched INTEGER NOT NULL,
    depth INTEGER NOT NULL,
    unfinished INTEGER NOT NULL,
    summary BLOB NOT NULL
);
CREATE INDEX runs_patched ON runs (id) WHERE patched;
CREATE INDEX runs_provisional ON runs (id) WHERE depth = {PROVISIONAL};
CREATE INDEX runs_last_only ON runs (id) WHERE depth = {LAST_ONLY};
CREATE INDEX runs_unfinished ON runs (id) WHERE unfinished;
CREATE INDEX runs_unsettled ON runs (id) WHERE fingerprint = 0;
CREATE TABLE segments (field TEXT NOT NULL, first INTEGER NOT NULL, content BLOB NOT NULL);
CREATE UNIQUE INDEX segments_by_field ON segments (field, first);
CREATE INDEX segments_by_row ON segments (first);
INSERT INTO state VALUES ('generation', 0), ('tally', x'{EMPTY.hex()}');
PRAGMA user_version = {SCHEMA_VERSION};
"""
_STATEMENTS = [statement.strip() for statement in _SCHEMA.split(";\n") if statement.strip()]
_TABLES = frozenset(statement for statement in _STATEMENTS if statement.startswith("CREATE"))


class _Connection(sqlite3.Connection):
    """A connection that is closed with the last thread that has it; since 3.13 Python warns of what nobody closed."""

    def __del__(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self.close()


class Database:
    """One SQLite database, with a connection of its own for each thread.

    A thread alone closes its connection, as it ends at the latest: closing one that another thread is using takes the
    whole process down (CPython 3.11).

    Attributes:
        path: the file; None for a database in memory.
        version: grows whenever the database is made anew, so that what was kept of its content can be dropped.
        was_held: whether another process held the file, so that it is done without.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.version = 0
        self.was_held = False
        self._threads = threading.local()
        self._repairing = threading.Lock()
        self._turn = threading.RLock()
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

    def _taking_turns(self) -> contextlib.AbstractContextManager[object]:
        """Held by whoever reads or writes a database in memory: there, what is being written would be seen."""
        return self._turn if self.path is None else contextlib.nullcontext()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one state of the database, whatever others write meanwhile.

        Raises:
            sqlite3.Error: the database can't be opened.
        """
        connection = self.connection()
        if connection.in_transaction:
            yield connection
            return
        with self._taking_turns():
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction in which other processes can't write; rolled back on an exception.

        Raises:
            sqlite3.Error: the database can't be written, or stays locked.
        """
        connection = self.connection()
        with self._taking_turns():
            _begin(connection)
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    def begin_anew(self, error: Exception) -> None:
        """Begin with empty tables after `error`; in memory, where another process holds the file.

        Another thread that found the same damage waits for the first and finds it repaired. A file that had to be made
        anew again and again, as where a disk is full, is done without.
        """
        seen = self.version
        with self._repairing:
            if self.version == seen:
                _log.debug("%s is made anew, or done without: %r", self.path, error)
                self.close()
                self._give_up_or_remove(error)
                self.version += 1
                if self.version >= _MOST_TIMES_ANEW:
                    self.path = None
                self._prepare()

    def close(self) -> None:
        """Close the calling thread's connection; other threads' are closed as they end."""
        self._let_go()
        self._anchor = None

    def _prepare(self) -> None:
        """Open the file; where it is damaged, make it anew; where that fails too, do without it."""
        for _ in range(2):
            if self.path is None:
                break
            try:
                self._create_or_check()
                return
            except Exception as error:
                # SQLite's own errors, and what its text raises that is not UTF-8: all of it can be made again.
                self._let_go()
                self._give_up_or_remove(error)
        self.path = None
        self._uri = self._new_uri()
        self._anchor = self._connect()
        self._anchor.executescript(_SCHEMA)

    def _give_up_or_remove(self, error: Exception) -> None:
        """Leave the file to the process that holds it, or remove it."""
        if is_held(error):
            self.path, self.was_held = None, True
        else:
            self._remove_files()

    def _create_or_check(self) -> None:
        assert self.path is not None
        private_folder(self.path.parent)
        for path in self._files():
            _check_regular(path)
        private_file(self.path)
        connection = self._connect("rwc")
        self._threads.held = (self.version, connection)
        connection.execute("PRAGMA journal_mode = WAL")
        if connection.execute("PRAGMA user_version").fetchone()[0] != SCHEMA_VERSION:
            _create(connection)
        elif {sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")} != _TABLES:
            raise sqlite3.DatabaseError("other tables than this version has")

    def _connect(self, mode: str = "rw") -> sqlite3.Connection:
        uri = self._uri if self.path is None else f"{self._uri}?mode={mode}"
        connection = sqlite3.connect(
            uri,
            timeout=_HELD_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            factory=_Connection,
            uri=True,
        )
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA cache_size = -4096")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            if self.path is None:
                connection.execute("PRAGMA read_uncommitted = 1")
        except BaseException:
            connection.close()
            raise
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
        for path in self._files():
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        if self.path is None:
            return []
        return [self.path.with_name(self.path.name + suffix) for suffix in ("", "-wal", "-shm", "-journal")]


def is_held(error: BaseException) -> bool:
    """Whether another process holds the database: it is neither damaged nor to be removed."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, sqlite3.Error) and isinstance(code, int) and code & _PRIMARY in _HELD


def _begin(connection: sqlite3.Connection) -> None:
    """Begin to write; waits as long as another process writes, but not for one that holds the database and rests."""
    end = time.monotonic() + BUSY_SECONDS
    while True:
        (before,) = connection.execute("PRAGMA data_version").fetchone()
        try:
            connection.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            rests = connection.execute("PRAGMA data_version").fetchone()[0] == before
            if not is_held(error) or rests or time.monotonic() > end:
                raise


def _check_regular(path: Path) -> None:
    """SQLite would open anything.

    Raises:
        OSError: there is something that is not a regular file.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        raise not_regular(path, mode)


def _create(connection: sqlite3.Connection) -> None:
    """Make the tables, unless another process just did; whatever another version left is dropped."""
    connection.execute("BEGIN IMMEDIATE")
    if connection.execute("PRAGMA user_version").fetchone()[0] != SCHEMA_VERSION:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            if not table.startswith("sqlite_"):
                connection.execute('DROP TABLE "{}"'.format(table.replace('"', '""')))
        for statement in _STATEMENTS:
            connection.execute(statement)
    connection.execute("COMMIT")
