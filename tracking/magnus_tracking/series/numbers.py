"""From the text of a metric to arrays of numbers, without an object for each value on the way.

A metric of numbers is text such as ``{"0": 0.5, "1": 0.4}``. Without its white space, and with brackets and commas in
place of braces and colons, it is a list, which decodes several times quicker than an object with as many keys. That is
done part by part, each small enough to stay in the processor's cache, and the keys are those of the metric before more
often than not.
"""

from __future__ import annotations

import json
import re
import struct
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import lt
from typing import Any, Literal

import msgspec

from magnus_tracking.runlog.metrics import Points, least_repeated
from magnus_tracking.runlog.nan_marks import QUOTED_MARKS
from magnus_tracking.runlog.numbers_in_text import index_of, is_index

_PART = 1 << 15
_AS_LIST = bytes.maketrans(b"{}:", b"[],")
_WHITE = b" \n\r\t"
_ANY = msgspec.json.Decoder()
_CANONICAL = re.compile(r"0|-?[1-9][0-9]{0,16}")
_KINDS = {float, int}

_MEANINGS = {float(f"{digit}.718923456789123e-301"): value for digit, value in enumerate(QUOTED_MARKS.values(), 2)}
"""Numbers that the text does not hold (that is made sure of), for the NaN and infinities that JSON does not know."""

_FLOAT = 8
_PACKED = {struct.pack("d", number): struct.pack("d", meaning) for number, meaning in _MEANINGS.items()}
_QUOTED = dict(zip(QUOTED_MARKS, (repr(number).encode() for number in _MEANINGS), strict=True))
_BARE = {b"," + json.dumps(value).encode(): b"," + repr(number).encode() for number, value in _MEANINGS.items()}
"""Where a key's colon has become a comma, one stands before each value, and none before these words in a key."""

_FIRST = re.compile(rb'\{(\s*)"[^"]*":(\s*)[^\s,}]+(?:,(\s*)|\s*\})')
_LAST = re.compile(rb"(\s*)\}$")
_ENDS = 4096


@dataclass(slots=True)
class Keys:
    """The keys of a metric, in the order of its text.

    Attributes:
        texts: the keys; with `first` perhaps fewer than there are, or more.
        first: the step index that they count up from, if they do.
    """

    texts: list[str]
    first: int | None = None

    def begin_with(self, place: int, keys: list[str]) -> bool:
        """Whether these are the keys from `place` on."""
        end = place + len(keys)
        if self.first is not None and len(self.texts) < end:
            self.texts += map(str, range(self.first + len(self.texts), self.first + end))
        return self.texts[place:end] == keys

    def indexes(self, count: int) -> Sequence[int] | None:
        """What the first `count` keys mean as step indexes; None where one of them is none."""
        if self.first is not None:
            return range(self.first, self.first + count)
        texts = self.texts[:count]
        if not all(map(is_index, texts)):
            return None
        try:
            return array("q", map(int, texts))
        except (OverflowError, ValueError):
            return list(map(index_of, texts))


class NumbersReader:
    """Reads metrics of one run, which mostly share their keys."""

    def __init__(self) -> None:
        self._known = Keys([], 0)

    def read(self, text: memoryview) -> Points | None:
        """The points of a step-indexed metric all of whose values are numbers; None for any other.

        Args:
            text: the JSON object, bare NaN and infinities in it or marked as
                `magnus_tracking.runlog.outline` marks them.
        """
        found = _Numbers(text, self._known)
        if not found.read():
            return None
        indexes = found.keys.indexes(found.count)
        if indexes is None:
            return None
        self._known = found.keys
        return _ascending(indexes, found.values())


