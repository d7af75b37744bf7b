"""Values, tables and curves as HTML and SVG that can be read anywhere: no script, no style or font from elsewhere."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, localcontext
from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING, Any

from magnus_tracking.printable import clean, clean_lines

if TYPE_CHECKING:
    from magnus_tracking.runlog.metrics import Series

MOST_ROWS = 200
"""Rows of a table in a notebook; the rest is counted below it."""
_CHART_PIXELS = 640, 240
"""Width and height of a chart: two stand beside one another on most screens."""
_MOST_TICKS = 6
_PLAIN = 7
"""Characters of a label that are written without an exponent in any case."""
_LETTER = 7
"""Pixels of a letter of a label, at most."""
_LEAST_LEFT = 64
"""Pixels left of a chart, so that those below one another begin alike."""
_MOST_TEXT = 200
"""Characters of a cell."""

LINES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#999999", "#000000")
"""Colours of curves that colour-blind people tell apart (Okabe and Ito)."""
_GREATEST = 5e307
"""The greatest value that is drawn where it belongs: an axis of greater ones would be longer than numbers go."""
_STATUS = {"SUCCESS": "#00724f", "FAIL": "#b3261e", "UNREADABLE": "#b3261e"}


def text(value: Any) -> str:
    """A value as the text of a cell, with nothing in it that HTML would take as markup."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    shown = clean(value if isinstance(value, str) else str(value))
    return escape(shown if len(shown) <= _MOST_TEXT else f"{shown[: _MOST_TEXT - 1]}…")


def cell(value: Any, *, mark: bool = False) -> str:
    """A cell of a table: numbers to the right, states in colour."""
    style = "text-align:right" if isinstance(value, int | float) and not isinstance(value, bool) else "text-align:left"
    if isinstance(value, str) and value in _STATUS:
        style += f";color:{_STATUS[value]}"
    if mark:
        style += ";font-weight:bold"
    return f'<td style="{style}">{text(value)}</td>'


def table(
    rows: Sequence[Mapping[str, Any]], *, most: int | None = MOST_ROWS, marked: Collection[tuple[int, str]] = ()
) -> str:
    """Rows of named cells as a table; columns in which there is nothing are left out.

    Args:
        rows: the rows.
        most: of them to show; None for all.
        marked: cells to stand out, as (row, column).
    """
    shown = rows if most is None else rows[:most]
    names = [name for name in dict.fromkeys(name for row in shown for name in row) if _has(shown, name)]
    head = "".join(f'<th style="text-align:left">{text(name)}</th>' for name in names)
    body = "".join(
        "<tr>" + "".join(cell(row.get(name), mark=(place, name) in marked) for name in names) + "</tr>"
        for place, row in enumerate(shown)
    )
    rest = f"<p>and {len(rows) - len(shown):,} more</p>" if len(shown) < len(rows) else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}" if rows else "<p>none</p>"


