"""The text of a comparison's cells, the same on the screen and on the command line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from magnus_tracking.analysis.compare import Row
from magnus_tui import format as formats
from magnus_tui.text import clean

MINUS = "−"
STAR = "★"
_HASH_DIGITS = 12
_SHORT = 0.0995


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a row, ready to be shown.

    Attributes:
        text: the value.
        delta: the difference to the baseline, or empty.
        percent: the same in percent, or empty.
        best: whether no other column has a better value of this metric.
    """

    text: str
    delta: str = ""
    percent: str = ""
    best: bool = False

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
    percentages = row.percentages(baseline)
    found = []
    for column, text in enumerate(_texts(row)):
        delta = row.delta[column]
        changed = column != baseline and delta is not None and delta != 0
        found.append(
            Cell(
                text,
                _signed(row, delta) if changed and delta is not None else "",
                percent(percentages[column]) if changed else "",
                column in best,
            )
        )
    return found


def is_duration(row: Row) -> bool:
    """Whether a row holds seconds that something took."""
    return (row.section == "run" and row.key == "duration") or (
        row.section == "steps" and row.key.endswith(".duration")
    )


def _texts(row: Row) -> list[str]:
    if is_duration(row):
        return [_duration(value) for value in row.values]
    if row.section == "data" or (row.section == "code" and row.key == "commit"):
        return [formats.DASH if value is None else _short_hash(value) for value in row.values]
    return formats.column_numbers([_plain(value) for value in row.values])


def _duration(seconds: float | None) -> str:
    """Seconds as elsewhere, but to three digits where they are few: what differs has to look different."""
    if seconds is not None and 0 < abs(seconds) < _SHORT:
        return f"{formats.number(seconds * 1000, 3)} ms"
    return formats.duration(seconds)


def _plain(value: Any) -> Any:
    return formats.date_time(value) if isinstance(value, datetime) else value


def _short_hash(value: Any) -> str:
    """Each hash in a list of them by the digits that tell it from others."""
    return ", ".join(part[:_HASH_DIGITS] for part in formats.value(value).split(", "))


def _signed(row: Row, delta: float) -> str:
    text = _duration(abs(delta)) if is_duration(row) else formats.number(abs(delta))
    return (MINUS if delta < 0 else "+") + text


def percent(value: float | None) -> str:
    """A change in percent with its sign: ``+4,900 %``, ``−93.5 %``; empty where there is none."""
    if value is None:
        return ""
    size = abs(value)
    text = f"{size:,.0f}" if 1000 <= size < 10**7 else f"{size:.1f}" if size < 1000 else formats.number(size, 2)
    return f"{MINUS if value < 0 else '+'}{text} %"


def exact(value: Any) -> str:
    """A value in full, safe to show and to copy."""
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, str):
        return clean(value)
    return formats.DASH if value is None else clean(json.dumps(value, ensure_ascii=False))
