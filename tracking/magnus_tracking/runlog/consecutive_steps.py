"""Reading step-indexed metrics that count up from 0, as most do, without making a number of each index.

Runs of a pipeline mostly have as many steps as each other. A metric of a known number of steps is decoded as a struct
that has a field for each: msgspec then compares a key with the one that it expects, where it would otherwise make it
a number and put it into a dictionary. The values come out by index, and any other keys are refused.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import Raw
from msgspec.structs import astuple

SeriesValue = int | float | str | None
"""What is quick to read at a step; other values make a metric odd."""

_FEWEST, _MOST = 16, 1024
"""Steps of a metric that is read so."""

_WORTH_IT = 64
"""Metrics of a length after which a struct is made for it, which takes as long as reading about fifty of them."""

_AT_MOST_KNOWN = 16
"""Lengths that have a struct; further ones are read in the other way."""

_FAILURE = 8
"""Metrics that one with other keys outweighs, as it is read twice."""

_FROM_ZERO = re.compile(rb'{\s*"0"\s*:')
_END = 96
"""Bytes at the end of a metric's text that hold its last key, unless its last value is a long text."""


class CountingSeries:
    """Reads metrics, and tracks the common lengths."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}
        self._known: dict[int, msgspec.json.Decoder[Any]] = {}

    def read(self, raw: Raw) -> tuple[SeriesValue, ...] | None:
        """The values of a metric by index; None for one that is to be read in another way.

        Args:
            raw: its text, bare numbers in it marked.

        Raises:
            msgspec.DecodeError: it is not JSON.
        """
        length = counted_steps(raw)
        if not _FEWEST <= length <= _MOST:
            return None
        seen = self._seen[length] = self._seen.get(length, 0) + 1
        decoder = self._known.get(length)
        if decoder is None:
            if seen < _WORTH_IT or len(self._known) >= _AT_MOST_KNOWN:
                return None
            decoder = self._known[length] = _decoder(length)
        if seen < 0:
            return None
        try:
            return astuple(decoder.decode(raw))
        except msgspec.ValidationError:
            self._seen[length] -= _FAILURE
            return None


def counted_steps(raw: Raw) -> int:
    """How many steps a metric that seems to count up from 0 has, by the end of its text; 0 where it does not."""
    text = memoryview(raw)
    end = text[-_END:].tobytes()
    key_end = end.rfind(b'":')
    key = end[end.rfind(b'"', 0, max(key_end, 0)) + 1 : max(key_end, 0)]
    return int(key) + 1 if key.isdigit() and _FROM_ZERO.match(text) else 0


def _decoder(length: int) -> msgspec.json.Decoder[Any]:
    struct = msgspec.defstruct(
        f"Steps{length}",
        [(f"step{index}", SeriesValue) for index in range(length)],
        rename={f"step{index}": str(index) for index in range(length)},
        forbid_unknown_fields=True,
        gc=False,
        eq=False,
    )
    return msgspec.json.Decoder(struct)
