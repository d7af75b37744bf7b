"""The series of a run as bytes: a short header, and then the bare arrays, so that reading them back costs little."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Sequence
from io import BufferedIOBase
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import msgspec

from magnus_tracking.index.encoding import decode_values, encode
from magnus_tracking.runlog.metrics import Blocks, Series
from magnus_tracking.series.numbers import compact_indexes

if TYPE_CHECKING:
    from magnus_tracking.stores import RunHandle

_VERSION = 6
_LENGTH = 8
_NUMBER = 8
"""Bytes of a number in an array, whole or not."""
_CHECKSUM = 4
_KINDS = ("", "d", "q")
_FAR = 1 << 63
"""Indexes beyond 64 bits are in no array."""

State = tuple[str, int, int, int]
NO_STATE: State = ("", 0, 0, 0)
"""For what is not kept."""


class Loaded(NamedTuple):
    """What is known of a run.

    Attributes:
        status: of the run.
        series: all of them.
        short: its text without long metrics, empty where that does not help.
    """

    status: str
    series: tuple[Series, ...]
    short: bytes


class _Kept(msgspec.Struct, array_like=True):
    """One series in the header: which arrays it has and how long they are, or the indexes or values themselves."""

    step: str
    attempt: int | None
    name: str
    first: int
    count: int
    indexes: bool
    kind: str
    values: bytes
    blocks: int = 0
    not_finite: int = 0
    far: bytes = b""
    repeated: bytes = b""


class _Header(msgspec.Struct, array_like=True):
    version: int
    state: State
    status: str
    short: bytes
    series: list[_Kept]


_HEADER = msgspec.msgpack.Decoder(_Header)


def state_of(handle: RunHandle) -> State:
    """What tells the state of a run's file from any other."""
    return (handle.run_id, handle.size, handle.mtime_ns, handle.inode)


def write(file: IO[bytes], state: State, loaded: Loaded) -> None:
    """Write what is known of a run.

    Args:
        file: where to.
        state: of the run's file that was read.
        loaded: what was read.

    Raises:
        OSError: it can't be written.
        UnicodeEncodeError, OverflowError, TypeError: there is a value that has no form in bytes.
    """
    described = [_describe(one) for one in loaded.series]
    header = msgspec.msgpack.encode(_Header(_VERSION, state, loaded.status, loaded.short, described))
    summed = _Summed(file)
    summed.write(len(header).to_bytes(_LENGTH, "little") + header)
    for one in loaded.series:
        blocks = (one.blocks.not_finite, one.blocks.least, one.blocks.most) if one.blocks else ()
        for part in (one.indexes, one.values, *blocks):
            if isinstance(part, array):
                summed.write(part)
    file.write(summed.checksum())


def read(file: BufferedIOBase, size: int, state: State) -> Loaded | None:
    """What `write` wrote; None where it belongs to another state of the run, or another version wrote it.

    Args:
        file: where from.
        size: how many bytes it holds.
        state: of the run's file as it is now.

    Raises:
        OSError, EOFError: it can't be read to its end.
        ValueError, msgspec.MsgspecError, sqlite3.DatabaseError: it is something else.
    """
    summed = _Summed(file)
    length = int.from_bytes(summed.read(_LENGTH), "little")
    if length > size:
        return None
    header = _HEADER.decode(summed.read(length))
    if header.version != _VERSION or header.state != state:
        return None
    if _LENGTH + length + sum(map(_array_bytes, header.series)) + _CHECKSUM != size:
        raise EOFError
    loaded = Loaded(header.status, tuple(_restore(kept, summed) for kept in header.series), header.short)
    if file.read(_CHECKSUM) != summed.checksum():
        raise ValueError("bytes that differ from their checksum")
    return loaded


class _Summed:
    """A file, and the checksum of what went through it."""

    def __init__(self, file: IO[bytes] | BufferedIOBase) -> None:
        self._file = file
        self._sum = 0

    def write(self, data: bytes | array[Any]) -> None:
        self._sum = zlib.crc32(data, self._sum)
        self._file.write(data)

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self._sum = zlib.crc32(data, self._sum)
        return data

    def fill(self, numbers: array[Any]) -> None:
        """Read right into an array.

        Raises:
            EOFError: there is not enough.
        """
        assert isinstance(self._file, BufferedIOBase)
        if self._file.readinto(numbers) != len(numbers) * numbers.itemsize:
            raise EOFError
        self._sum = zlib.crc32(numbers, self._sum)

    def checksum(self) -> bytes:
        return self._sum.to_bytes(_CHECKSUM, "little")


def _describe(series: Series) -> _Kept:
    """A series as the header has it."""
    indexes, values = series.indexes, series.values
    is_range = isinstance(indexes, range) and (not indexes or -_FAR <= indexes[0] < _FAR)
    return _Kept(
        series.step,
        series.attempt,
        series.name,
        indexes[0] if is_range and indexes else 0,
        len(indexes),
        not is_range and isinstance(indexes, array),
        values.typecode if isinstance(values, array) else "",
        b"" if isinstance(values, array) else encode(values),
        len(series.blocks.least) if series.blocks else 0,
        len(series.blocks.not_finite) if series.blocks else 0,
        b"" if is_range or isinstance(indexes, array) else encode(list(indexes)),
        b"" if series.repeated is None else encode([series.repeated]),
    )


def _array_bytes(kept: _Kept) -> int:
    """Bytes that the arrays of a series take in the file."""
    numbers = (kept.indexes, kept.count), (kept.kind, kept.count), (kept.blocks, kept.not_finite + 2 * kept.blocks)
    if min(kept.count, kept.blocks, kept.not_finite) < 0 or kept.kind not in _KINDS:
        raise ValueError("no such arrays")
    return sum(_NUMBER * count for is_there, count in numbers if is_there)


def _restore(kept: _Kept, file: _Summed) -> Series:
    """A series of the header, with its arrays read from the file."""
    indexes: Sequence[int] = range(kept.first, kept.first + kept.count)
    if kept.indexes:
        indexes = _stored("q", kept.count, file)
    elif kept.far:
        indexes = compact_indexes(decode_values(kept.far, times=False))
    repeated = decode_values(kept.repeated, times=False)[0] if kept.repeated else None
    if not kept.kind:
        found = tuple(decode_values(kept.values, times=False))
        if len(found) != kept.count:
            raise ValueError("more or fewer values than indexes")
        return Series(kept.step, kept.attempt, kept.name, indexes, found, repeated=repeated)
    values = _stored(kept.kind, kept.count, file)
    blocks = None
    if kept.blocks:
        kinds_and_lengths = (("q", kept.not_finite), ("d", kept.blocks), ("d", kept.blocks))
        blocks = Blocks(*(_stored(kind, length, file) for kind, length in kinds_and_lengths))
    return Series(kept.step, kept.attempt, kept.name, indexes, values, blocks, repeated=repeated)


def _stored(kind: str, count: int, file: _Summed) -> array[Any]:
    """The next array of a file, read right into its place."""
    numbers: array[Any] = array(kind, [0]) * count
    file.fill(numbers)
    return numbers
