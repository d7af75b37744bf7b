"""The series of a run as bytes: a short header, and then the bare arrays, so that reading them back costs little."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from io import BufferedIOBase
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import msgspec

from magnus_tracking.index.encoding import decode_values, encode_values
from magnus_tracking.runlog.metrics import Series
from magnus_tracking.series.blocks import Blocks

if TYPE_CHECKING:
    from magnus_tracking.stores import RunHandle

_VERSION = 3
_LENGTH = 8

State = tuple[str, int, int, int]
NO_STATE: State = ("", 0, 0, 0)
"""For what is not kept."""


class Loaded(NamedTuple):
    """What is known of a run.

    Attributes:
        status: of the run.
        series: all of them.
        short: its text without long metrics, empty where that is no help.
    """

    status: str
    series: tuple[Series, ...]
    short: bytes


class _Kept(msgspec.Struct, array_like=True):
    """One series in the header: which arrays it has and how long they are, or the values themselves."""

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
    file.write(len(header).to_bytes(_LENGTH, "little") + header)
    for one in loaded.series:
        blocks = (one.blocks.not_finite, one.blocks.least, one.blocks.most) if one.blocks else ()
        for part in (one.indexes, one.values, *blocks):
            if isinstance(part, array):
                file.write(part)


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
    length = int.from_bytes(file.read(_LENGTH), "little")
    if length > size:
        return None
    header = _HEADER.decode(file.read(length))
    if header.version != _VERSION or header.state != state:
        return None
    return Loaded(header.status, tuple(_restore(kept, file) for kept in header.series), header.short)


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
        len(series.blocks.least) if series.blocks else 0,
        len(series.blocks.not_finite) if series.blocks else 0,
    )


def _restore(kept: _Kept, file: BufferedIOBase) -> Series:
    indexes: Sequence[int] = range(kept.first, kept.first + kept.count)
    if kept.indexes:
        indexes = _stored("q", kept.count, file)
    if not kept.kind:
        return Series(kept.step, kept.attempt, kept.name, indexes, tuple(decode_values(kept.values, times=False)))
    values = _stored(kept.kind, kept.count, file)
    blocks = None
    if kept.blocks:
        kinds_and_lengths = (("q", kept.not_finite), ("d", kept.blocks), ("d", kept.blocks))
        blocks = Blocks(*(_stored(kind, length, file) for kind, length in kinds_and_lengths))
    return Series(kept.step, kept.attempt, kept.name, indexes, values, blocks)


def _stored(kind: str, count: int, file: BufferedIOBase) -> array[Any]:
    """The next array of a file, read right into its place."""
    numbers: array[Any] = array(kind, [0]) * count
    if file.readinto(numbers) != len(numbers) * numbers.itemsize:
        raise EOFError
    return numbers
