"""Taking the long metrics out of the text of a run log, to read each on its own.

What is left is a small text, which is decoded as any run log is; a bare NaN among the values then costs the run log
nothing. A long metric of numbers is the text from one brace to the next: found by the braces alone, and made sure of
by reading it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from magnus_tracking.runlog.metrics import Points
from magnus_tracking.series.numbers import NumbersReader
from magnus_tracking.series.stripped_log import LONG, left_out

_TEXT = "\x00series {}"
_QUOTED = b'"\\u0000series %d"'
_START = b"\\u0000series "


@dataclass(slots=True)
class SplitLog:
    """A run log whose long metrics are taken out of its text.

    Attributes:
        text: the run log, with a text in the place of each long metric of numbers.
        metrics: these metrics, by that text, in the order of the file.
        sizes: the bytes that each of them takes in the file.
    """

    text: bytes
    metrics: dict[str, Points] = field(default_factory=dict)
    sizes: list[int] = field(default_factory=list)

    def shown(self, text: bytes | None) -> bytes | None:
        """`text`, taken from the run log, with what a reader is told in the place of each long metric."""
        if text is not None:
            for number, size in enumerate(self.sizes):
                text = text.replace(_QUOTED % number, left_out(size))
        return text


def split_log(data: bytes) -> SplitLog:
    """Take the long metrics of numbers out of a run log.

    Args:
        data: what its file holds.
    """
    split = SplitLog(data)
    parts: list[bytes] = []
    reader = NumbersReader()
    view = memoryview(data)
    start = before = 0
    closing = data.find(b"}")
    while closing >= 0:
        opening = data.rfind(b"{", before, closing) if closing - before > LONG else closing
        points = reader.read(view[opening : closing + 1]) if closing - opening > LONG else None
        if points is not None:
            number = len(split.sizes)
            parts += [data[start:opening], _QUOTED % number]
            split.metrics[_TEXT.format(number)] = points
            split.sizes.append(closing + 1 - opening)
            start = closing + 1
        before = closing + 1
        closing = data.find(b"}", before)
    if parts:
        split.text = b"".join([*parts, data[start:]])
        if split.text.count(_START) != len(split.sizes):
            return SplitLog(data)
    return split
