"""From values to text that is safe to show; everything here is pure."""

from magnus_tui.format.status import glyph
from magnus_tui.format.text import home_relative
from magnus_tui.format.times import ago, ago_changes, clock, date_time, duration, silence, span, took
from magnus_tui.format.values import (
    DASH,
    NOT_FINITE,
    ambiguous_texts,
    column_numbers,
    count,
    finer_numbers,
    identity,
    is_ambiguous,
    number,
    percent,
    signed,
    size,
    value,
)

__all__ = [
    "DASH",
    "NOT_FINITE",
    "ago",
    "ago_changes",
    "ambiguous_texts",
    "clock",
    "column_numbers",
    "count",
    "date_time",
    "duration",
    "finer_numbers",
    "glyph",
    "home_relative",
    "identity",
    "is_ambiguous",
    "number",
    "percent",
    "signed",
    "silence",
    "size",
    "span",
    "took",
    "value",
]