def _has(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    return any(row.get(name) not in (None, "") for row in rows)


def preformatted(lines: str) -> str:
    """Text of several lines as it is."""
    return f"<pre>{escape(clean_lines(lines))}</pre>"


def chart(title: str, curves: Sequence[tuple[str, Series]]) -> str:
    """Curves of one metric over their step indexes, as SVG.

    Each pixel column draws the least and the greatest value in it, so that no spike is lost; what is not finite is a
    gap, and is counted in the legend.

    Args:
        title: what stands above.
        curves: names and series.
    """
    width, height = _CHART_PIXELS
    right, top, bottom = 12, 24, 22 + 16 * len(curves)
    points = [_finite(series) for _, series in curves]
    xs = [x for found in points for x, _ in found]
    ys = [y for found in points for _, y in found]
    low_x, high_x = _range(xs)
    low_y, high_y = _range(ys)
    beside = labelled(ticks(low_y, high_y))
    left = max(_LEAST_LEFT, 10 + _LETTER * max((len(label) for _, label in beside), default=0))
    parts = [f'<text x="{left}" y="15" font-weight="bold">{text(title)}</text>']
    across, down = width - left - right, height - top - bottom

    def to_x(x: float) -> float:
        return left + (x - low_x) / (high_x - low_x) * across

    def to_y(y: float) -> float:
        return top + (high_y - y) / (high_y - low_y) * down

    for tick, label in beside:
        y = to_y(tick)
        parts.append(f'<path d="M{left} {y:.1f}H{width - right}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    for tick, label in _apart(labelled(ticks(low_x, high_x)), across):
        x = to_x(tick)
        parts.append(f'<text x="{x:.1f}" y="{top + down + 15}" text-anchor="middle">{label}</text>')
    for number, ((name, series), found) in enumerate(zip(curves, points, strict=True)):
        colour = LINES[number % len(LINES)]
        parts += _drawn([(to_x(x), to_y(y)) for x, y in found], colour)
        gaps = len(series.values) - len(found)
        said = name + (f" ({gaps:,} of {len(series.values):,} values are not finite)" if gaps else "")
        y = top + down + 32 + 16 * number
        parts.append(f'<path d="M{left} {y - 4}h16" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{left + 22}" y="{y}">{text(said)}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="11" fill="#222"><title>{text(title)}</title>{"".join(parts)}</svg>'
    )


def _finite(series: Series) -> list[tuple[float, float]]:
    found = []
    for x, y in zip(series.indexes, series.numbers, strict=True):
        try:
            # Integers of any size may be tracked.
            value, index = float(y), float(x)
        except OverflowError:
            continue
        if math.isfinite(value):
            found.append((index, max(min(value, _GREATEST), -_GREATEST)))
    return found


def _range(values: Sequence[float]) -> tuple[float, float]:
    """The least and the greatest value, apart."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    half = abs(low) / 2 or 0.5
    return (low - half, high + half) if low == high else (low, high)


def ticks(low: float, high: float) -> list[Fraction]:
    """A few round values from `low` to `high`, exactly: multiples of 1, 2 or 5 times a power of ten."""
    span = Fraction(high) - Fraction(low)
    # Between the least of all floats there is no float any more.
    exponent = math.floor(math.log10(span.numerator) - math.log10(span.denominator) - math.log10(_MOST_TICKS))
    power = Fraction(10) ** exponent
    step = next(power * factor for factor in (1, 2, 5, 10, 20) if span / (power * factor) <= _MOST_TICKS - 1)
    first = math.ceil(Fraction(low) / step)
    return [(first + count) * step for count in range(math.floor(Fraction(high) / step) - first + 1)]


def labelled(values: Sequence[Fraction]) -> list[tuple[float, str]]:
    """Ticks with labels of as few digits as tell each value to a hundredth of the distance between two."""
    step = abs(values[1] - values[0]) if len(values) > 1 else abs(values[0]) if values else Fraction(0)
    for digits in itertools.count(3):
        labels = [_written(value, digits) for value in values]
        if all(abs(Fraction(label) - value) <= step / 100 for label, value in zip(labels, values, strict=True)):
            return [(float(value), label) for value, label in zip(values, labels, strict=True)]
    raise AssertionError


def _written(value: Fraction, digits: int) -> str:
    """A number with so many digits; with an exponent where that is shorter."""
    with localcontext(prec=digits):
        rounded = (Decimal(value.numerator) / Decimal(value.denominator)).normalize()
    plain, short = f"{rounded:f}", f"{rounded:e}".replace("e+", "e")
    return plain if len(plain) <= max(_PLAIN, len(short) + 2) else short


def _apart(labels: Sequence[tuple[float, str]], room: float) -> Sequence[tuple[float, str]]:
    """As many of the labels as have room beside one another."""
    longest = max((len(label) for _, label in labels), default=0)
    return labels[:: max(1, math.ceil(len(labels) * (longest + 1) * _LETTER / room))]


def _drawn(points: Sequence[tuple[float, float]], colour: str) -> list[str]:
    """The path through the points, of each pixel column only the ends and the extremes; single points as such."""
    if len(points) == 1:
        return [f'<circle cx="{points[0][0]:.1f}" cy="{points[0][1]:.1f}" r="2.5" fill="{colour}"/>']
    kept: list[tuple[float, float]] = []
    column: list[tuple[float, float]] = []

    def flush() -> None:
        lowest, highest = (pick(column, key=lambda point: point[1]) for pick in (min, max))
        wanted = {id(point) for point in (column[0], lowest, highest, column[-1])}
        kept.extend(point for point in column if id(point) in wanted)
        column.clear()

    for point in points:
        if column and int(column[0][0]) != int(point[0]):
            flush()
        column.append(point)
    if column:
        flush()
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in kept)
    return [f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>'] if kept else []
