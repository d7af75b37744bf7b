"""From the text of a metric to arrays of numbers, without an object for each value on the way.

A metric of numbers is text such as ``{"0": 0.5, "1": 0.4}``. Without its quotes, and with brackets and commas in place
of braces and colons, it is a list of numbers, which decodes several times quicker than an object with as many keys.
Everything else goes the usual way.
"""

from __future__ import annotations

import functools
import math
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec
from msgspec import Raw

from magnus_tracking.metrics import Series, flatten, unwrap
from magnus_tracking.outline import QUOTED_MARKS, RunOutline, StepOutline, decode_value
from magnus_tracking.summary import is_leaf, walk_outline

WORTH_IT = 4096
"""Bytes of a metric's text above which it is decoded as a list."""

_AS_LIST = bytes.maketrans(b"{}:", b"[],")
_ANY = msgspec.json.Decoder()
_FLOATS = msgspec.json.Decoder(list[float])
_STAND_INS = {mark: f"{digit}.718923456789123e-301".encode() for digit, mark in enumerate(QUOTED_MARKS, 2)}
"""Numbers that the text does not hold (that is made sure of), for the NaN and infinities that JSON does not know."""

_MEANINGS = {float(number): QUOTED_MARKS[mark] for mark, number in _STAND_INS.items()}
_WRAPPER = re.compile(rb'{\s*"kind"\s*:\s*"(?:json|metric)"\s*,\s*"value"\s*:\s*(?={)')
_WRAPPER_END = re.compile(rb'(?<=})\s*(?:,\s*"description"\s*:\s*"[^"\\]*"\s*)?}$')
_END = 4096

Points = tuple[Sequence[int], Sequence[Any]]


def series_of_outline(run: RunOutline) -> list[Series]:
    """Every series of the run, as `magnus_tracking.metrics.series_of_run` gives them, its numbers in arrays."""
    return [series for step in walk_outline(run) if is_leaf(step) for series in _series_of_step(step)]


def _series_of_step(step: StepOutline) -> Iterator[Series]:
    last: Mapping[str, Points] = {}
    last_text: Mapping[str, Raw] = {}
    for attempt in step.attempts:
        last_text = attempt.user_defined_metrics or {}
        last = _points(last_text)
        for name, (indexes, values) in last.items():
            yield Series(step.internal_name, attempt.attempt_number, name, indexes, values)
    own = step.user_defined_metrics or {}
    if own and _same_text(own, last_text):
        return
    for name, (indexes, values) in _points(own).items():
        if name not in last or not _equal(last[name], (indexes, values)):
            yield Series(step.internal_name, None, name, indexes, values)


def _same_text(left: Mapping[str, Raw], right: Mapping[str, Raw]) -> bool:
    return left.keys() == right.keys() and all(bytes(left[name]) == bytes(right[name]) for name in left)


def _equal(left: Points, right: Points) -> bool:
    if tuple(left[0]) != tuple(right[0]) or len(left[1]) != len(right[1]):
        return False
    return all(a == b or (a != a and b != b) for a, b in zip(left[1], right[1], strict=True))


def _points(metrics: Mapping[str, Raw]) -> dict[str, Points]:
    """Indexes and values of every metric, by its dotted name."""
    points: dict[str, Points] = {}
    for name, raw in metrics.items():
        quick = _numbers(raw) if memoryview(raw).nbytes > WORTH_IT else None
        if quick is not None:
            points[name] = quick
            continue
        try:
            value = decode_value(raw)
        except (msgspec.DecodeError, RecursionError):
            continue
        for leaf, (indexes, values) in flatten({name: unwrap(value)}).items():
            points[leaf] = (_compact_indexes(indexes), _compact(values))
    return points


def _numbers(raw: Raw) -> Points | None:
    """The points of a step-indexed metric all of whose values are numbers; None for any other."""
    text = _unwrapped(bytes(raw))
    marked = _with_stand_ins(text)
    if marked is None:
        return None
    listed = marked.translate(_AS_LIST, b'" \n\r\t')
    quotes = marked.count(b'"')
    points = _floats(listed, quotes) or _any_numbers(listed, quotes)
    if points is None or marked is text:
        return points
    return points[0], _with_meanings(points[1])


