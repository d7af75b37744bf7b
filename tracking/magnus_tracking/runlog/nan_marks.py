"""Bare NaN and infinities, which the engines write and msgspec refuses, as strings that no log holds.

A diverged run, the one that people open, so costs little more to read than another.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Hashable, Sequence
from typing import Any

from msgspec import Raw

from magnus_tracking.runlog.json import replaced, without_surrogates

_MARK = "\x00bare "
_NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_MARKS = {_MARK + name: value for name, value in _NON_FINITE.items()}
QUOTED_MARKS = {json.dumps(mark).encode(): value for mark, value in _MARKS.items()}
"""How bare NaN and infinities stand in the undecoded text of an outline, and what they mean."""

_MARK_BYTES = json.dumps(_MARK).encode().strip(b'"')
_NAN = (b"NaN",)
_NAMES = (b"NaN", b"-Infinity", b"Infinity")
"""The longer of those that end alike first, so that each is found for what it is."""
_LINE_ENDS = (b",\n", b"\n")
_QUOTED = {name.encode(): json.dumps(_MARK + name).encode() for name in _NON_FINITE}
_MARKED_NAN, _MARKED_INFINITY, _MARKED_MINUS = (_MARK_BYTES + name for name in (b"NaN", b"Infinity", b"-Infinity"))
_TEXT_OR_BARE = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z|\\\Z)|NaN|-?Infinity', re.DOTALL)
"""A text, whole or cut off, or a bare number between texts."""


def mark_if_diverged(data: bytes) -> bytes:
    """`mark_nans` of `data` where the first letter N in it begins a NaN, else `data` itself.

    A letter that hardly occurs is found twenty times as quickly as a word, and most logs of diverged runs hold it in
    nothing else.
    """
    first = data.find(b"N")
    if first < 0 or data[first : first + 3] != b"NaN":
        return data
    last = data.rfind(b"N")
    between = data[first : last + 1].split(b"N")
    after = {part[:2] for part in between[2:-1:2]} | {data[last + 1 : last + 3]}
    if set(between[1::2]) != {b"a"} or not all(start.startswith(_LINE_ENDS) for start in after):
        return mark_nans(data)
    return b"".join((data[:first], _QUOTED[b"NaN"].join(between[::2]), data[last + 1 :]))


def mark_nans(data: bytes) -> bytes:
    """`data` with each bare NaN that ends a line quoted and marked, which is all that most diverged runs need."""
    return _mark(data, _NAN)


def mark_lines(data: bytes) -> bytes:
    """`data` with each bare number that ends a line quoted and marked.

    A line break can't stand inside a JSON string, so what ends a line without a quote is never a part of one. Both
    engines write with ``indent=4``, where every bare value ends a line.
    """
    return _mark(data, _NAMES)


def mark_anywhere(data: bytes) -> bytes:
    """`data`, which begins outside a text, with each bare number in it quoted and marked, wherever in a line it stands.

    Every text is gone through for it, which takes several times as long as `mark_lines`. The last text may be cut off.
    What holds neither letter that bare numbers begin with is told twenty times sooner than by their names.
    """
    if b"N" not in data and b"I" not in data:
        return data
    left = data.count(b"NaN") - data.count(_MARKED_NAN) + data.count(b"Infinity")
    left -= data.count(_MARKED_INFINITY) + data.count(_MARKED_MINUS)
    return _TEXT_OR_BARE.sub(_quoted, data) if left else data


def _quoted(found: re.Match[bytes]) -> bytes:
    return _QUOTED.get(found[0], found[0])


def _mark(data: bytes, names: Sequence[bytes]) -> bytes:
    for name in names:
        for end in _LINE_ENDS:
            data = data.replace(name + end, _QUOTED[name] + end)
    return data


def is_marked(text: Raw) -> bool:
    """Whether there is a mark in undecoded text."""
    return _MARK_BYTES in bytes(text)


def holds_marks(text: bytes) -> bool:
    """Whether there is a mark in the text of a run log."""
    return _MARK_BYTES in text


def mark_values(value: Any) -> Any:
    """A JSON value with NaN and infinities marked, and without lone surrogates, so that msgspec takes it."""
    return replaced(without_surrogates(value), _marked)


def _marked(value: Any) -> Any:
    return _MARK + json.dumps(value) if isinstance(value, float) and not math.isfinite(value) else value


def unmark(value: Any) -> Any:
    """`value` with each marked string turned back into the number that it stands for."""
    if isinstance(value, str):
        return _MARKS.get(value, value)
    if isinstance(value, dict):
        return {key: unmark(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unmark(item) for item in value]
    return value


def unmark_all(values: Sequence[Hashable]) -> list[Any]:
    """`unmark` of each of many numbers and texts, in one go."""
    return list(map(_MARKS.get, values, values))  # type: ignore[arg-type]  # a number is none of the marks
