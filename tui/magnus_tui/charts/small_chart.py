"""A chart of one series in a few lines: its name and values that matter, then the curve or the spans."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from magnus_tracking.analysis.best_values import direction_of
from magnus_tracking.runlog.metrics import is_number
from magnus_tui import format
from magnus_tui.charts.exact_decimals import with_unit
from magnus_tui.charts.line_chart import ChartStyle, ChartView, Line, draw_chart
from magnus_tui.charts.metric_entries import Entry
from magnus_tui.charts.prepared_series import PreparedSeries
from magnus_tui.charts.series_colors import series_color
from magnus_tui.format import side_by_side
from magnus_tui.format.text import clean, truncate


def draw_small(
    entry: Entry,
    width: int,
    height: int,
    style: ChartStyle,
    title: Style,
    dim: Style,
    *,
    dark: bool,
    view: ChartView,
    best: str | None = None,
) -> list[Line]:
    """The lines of a small chart, `height` of them, each `width` cells wide.

    Args:
        entry: what is drawn.
        width: cells of a line.
        height: how many lines there are.
        style: of a curve.
        title: the style of the name.
        dim: that of what is secondary.
        dark: whether the theme is dark.
        view: how a curve is drawn.
        best: see `curve_facts`.
    """
    lines = [_title(entry, width, title, dim, best)]
    if entry.curve is not None:
        along = entry.curve.along(view.axis)
        if along is None:
            # The runs of other trackers, and of engines, hold no times.
            along, view = entry.curve, replace(view, axis="step")
        lines += draw_chart([along], width, height - 1, style, view)
    else:
        lines += draw_spans(entry, width, height - 1, dim, dark=dark)
    return lines[:height]


def _title(entry: Entry, width: int, title: Style, dim: Style, best: str | None) -> Line:
    facts = curve_facts(entry.curve, entry.series.name, best) if entry.curve is not None else []
    facts = facts or [format.count(len(entry.spans), "value")]
    name = clean(entry.label)
    if cell_len(name) + _GAP + cell_len(facts[0]) > width:
        # The step and attempt in front of it say less than the value.
        name = clean(entry.series.name)
    return title_of(name, facts, width, title, dim)


def title_of(name: str, facts: Sequence[str], width: int, title: Style, dim: Style) -> Line:
    """The name, then what matters most, as far as there is room: never a part of a number.

    Args:
        name: of what is drawn, safe to show.
        facts: about it, what matters most first.
        width: cells that the title takes.
        title: the style of the name.
        dim: the style of all facts but the first.
    """
    name = truncate(name, max(width - cell_len(facts[0]) - _GAP, min(width, _LEAST_NAME)))
    room = width - cell_len(name)
    told = ""
    for fact in facts:
        longer = f"{told}{_BETWEEN if told else ' ' * _GAP}{fact}"
        if cell_len(longer) > room:
            break
        told = longer
    last, rest = told[: _GAP + cell_len(facts[0])], told[_GAP + cell_len(facts[0]) :]
    return [
        Segment(name, title),
        Segment(last, _VALUE),
        Segment(rest, dim),
        Segment(" " * (room - cell_len(told)), dim),
    ]


_GAP, _BETWEEN = 2, "  "
_LEAST_NAME = 8
_VALUE = Style(bold=True)


def curve_facts(curve: PreparedSeries, metric: str, best: str | None = None) -> list[str]:
    """A curve in short, what matters first: the last value, the best and where, the range.

    Args:
        curve: the curve.
        metric: what it is of.
        best: ``min`` or ``max`` as the user said; None where the name of the metric tells.
    """
    if not len(curve):
        return [""]
    last = curve.values[curve.last]
    if curve.extremes is None:
        return [side_by_side.numbers([last])[0]]
    low, high = curve.extremes
    texts = [with_unit(text) for text in side_by_side.numbers([last, curve.values[low], curve.values[high]])]
    facts = [texts[0]]
    direction = direction_of(metric, {metric: best} if best else None)
    if direction is not None:
        place, text = (low, texts[1]) if direction == "min" else (high, texts[2])
        at = "" if place == curve.last else f" {text}"
        facts.append(f"★{at} @ {curve.indexes[place]:,}")
    if curve.values[low] != curve.values[high]:
        facts.append(f"{texts[1]} … {texts[2]}")
    return facts


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
        more = f"… {len(spans) - height + 2} more changes: the table shows them all"
        lines[-1] = [Segment(truncate(more, width).ljust(width), dim)]
    lines += [[Segment(" " * width)] for _ in range(height - len(lines))]
    return lines


def value_text(value: object) -> str:
    """A single value as it is shown in a list of values."""
    return format.number(value, 6) if is_number(value) else format.value(value)  # type: ignore[arg-type]  # is_number told