def _floats(listed: bytes, quotes: int) -> Points | None:
    """The points where steps count up and each value has a decimal point; None for any others.

    Args:
        listed: the text as a list of steps and values in turn.
        quotes: how many quotes were removed from it: two a step, and none a value.
    """
    count = listed.count(b".")
    if not count or quotes != 2 * count or b"." in listed[: listed.find(b",")]:
        return None
    try:
        numbers = array("d", _FLOATS.decode(listed))
    except msgspec.DecodeError:
        return None
    first = numbers[0] if numbers else math.nan
    if len(numbers) != 2 * count or numbers[::2].tobytes() != _counting(first, count):
        return None
    return range(int(first), int(first) + count), numbers[1::2]


def _any_numbers(listed: bytes, quotes: int) -> Points | None:
    """The points where all values are numbers; None for any others. The arguments are those of `_floats`."""
    try:
        numbers: list[Any] = _ANY.decode(listed)
    except msgspec.DecodeError:
        return None
    if not numbers or quotes != len(numbers):
        return None
    indexes = _in_array("q", numbers[::2])
    values = _compact(numbers[1::2])
    if indexes is None or (not isinstance(values, array) and not set(map(type, values)) <= {float, int}):
        return None
    counting = range(indexes[0], indexes[0] + len(indexes))
    if indexes == array("q", counting):
        return counting, values
    latest = dict(zip(indexes, values, strict=True))
    ascending = sorted(latest)
    return _compact_indexes(ascending), _compact([latest[index] for index in ascending])


@functools.lru_cache(maxsize=2)
def _counting(first: float, length: int) -> bytes:
    """The bytes of an array that counts up from `first`: the metrics of a step mostly share their indexes."""
    return array("d", [first + place for place in range(length)]).tobytes()


def _with_meanings(values: Sequence[Any]) -> Sequence[Any]:
    """`values` with NaN and infinities where their stand-ins are."""
    if not isinstance(values, array):
        return tuple(_MEANINGS.get(value, value) for value in values)
    for number, meaning in _MEANINGS.items():
        _put(values, number, meaning)
    return values


def _put(values: array[float], number: float, meaning: float) -> None:
    """Replace a number everywhere; looked for in the bytes, which takes a tenth of comparing each number."""
    data, wanted = values.tobytes(), array("d", [number]).tobytes()
    place = data.find(wanted)
    while place >= 0:
        if place % 8 == 0:
            values[place // 8] = meaning
        place = data.find(wanted, place + 1)


def _unwrapped(text: bytes) -> bytes:
    """What runnable's wrapper holds; other text as it is."""
    start = _WRAPPER.match(text)
    end = _WRAPPER_END.search(text, max(len(text) - _END, 0)) if start else None
    return text[start.end() : end.start()] if start and end else text


def _with_stand_ins(text: bytes) -> bytes | None:
    """`text` with numbers in place of marked NaN and infinities; None where it holds those very numbers."""
    if b"\\" not in text:
        return text
    for mark, number in _STAND_INS.items():
        if mark in text:
            if number in text:
                return None
            text = text.replace(mark, number)
    return text


def _compact_indexes(indexes: Sequence[int]) -> Sequence[int]:
    """Ascending indexes as a range where they are one, else in an array."""
    if not indexes:
        return ()
    first, last = indexes[0], indexes[-1]
    if last - first == len(indexes) - 1:
        return range(first, last + 1)
    return _compact(indexes)


def _compact(values: Sequence[Any], points: int = -1) -> Sequence[Any]:
    """Values in an array, where all are floats or all are integers of 64 bits.

    Args:
        values: any values.
        points: how many points there are in the text that they were decoded from: as many as values mean floats only.
    """
    kinds = {float} if points == len(values) else set(map(type, values))
    kept = _in_array("d" if kinds == {float} else "q", values) if kinds in ({float}, {int}) else None
    return tuple(values) if kept is None else kept


def _in_array(code: Literal["d", "q"], values: Sequence[Any]) -> array[Any] | None:
    try:
        return array(code, values)
    except (TypeError, OverflowError):
        return None
