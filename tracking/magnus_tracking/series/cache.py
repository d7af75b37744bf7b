"""Series that have been read, in memory up to a bound, and on disk for finished runs with long ones.

A file of the cache holds a short header and the bare arrays, so that reading it back costs a fraction of reading the
run log. It belongs to one state of one run; any other state is read anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import tempfile
import threading
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from magnus_tracking.index.encoding import decode_values, encode_values
from magnus_tracking.index.location import WORTH_KEEPING, cache_folder, store_key
from magnus_tracking.metrics import Series
from magnus_tracking.outline import decode_run_and_text
from magnus_tracking.series.apart import take_apart
from magnus_tracking.series.decoding import series_of_apart, series_of_outline
from magnus_tracking.series.live import LiveSeries
from magnus_tracking.stores import RunHandle, Store
from magnus_tracking.stores.outlines import read_outline
from magnus_tracking.stores.reading import read_as
from magnus_tracking.vocabulary import FINAL_STATUSES

if TYPE_CHECKING:
    from magnus_tracking.models import RunLog

LIGHT_ABOVE = 8 << 20
"""Bytes of a run log from which on a run is opened without its long metrics."""

MEMORY = 96 << 20
DISK = 512 << 20

_VERSION = 1
_LENGTH = 8
_PLAIN_VALUE_BYTES = 64


class _Kept(msgspec.Struct, array_like=True):
    """One series in the header of a file: where its arrays are, or the values themselves."""

    step: str
    attempt: int | None
    name: str
    first: int
    count: int
    indexes: bool
    kind: str
    values: bytes


class _Header(msgspec.Struct, array_like=True):
    version: int
    handle: tuple[str, int, int, int]
    short: bytes
    series: list[_Kept]


class _Loaded(NamedTuple):
    """What is known of a run: its series, and its text without long metrics, empty where that is no help."""

    series: tuple[Series, ...]
    short: bytes


_HEADER = msgspec.msgpack.Decoder(_Header)


class SeriesCache:
    """Gives the series of runs; every method may be called from any thread.

    Args:
        store: where the runs are.
        folder: where series are kept on disk, if not in the user's cache folder.
        memory: bytes that are kept in memory at most, beside what was asked for last.
    """

    def __init__(self, store: Store, folder: Path | None = None, memory: int = MEMORY) -> None:
        self._store = store
        self._folder = folder or cache_folder() / "series" / store_key(store.root)
        self._memory = memory
        self._lock = threading.Lock()
        self._live = LiveSeries(store)
        self._writer: threading.Thread | None = None
        self._held: OrderedDict[RunHandle, _Loaded] = OrderedDict()

    def load(self, run_id: str) -> tuple[Series, ...]:
        """Every series of the run; their numbers are in arrays, not in tuples.

        Raises:
            RunNotFoundError: there is no such run.
            UnreadableRunError: its files can't be understood.
        """
        return self._load(self._store.handle(run_id)).series

    def run(self, run_id: str) -> RunLog:
        """The run log; a finished one with huge metrics, and one in flight, has a short text in their place.

        Raises:
            RunNotFoundError: there is no such run.
            UnreadableRunError: its files can't be understood.
        """
        handle = self._store.handle(run_id)
        live = self._live.run(handle)
        if live is not None:
            return live
        short = self._load(handle).short if handle.size >= LIGHT_ABOVE and not handle.chunked else b""
        if not short:
            return self._store.load(run_id)
        from magnus_tracking.series.light import run_of_text

        return run_of_text(handle.path, short)

    def _load(self, handle: RunHandle) -> _Loaded:
        live = self._live.read(handle)
        if live is not None:
            return _Loaded(live, b"")
        with self._lock:
            held = self._held.get(handle)
            if held is not None:
                self._held.move_to_end(handle)
                return held
        kept = self._from_disk(handle) if handle.size >= WORTH_KEEPING else None
        if kept is not None:
            self._hold(handle, kept)
            return kept
        return self._read(handle)

    def _read(self, handle: RunHandle) -> _Loaded:
        status, loaded = _read_file(handle)
        finished = status in FINAL_STATUSES
        loaded = loaded if finished else _Loaded(loaded.series, b"")
        self._hold(handle, loaded)
        if finished and handle.size >= WORTH_KEEPING:
            self._writer = threading.Thread(target=self._keep, args=(handle, loaded), daemon=True)
            self._writer.start()
        return loaded

    def close(self) -> None:
        """Wait until what was read last is on disk."""
        if self._writer is not None:
            self._writer.join()

    def _keep(self, handle: RunHandle, loaded: _Loaded) -> None:
        with contextlib.suppress(OSError, UnicodeEncodeError, OverflowError, TypeError):
            self._to_disk(handle, loaded)

    def _hold(self, handle: RunHandle, loaded: _Loaded) -> None:
        with self._lock:
            self._held[handle] = loaded
            self._held.move_to_end(handle)
            size = sum(map(_size, self._held.values()))
            while size > self._memory and len(self._held) > 1:
                _, dropped = self._held.popitem(last=False)
                size -= _size(dropped)

    def _file(self, handle: RunHandle) -> Path:
        return self._folder / hashlib.sha256(os.fsencode(handle.path.rpartition("/")[2])).hexdigest()[:32]

    def _from_disk(self, handle: RunHandle) -> _Loaded | None:
        path = self._file(handle)
        try:
            with path.open("rb") as file:
                size = int.from_bytes(file.read(_LENGTH), "little")
                if size > path.stat().st_size:
                    return None
                header = _HEADER.decode(file.read(size))
                if header.version != _VERSION or header.handle != _state(handle):
                    return None
                series = tuple(_restore(kept, file) for kept in header.series)
            os.utime(path)
        except (OSError, EOFError, ValueError, msgspec.MsgspecError, sqlite3.DatabaseError):
            return None
        return _Loaded(series, header.short)

    def _to_disk(self, handle: RunHandle, loaded: _Loaded) -> None:
        series = loaded.series
        described = [_describe(one) for one in series]
        header = msgspec.msgpack.encode(_Header(_VERSION, _state(handle), loaded.short, described))
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=self._folder, prefix=".")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(len(header).to_bytes(_LENGTH, "little") + header)
                for one in series:
                    for part in (one.indexes, one.values):
                        if isinstance(part, array):
                            file.write(part)
            Path(temporary).replace(self._file(handle))
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        self._drop_oldest()

    def _drop_oldest(self) -> None:
        """Keep all stores' series together below the bound."""
        files = [(path.stat(), path) for path in self._folder.parent.glob("*/*")]
        total = sum(info.st_size for info, _ in files)
        for info, path in sorted(files, key=lambda item: item[0].st_mtime_ns):
            if total <= DISK:
                return
            path.unlink(missing_ok=True)
            total -= info.st_size


