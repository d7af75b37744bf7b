"""A chart of one series in a few lines: its name and values that matter, then the curve or the spans."""

from __future__ import annotations

from bisect import bisect_right

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from magnus_tracking.runlog.metrics import is_number
from magnus_tui import format
from magnus_tui.charts.entries import Entry
from magnus_tui.charts.line_chart import ChartStyle, ChartView, Line, draw_chart
from magnus_tui.charts.palette import series_color
from magnus_tui.format import side_by_side
from magnus_tui.format.text import clean, truncate


def draw_small(
    entry: Entry, width: int, height: int, style: ChartStyle, title: Style, dim: Style, *, dark: bool, view: ChartView
) -> list[Line]:
    """The lines of a small chart, `height` of them, each `width` cells wide."""
    lines = [_title(entry, width, title, dim)]
    if entry.curve is not None:
        lines += draw_chart([entry.curve], width, height - 1, style, view)
    else:
        lines += draw_spans(entry, width, height - 1, dim, dark=dark)
    return lines[:height]


def _title(entry: Entry, width: int, title: Style, dim: Style) -> Line:
    facts = curve_facts(entry) if entry.curve is not None else format.count(len(entry.spans), "value")
    room = max(width - cell_len(facts) - 1, min(width, 12))
    name = clean(entry.label)
    name = truncate(name if cell_len(name) <= room else clean(entry.series.name), room)
    facts = truncate(facts, max(width - cell_len(name) - 1, 0))
    gap = " " * max(width - cell_len(name) - cell_len(facts), 0)
    return [Segment(name, title), Segment(gap, dim), Segment(facts, dim)]


def curve_facts(entry: Entry) -> str:
    """The least and the greatest value of a curve, and the last with its step."""
    curve = entry.curve
    if curve is None:
        return ""
    extremes = [curve.values[place] for place in curve.extremes or ()]
    *bounds, last = side_by_side.numbers([*extremes, curve.values[curve.last]])
    said = f"{last} @ {curve.indexes[curve.last]:,}"
    return f"⌄ {bounds[0]}  ⌃ {bounds[1]}  · {said}" if bounds else said


def draw_spans(entry: Entry, width: int, height: int, dim: Style, *, dark: bool) -> list[Line]:
    """The spans of a series: a bar over the steps, coloured by value, and below it which value from which step."""
    spans = entry.spans
    first, steps = spans[0].first, spans[-1].last - spans[0].first + 1
    starts = [span.first for span in spans]
    places: dict[str, int] = {}
    for span in spans:
        places.setdefault(span.text, len(places))
    bar: Line = []
    for cell in range(width):
        place = places[spans[bisect_right(starts, first + steps * cell // width) - 1].text]
        bar.append(Segment("█▓▒░"[place % 4], Style(color=series_color(place, dark=dark))))
    lines = [bar]
    for span in spans[: max(height - 1, 0)]:
        at = f"{span.first:,}" if span.first == span.last else f"{span.first:,}–{span.last:,}"
        text = truncate(span.text, max(width - len(at) - 3, 1))
        pad = " " * max(width - 2 - cell_len(text) - len(at), 0)
        color = series_color(places[span.text], dark=dark)
        lines.append([Segment("■ ", Style(color=color)), Segment(text), Segment(pad + at, dim)])
    if len(spans) > height - 1 > 0:
        more = f"… {len(spans) - height + 2} more changes: t shows them all"
        lines[-1] = [Segment(truncate(more, width).ljust(width), dim)]
    lines += [[Segment(" " * width)] for _ in range(height - len(lines))]
    return lines


def value_text(value: object, digits: int = 6) -> str:
    """A single value as it is shown in a list of values, numbers with so many significant digits."""
    return format.number(value, digits) if is_number(value) else format.value(value)  # type: ignore[arg-type]  # is_number told
