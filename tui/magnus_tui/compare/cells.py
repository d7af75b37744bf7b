"""The text of a comparison's cells, the same on the screen and on the command line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from magnus_tracking.analysis.compare import Row
from magnus_tui import format as formats
from magnus_tui.format import side_by_side
from magnus_tui.format.text import LONGEST_NUMBER, clean

STAR = "★"
_HASH_DIGITS = 12
_LEAST_EXCERPT = 16
"""Characters up to which a text is always shown whole."""
_LEAST_PERCENT = 0.05
"""What one decimal still tells from zero."""
_PERCENT_DIGITS = 12
"""More digits of a percentage than this are noise of the division."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a row, ready to be shown.

    Attributes:
        text: the value; different ones in a row look different.
        excerpt: of a long value, numbers of very many digits included, the part around its first difference, for where
            there is no room for all of it.
        delta: the difference to the baseline, or empty.
        percent: the same in percent, or empty.
        best: whether no other column has a better value of this metric.
    """

    text: str
    delta: str = ""
    percent: str = ""
    best: bool = False
    excerpt: str = ""

    @property
    def change(self) -> str:
        """The percentage and the difference, as far as there are any."""
        return "  ".join(filter(None, (self.percent, self.delta)))


def cells(row: Row, baseline: int, chosen: Mapping[str, str] | None = None) -> list[Cell]:
    """The cells of a row, its numbers with the same precision.

    Args:
        row: the row.
        baseline: the column that differences are measured from.
        chosen: by metric, ``min`` or ``max``, as the user said.
    """
    best = row.best(chosen)
    differences = [delta if column != baseline else None for column, delta in enumerate(row.delta)]
    deltas = _signed(row, differences)
    # A seed or an id a third higher means nothing: only what was measured is told in percent.
    measured = row.metric is not None or is_duration(row)
    percentages = percents(
        [
            share if difference and measured else None
            for share, difference in zip(row.percentages(baseline), differences, strict=True)
        ]
    )
    texts = _texts(row)
    return [
        Cell(text, deltas[column], percentages[column], column in best, excerpt)
        for column, (text, excerpt) in enumerate(zip(texts, _excerpts(row, texts), strict=True))
    ]


def is_duration(row: Row) -> bool:
    """Whether a row holds seconds that something took."""
    return (row.section == "run" and row.key == "duration") or (
        row.section == "steps" and row.key.endswith(".duration")
    )


def _texts(row: Row) -> list[str]:
    if is_duration(row):
        texts = side_by_side.durations(row.values)
        return [f"~{text}" if column in row.inferred else text for column, text in enumerate(texts)]
    if row.section == "data" or (row.section == "code" and row.key == "commit"):
        short = [None if value is None else _short_hash(value) for value in row.values]
        return side_by_side.values(row.values if formats.is_ambiguous(row.values, list(map(str, short))) else short)
    return side_by_side.values(row.values, nulls=row.nulls)


def _excerpts(row: Row, shown: Sequence[str]) -> list[str]:
    """By column, the part of a long value around where it first differs; empty for other numbers and short ones.

    Args:
        row: the row.
        shown: its values as text.
    """
    texts = [value if isinstance(value, str) else None for value in row.values]
    excerpts = [""] * len(texts)
    if max((len(text) for text in texts if text is not None), default=0) > _LEAST_EXCERPT:
        cut = side_by_side.excerpts(texts, _LEAST_EXCERPT)
        written = side_by_side.values(
            [value if text is None else text for text, value in zip(cut, row.values, strict=True)]
        )
        excerpts = [text if isinstance(value, str) else "" for text, value in zip(written, row.values, strict=True)]
    pairs = list(zip(shown, row.values, strict=True))
    others = [text if isinstance(value, datetime | list | dict) else None for text, value in pairs]
    huge = [text if isinstance(value, int) and len(text) > LONGEST_NUMBER else None for text, value in pairs]
    for cut in (
        side_by_side.excerpts(others, _LEAST_EXCERPT, whole_numbers=True),
        side_by_side.excerpts(huge, _LEAST_EXCERPT),
    ):
        excerpts = [excerpt if text is None else text for text, excerpt in zip(cut, excerpts, strict=True)]
    return excerpts


def _short_hash(value: Any) -> str:
    """Each hash in a list of them by the digits that tell it from others."""
    return ", ".join(part[:_HASH_DIGITS] for part in formats.value(value).split(", "))


def _signed(row: Row, differences: Sequence[float | None]) -> list[str]:
    """Differences with their sign, as many digits as tell them apart; empty where there is none."""
    found = [difference for difference in differences if difference]
    sizes = [abs(difference) for difference in found]
    write = side_by_side.durations if is_duration(row) else side_by_side.numbers
    texts = iter(write([0, *sizes])[1:])
    return [formats.signed(difference, next(texts)) if difference else "" for difference in differences]


def percents(changes: Sequence[float | None]) -> list[str]:
    """Changes in percent, as many digits as tell them apart and from zero; empty where there is none."""
    for digits in range(_PERCENT_DIGITS + 1):
        texts = [percent(change, digits) for change in changes]
        if not formats.is_ambiguous(changes, texts):
            break
    return texts


def percent(value: float | None, more: int = 0) -> str:
    """A change in percent with its sign: ``+4,900 %``, ``-93.5 %``, ``+0.004 %``; empty where there is none.

    Args:
        value: the change; a number that is not zero never reads as zero, and only a fall to zero as -100 %.
        more: how many more digits than usual.
    """
    if not value:
        return ""
    size = abs(value)
    if 1000 <= size < 10**7:
        text = f"{size:,.{more}f}"
    elif _LEAST_PERCENT <= size < 1000:
        text = f"{size:.{1 + more}f}"
    else:
        text = formats.number(size, 2 + more)
    if -100 < value < 0 and text.startswith("100"):
        return percent(value, more + 1)
    return f"{formats.signed(value, text)} %"


def exact(row: Row, column: int) -> str:
    """A value in full, safe to show and to copy."""
    value = row.values[column]
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, str):
        return clean(value)
    if value is None:
        return formats.value(None) if column in row.nulls else formats.DASH
    return clean(json.dumps(value, ensure_ascii=False))
