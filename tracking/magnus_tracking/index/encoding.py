"""Summaries, tallies and columns of values as bytes.

MessagePack, as it is quickest; JSON for the rare text or number that it refuses (names that are not UTF-8, integers of
more than 64 bits). The first byte tells them apart: no array or map of MessagePack begins with a bracket. A checksum
stands behind them: SQLite has none of its own, and a damaged number would be taken for a right one.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec.structs import force_setattr

from magnus_tracking.runlog.summary import RunSummary

T = TypeVar("T")

_ENCODER = msgspec.msgpack.Encoder()
_SUMMARY = msgspec.msgpack.Decoder(RunSummary)
_VALUES = msgspec.msgpack.Decoder(list[Any])
_TIMES = msgspec.msgpack.Decoder(list[datetime | None])
_REFUSED = (UnicodeEncodeError, OverflowError, RecursionError, TypeError)
_DAMAGED = (msgspec.MsgspecError, ValueError, TypeError, OverflowError, RecursionError)
_JSON = (b"{", b"[")
_CHECKSUM = 4
"""Bytes of a checksum."""


def sealed(data: bytes) -> bytes:
    """`data` with its checksum behind it."""
    return data + zlib.crc32(data).to_bytes(_CHECKSUM, "little")


def unsealed(data: Any) -> memoryview:
    """What `sealed` was given.

    Raises:
        sqlite3.DatabaseError: it is something else: the index is damaged.
    """
    if type(data) is not bytes or len(data) < _CHECKSUM:
        raise sqlite3.DatabaseError("no bytes with a checksum")
    content = memoryview(data)[:-_CHECKSUM]
    if zlib.crc32(content) != int.from_bytes(data[-_CHECKSUM:], "little"):
        raise sqlite3.DatabaseError("bytes that differ from their checksum")
    return content


def encode(value: Any) -> bytes:
    """The bytes of a struct, or of a list of JSON values and naive times."""
    try:
        return sealed(_ENCODER.encode(value))
    except _REFUSED:
        return sealed(json.dumps(msgspec.to_builtins(value)).encode())


def decode(data: Any, decoder: msgspec.msgpack.Decoder[T]) -> T:
    """What `encode` was given, as the type of `decoder`.

    Raises:
        sqlite3.DatabaseError: the bytes are something else: the index is damaged.
    """
    content = unsealed(data)
    try:
        if content[:1] in _JSON:
            converted: T = msgspec.convert(json.loads(bytes(content)), decoder.type)
            return converted
        return decoder.decode(content)
    except _DAMAGED as error:
        raise sqlite3.DatabaseError(f"damaged: {error}") from None


def decode_summary(data: bytes, path: str) -> RunSummary:
    """The summary in `data`, of the run at `path`, which may have been reached by another road than when it was read.

    Raises:
        sqlite3.DatabaseError: the bytes are not a summary: the index is damaged.
    """
    summary = decode(data, _SUMMARY)
    force_setattr(summary, "path", path)
    return summary


def decode_values(data: bytes, *, times: bool) -> list[Any]:
    """The values in `data`; with `times`, they are times or None.

    Raises:
        sqlite3.DatabaseError: the bytes are not values: the index is damaged.
    """
    return decode(data, _TIMES) if times else decode(data, _VALUES)
