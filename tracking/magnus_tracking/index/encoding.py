"""Summaries and columns of values as bytes.

MessagePack, as it is quickest; JSON for the rare text or number that it refuses (names that are no UTF-8, integers of
more than 64 bits). The first byte tells them apart: no array or map of MessagePack begins with a bracket.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import force_setattr

from magnus_tracking.runlog.summary import RunSummary

_ENCODER = msgspec.msgpack.Encoder()
_SUMMARY = msgspec.msgpack.Decoder(RunSummary)
_VALUES = msgspec.msgpack.Decoder(list[Any])
_TIMES = msgspec.msgpack.Decoder(list[datetime | None])
_REFUSED = (UnicodeEncodeError, OverflowError, RecursionError, TypeError)
_DAMAGED = (msgspec.MsgspecError, ValueError, TypeError)
_JSON = (b"{", b"[")


def encode_summary(summary: RunSummary) -> bytes:
    """The bytes of a summary."""
    try:
        return _ENCODER.encode(summary)
    except _REFUSED:
        return json.dumps(msgspec.to_builtins(summary)).encode()


def decode_summary(data: bytes, path: str) -> RunSummary:
    """The summary in `data`, of the run at `path`, which may have been reached by another road than when it was read.

    Raises:
        sqlite3.DatabaseError: the bytes are no summary: the index is damaged.
    """
    try:
        summary = msgspec.convert(json.loads(data), RunSummary) if data[:1] in _JSON else _SUMMARY.decode(data)
    except _DAMAGED as error:
        raise sqlite3.DatabaseError(f"no summary: {error}") from None
    force_setattr(summary, "path", path)
    return summary


def encode_values(values: Sequence[Any]) -> bytes:
    """The bytes of one value a run, of any JSON value or naive time."""
    try:
        return _ENCODER.encode(values)
    except _REFUSED:
        return json.dumps(msgspec.to_builtins(values)).encode()


def decode_values(data: bytes, *, times: bool) -> list[Any]:
    """The values in `data`; with `times`, they are times or None.

    Raises:
        sqlite3.DatabaseError: the bytes are no values: the index is damaged.
    """
    try:
        if data[:1] in _JSON:
            return msgspec.convert(json.loads(data), list[datetime | None] if times else list[Any])
        return _TIMES.decode(data) if times else _VALUES.decode(data)
    except _DAMAGED as error:
        raise sqlite3.DatabaseError(f"no values: {error}") from None