class _Numbers:
    """One metric while it is read.

    Attributes:
        count: how many values it has.
        keys: its keys.
    """

    def __init__(self, text: memoryview, known: Keys) -> None:
        self._text = text
        self._parts: list[bytes | list[Any]] = []
        self._white = 0
        self._own: list[str] | None = None
        self.count = 0
        self.keys = known

    def read(self) -> bool:
        """Whether it is a step-indexed metric of numbers, as far as can be told without its keys."""
        try:
            for listed, marked in self._as_lists():
                if not self._take(listed, marked=marked):
                    return False
        except (ValueError, struct.error):
            return False
        return self._white == self._expected_white()

    def values(self) -> Sequence[Any]:
        """The values, in the order of the text."""
        if all(isinstance(part, bytes) for part in self._parts):
            numbers = array("d")
            numbers.frombytes(b"".join(part for part in self._parts if isinstance(part, bytes)))
            return numbers
        values: list[Any] = []
        for part in self._parts:
            values += array("d", part) if isinstance(part, bytes) else part
        return compact(values)

    def _as_lists(self) -> Iterator[tuple[bytes, bool]]:
        """The parts of the text as lists of a key, a value, a key, and so on; and whether stand-ins are in them.

        Raises:
            ValueError: the text can't be taken apart, or holds a stand-in of its own.
        """
        text, start = self._text, 0
        while start < len(text):
            part = bytes(text[start : start + _PART])
            is_last = start + len(part) == len(text)
            if not is_last:
                part = part[: part.rindex(b",")]
            start += len(part) + 1
            marked = b"\\" in part
            if marked:
                part = _with_stand_ins(part, _QUOTED)
            listed = part.translate(_AS_LIST, _WHITE)
            self._white += len(part) - len(listed)
            if b"N" in listed or b"I" in listed:
                marked, listed = True, _with_stand_ins(listed, _BARE)
            listed = listed if listed.startswith(b"[") else b"[" + listed
            yield listed if is_last else listed + b"]", marked

    def _take(self, listed: bytes, *, marked: bool) -> bool:
        """Take in a part; whether its values are numbers."""
        found = _ANY.decode(listed)
        keys, values = found[::2], found[1::2]
        if not keys or len(keys) != len(values):
            return False
        # As many points as values mean floats only: where a point is anywhere else, packing or a key is refused.
        kinds = {float} if listed.count(b".") == len(values) else set(map(type, values))
        if kinds == {float}:
            packed = struct.pack(f"{len(values)}d", *values)
            self._parts.append(_with_meanings(packed) if marked else packed)
        elif kinds <= _KINDS:
            self._parts.append([_MEANINGS.get(value, value) for value in values] if marked else values)
        else:
            return False
        return self._take_keys(keys)

    def _take_keys(self, keys: list[Any]) -> bool:
        """Take in the keys of a part; whether they are texts."""
        if not self.keys.begin_with(self.count, keys):
            if not set(map(type, keys)) <= {str}:
                return False
            first = int(keys[0]) if self.count == 0 and _CANONICAL.fullmatch(keys[0]) else None
            counting = Keys([], first)
            if first is not None and counting.begin_with(0, keys):
                self.keys = counting
            elif self._own is None:
                self._own = [*self.keys.texts[: self.count], *keys]
                self.keys = Keys(self._own)
            else:
                self._own += keys
        self.count += len(keys)
        return True

    def _expected_white(self) -> int:
        """How much white space there is where none is in a key; as the first lines have it, so have all."""
        first = _FIRST.match(bytes(self._text[:_ENDS]))
        last = _LAST.search(bytes(self._text[-_ENDS:]))
        if first is None or last is None:
            return -1
        between = len(first[3] or b"")
        return len(first[1]) + (self.count - 1) * between + self.count * len(first[2]) + len(last[1])


def _with_stand_ins(text: bytes, stand_ins: Mapping[bytes, bytes]) -> bytes:
    for mark, number in stand_ins.items():
        if mark in text:
            if number.lstrip(b",") in text:
                raise ValueError("a number that the text holds can't stand for another")
            text = text.replace(mark, number)
    return text


def _with_meanings(packed: bytes) -> bytes:
    """Packed floats with NaN and infinities where their stand-ins are."""
    for number, meaning in _PACKED.items():
        place = packed.find(number)
        if place < 0:
            continue
        changed = bytearray(packed)
        while place >= 0:
            # What only looks like one lies across two floats.
            if place % _FLOAT == 0:
                changed[place : place + _FLOAT] = meaning
            place = packed.find(number, place + 1)
        packed = bytes(changed)
    return packed


def _ascending(indexes: Sequence[int], values: Sequence[Any]) -> Points:
    """The points by ascending index; of an index that is there twice the last one."""
    if isinstance(indexes, range):
        return Points(indexes, values)
    if all(map(lt, indexes, islice(indexes, 1, None))):
        return Points(compact_indexes(indexes), values)
    latest = dict(zip(indexes, values, strict=True))
    ascending = sorted(latest)
    repeated = least_repeated(indexes, len(latest))
    return Points(compact_indexes(ascending), compact([latest[index] for index in ascending]), repeated)


def compact_indexes(indexes: Sequence[int]) -> Sequence[int]:
    """Ascending indexes as a range where they are one, else in an array."""
    if not indexes:
        return ()
    first, last = indexes[0], indexes[-1]
    if last - first == len(indexes) - 1:
        return range(first, last + 1)
    return compact(indexes)


def compact(values: Sequence[Any]) -> Sequence[Any]:
    """Values in an array, where all are floats or all are integers of 64 bits."""
    kinds = set(map(type, values))
    kept = _in_array("d" if kinds == {float} else "q", values) if kinds in ({float}, {int}) else None
    return tuple(values) if kept is None else kept


def _in_array(code: Literal["d", "q"], values: Sequence[Any]) -> array[Any] | None:
    try:
        return array(code, values)
    except (TypeError, OverflowError):
        return None
