"""The least and the greatest value of every few values of a long series: what its charts are drawn from.

They are worked out by the process that reads the series for another one, or else when it is kept on disk.
"""

from __future__ import annotations

import math
import re
import sys
from array import array
from collections.abc import Sequence
from dataclasses import replace

from magnus_tracking.runlog.metrics import Blocks, Series

BLOCK = 64
"""Values in a block."""

WORTH_IT = 4 * BLOCK
"""Values of a series up to which nothing is gained by blocks."""

_AT_A_TIME = 64 * BLOCK
_GREAT = re.compile(rb"[\x7f\xff]")
"""The last byte of a number that is not finite or near the greatest, as processors of today hold it."""


def blocks_of(values: Sequence[float]) -> Blocks:
    """The blocks of a series, none where it is too short to gain by them."""
    places = _not_finite(values)
    if len(values) <= WORTH_IT:
        return Blocks(places, (), ())
    least, most = ends(replaced(values, places, math.inf), BLOCK)
    if places:
        _, most = ends(replaced(values, places, -math.inf), BLOCK)
    return Blocks(places, least, most)


def with_blocks(series: Series) -> Series:
    """`series`, with its blocks where it has many numbers; as it is where it has them already."""
    values = series.values
    if series.blocks is not None or not isinstance(values, array) or values.typecode != "d" or len(values) <= WORTH_IT:
        return series
    blocks = blocks_of(values)
    kept = Blocks(array("q", blocks.not_finite), array("d", blocks.least), array("d", blocks.most))
    return replace(series, blocks=kept)


def ends(values: Sequence[float], size: int) -> tuple[list[float], list[float]]:
    """The least and the greatest value of each block of a size, the last of them perhaps shorter.

    A part that fits the processor's cache at a time.
    """
    least: list[float] = []
    most: list[float] = []
    for start in range(0, len(values), _AT_A_TIME):
        part = values[start : start + _AT_A_TIME]
        whole = len(part) - len(part) % size
        blocks: list[Sequence[float]] = list(zip(*[iter(part)] * size, strict=False))
        if whole < len(part):
            blocks.append(part[whole:])
        least += map(min, blocks)
        most += map(max, blocks)
    return least, most


def replaced(values: Sequence[float], places: Sequence[int], number: float) -> Sequence[float]:
    """`values`, as a copy with another number at some places if there are any."""
    if not places:
        return values
    copy = values[:] if isinstance(values, array) else list(values)
    for place in places:
        copy[place] = number
    return copy


def _not_finite(values: Sequence[float]) -> Sequence[int]:
    """The positions of values that are not finite, ascending."""
    if isinstance(values, array) and values.typecode == "d" and sys.byteorder == "little":
        # Few series have numbers that the last byte tells to be great: only those are looked at.
        great = [match.start() for match in _GREAT.finditer(values.tobytes()[7::8])]
        return [place for place in great if not math.isfinite(values[place])]
    return [place for place, value in enumerate(values) if not _is_finite(value)]


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False
