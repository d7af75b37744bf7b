"""What differs between two execution logs, line by line, apart from times and addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_CLOCK_COLUMN = re.compile(r"^\[\d\d:\d\d:\d\d\]")
_MASKS = (
    (re.compile(r"\b0[xX][0-9a-fA-F]+\b"), "<address>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d(?:[T ](?=\d))?"), "<date>"),
    (re.compile(r"(?<![\d:])\d{1,3}:\d\d(?::\d\d)?(?:[.,]\d+)?(?![\d:])"), "<time>"),
    (re.compile(r"\b\d+(?:\.\d+)?\s?(?:ms|µs|us|ns|s|sec|secs|seconds|min|minutes)\b"), "<time>"),
)
MOST_LINES = 3000
"""Lines from the end of each log that are compared."""


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of either log, or a stretch in which they are alike.

    Attributes:
        kind: whether both logs have it, only the first, only the second, or it stands for lines left out.
        text: the line as the log has it, the second's where both do; of a stretch, how long it is.
        first: of a line that both have, what the first log has where `masked` alone makes them alike; else None.
        before, after: 0-based line in the first and in the second log; None where it is not there.
    """

    kind: Literal["same", "removed", "added", "skipped"]
    text: str
    before: int | None
    after: int | None
    first: str | None = None


def masked(line: str) -> str:
    """A line with what changes from attempt to attempt masked: dates, clocks, durations, addresses.

    rich prints a clock only where it changed, so that its column counts as blank.
    """
    line = _CLOCK_COLUMN.sub(" " * len("[00:00:00]"), line).rstrip()
    for pattern, stand_in in _MASKS:
        line = pattern.sub(stand_in, line)
    return line


def diff_logs(before: Sequence[str], after: Sequence[str]) -> list[DiffLine]:
    """The lines of two logs, aligned.

    Args:
        before: the lines of the first log, escapes taken out; only its last `MOST_LINES` are compared.
        after: those of the second.
    """
    first, second = max(len(before) - MOST_LINES, 0), max(len(after) - MOST_LINES, 0)
    old, new = [masked(line) for line in before[first:]], [masked(line) for line in after[second:]]
    lines: list[DiffLine] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            lines += [_same(before, after, first + a + i, second + c + i) for i in range(b - a)]
        else:
            lines += [DiffLine("removed", before[first + i], first + i, None) for i in range(a, b)]
            lines += [DiffLine("added", after[second + i], None, second + i) for i in range(c, d)]
    return lines


def _same(before: Sequence[str], after: Sequence[str], old: int, new: int) -> DiffLine:
    first, text = before[old], after[new]
    return DiffLine("same", text, old, new, first if first.rstrip() != text.rstrip() else None)


_AROUND = 3
"""Lines that are kept before and behind each difference, as other tools do."""


def with_context(lines: Sequence[DiffLine]) -> Iterator[DiffLine]:
    """What differs, as `diff_logs` gives it, with a few lines around; a line of its own tells what is left out."""
    keep = bytearray(len(lines))
    for place, line in enumerate(lines):
        if line.kind != "same":
            for near in range(max(place - _AROUND, 0), min(place + _AROUND + 1, len(lines))):
                keep[near] = 1
    skipped = 0
    for place, line in enumerate(lines):
        if keep[place]:
            if skipped:
                yield _skipped(skipped)
                skipped = 0
            yield line
        else:
            skipped += 1
    if skipped:
        yield _skipped(skipped)


def _skipped(count: int) -> DiffLine:
    return DiffLine("skipped", f"{count:,} line{'' if count == 1 else 's'} alike", None, None)