def _read_file(handle: RunHandle) -> tuple[str, _Loaded]:
    """The status of a run, its series, and its short text where that is of use."""
    if not handle.chunked:
        return read_as(handle.path, lambda data: _take_in(data, light=handle.size >= LIGHT_ABOVE))
    outline = read_outline(handle.path, chunked=True)
    return outline.status, _Loaded(tuple(series_of_outline(outline)), b"")


def _take_in(data: bytes, *, light: bool) -> tuple[str, _Loaded]:
    from magnus_tracking.series.light import text_without_long_metrics

    apart = take_apart(data)
    outline, text = decode_run_and_text(apart.text)
    series = series_of_apart(outline, apart.metrics)
    if series is None:
        outline, text = decode_run_and_text(data)
        series = series_of_outline(outline)
        short = text_without_long_metrics(text, outline) if light else None
    else:
        short = apart.shown(text_without_long_metrics(text, outline)) if light else None
    return outline.status, _Loaded(tuple(series), short or b"")


def _state(handle: RunHandle) -> tuple[str, int, int, int]:
    return (handle.run_id, handle.size, handle.mtime_ns, handle.inode)


def _size(loaded: _Loaded) -> int:
    return len(loaded.short) + sum(_bytes(one.indexes) + _bytes(one.values) for one in loaded.series)


def _bytes(part: Sequence[Any]) -> int:
    if isinstance(part, array):
        return len(part) * part.itemsize
    return 0 if isinstance(part, range) else len(part) * _PLAIN_VALUE_BYTES


def _describe(series: Series) -> _Kept:
    indexes, values = series.indexes, series.values
    is_range = isinstance(indexes, range)
    return _Kept(
        series.step,
        series.attempt,
        series.name,
        indexes[0] if is_range and indexes else 0,
        len(indexes),
        not is_range and isinstance(indexes, array),
        values.typecode if isinstance(values, array) else "",
        b"" if isinstance(values, array) else encode_values(values),
    )


def _restore(kept: _Kept, file: BufferedReader) -> Series:
    indexes: Sequence[int] = range(kept.first, kept.first + kept.count)
    if kept.indexes:
        indexes = _stored("q", kept.count, file)
    if not kept.kind:
        return Series(kept.step, kept.attempt, kept.name, indexes, tuple(decode_values(kept.values, times=False)))
    return Series(kept.step, kept.attempt, kept.name, indexes, _stored(kept.kind, kept.count, file))


def _stored(kind: str, count: int, file: BufferedReader) -> array[Any]:
    """The next array of a file, read right into its place."""
    numbers: array[Any] = array(kind, [0]) * count
    if file.readinto(numbers) != len(numbers) * numbers.itemsize:
        raise EOFError
    return numbers
