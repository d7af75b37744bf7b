import math
import re
from array import array
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from magnus_tracking.runlog.metrics import Series
from magnus_tracking.runlog.times import UNKNOWN
from magnus_tui.charts.canvas import Canvas
from magnus_tui.charts.line_chart import ChartStyle, ChartView, draw_chart, visible_bounds
from magnus_tui.charts.metric_entries import prepare
from magnus_tui.charts.prepared_series import PreparedSeries
from magnus_tui.charts.scales import Scale
from magnus_tui.charts.sparkline import draw_sparkline, whole_window
from magnus_tui.charts.tracing import trace
from magnus_tui.charts.window import Window

anything = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, -0.0, 5e-324, -5e-324, 1.7e308, -1.7e308, 1e16, 1e16 + 2]),
)
indexes = st.one_of(st.integers(-(10**18), 10**18), st.integers(10**40, 10**40 + 9), st.just(10**300))
"""Some that no float tells apart, and the farthest that are drawn where they are."""


@st.composite
def any_series(draw, values=anything):
    steps = draw(
        st.one_of(
            st.lists(indexes, unique=True, max_size=40).map(sorted),
            st.builds(lambda first, length: range(first, first + length), st.integers(-50, 50), st.integers(0, 40)),
        )
    )
    numbers = draw(st.lists(values, min_size=len(steps), max_size=len(steps)))
    return PreparedSeries("loss", steps, array("d", numbers))


@st.composite
def spiky(draw):
    """A long quiet series with a few values put into it, over contiguous or sparse steps."""
    length = draw(st.integers(1, 3000))
    values = array("d", [math.sin(place / 30) for place in range(length)])
    for place, value in draw(st.lists(st.tuples(st.integers(0, 2999), st.floats(-100, 100)), max_size=6)):
        values[place % length] = value
    stride = draw(st.sampled_from([1, 1, 7]))
    return PreparedSeries("loss", range(0, length * stride, stride), values)


def text_of(lines):
    return ["".join(segment.text for segment in line) for line in lines]


def has_dot(canvas, x, y):
    bit = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))[x & 1][y & 3]
    character = canvas.row_text(y >> 2)[x >> 1]
    return character != " " and bool(ord(character) & bit)


def columns_of(series, window, index, columns):
    """The columns in which a step may be drawn: where its tick would stand, and in long series near an edge beside it.

    The edges between columns of at least 64 values are exact to an eighth of a column (see `Pyramid.bounds_of`).
    """
    start, stop = series.within(window.first, window.last)
    slack = (window.last - window.first) / (columns - 1) / 8 if stop - start >= 64 * columns else 0
    return {window.column(index + shift, columns) for shift in (-slack, 0, slack)}


@settings(deadline=None, max_examples=40)
@given(spiky(), st.integers(4, 60), st.integers(1, 12))
def test_each_value_has_a_dot_where_it_lies(series, width, height):
    window = whole_window([series])
    low, high = min(series.values), max(series.values)
    scale = Scale.around(low, high)
    canvas = Canvas(width, height)
    trace(canvas, series, window, scale, 0)
    for place in (series.values.index(low), series.values.index(high), 0, len(series) // 2, len(series) - 1):
        row = scale.rows([series.values[place]], canvas.dots_down)[0]
        columns = columns_of(series, window, series.indexes[place], canvas.dots_across)
        assert any(has_dot(canvas, column, row) for column in columns)


@settings(deadline=None, max_examples=40)
@given(spiky(), st.floats(0, 0.8), st.floats(0.1, 1), st.integers(4, 60), st.integers(1, 12))
@example(PreparedSeries("", range(2049), [math.sin(step / 30) for step in range(2049)]), 0.12109375, 0.8046875, 5, 1)
def test_each_extreme_of_a_part_is_seen_when_that_is_looked_at(series, start, share, width, height):
    whole = whole_window([series])
    span = whole.last - whole.first
    window = Window(whole.first + start * span, whole.first + min(start + share, 1) * span)
    first, stop = series.within(window.first, window.last)
    if first == stop:
        return
    scale = Scale.around(*visible_bounds([series], window, ChartView()))
    canvas = Canvas(width, height)
    trace(canvas, series, window, scale, 0)
    for place in (min, max):
        value = place(series.values[first:stop])
        at = series.values.index(value, first, stop)
        row = scale.rows([value], canvas.dots_down)[0]
        columns = columns_of(series, window, series.indexes[at], canvas.dots_across)
        assert any(has_dot(canvas, column, row) for column in columns)


def test_every_spike_of_one_point_is_seen_in_ten_series_of_a_hundred_thousand():
    series = []
    for number in range(10):
        values = array("d", [float(number)]) * 100_000
        values[10_007 * number + 13] = 50.0
        series.append(PreparedSeries(str(number), range(100_000), values))
    window, scale = whole_window(series), Scale.around(0, 50)
    for number, one in enumerate(series):
        canvas = Canvas(115, 28)
        trace(canvas, one, window, scale, 0)
        columns = columns_of(one, window, 10_007 * number + 13, canvas.dots_across)
        assert any(has_dot(canvas, column, 0) for column in columns)


@settings(deadline=None, max_examples=100)
@given(
    st.one_of(
        st.lists(st.integers(-(2**70), 2**70), min_size=2, max_size=60, unique=True).map(sorted),
        st.builds(lambda first, length: range(first, first + length), st.integers(-999, 999), st.integers(2, 900)),
        st.builds(lambda first, length: range(first, first + length), st.integers(2**60, 2**62), st.integers(2, 900)),
    ),
    st.floats(-0.5, 1.5),
    st.integers(0, 12),
    st.integers(1, 200),
    st.booleans(),
)
@example(range(2**64, 2**64 + 9), 0.5, 2, 80, True)
def test_a_step_is_drawn_in_the_column_of_its_tick_however_large_steps_are(steps, center, zooms, columns, log):
    log &= steps[0] > 0
    window = whole = Window(steps[0], steps[-1], log)
    for _ in range(zooms):
        zoomed = window.zoomed(0.5, steps[0] + round(center * (steps[-1] - steps[0])), whole)
        window = zoomed if zoomed.last - zoomed.first >= 1 else window
    bins = PreparedSeries("", steps, array("d", [0.0]) * len(steps)).bins(window, columns)
    drawn = {
        steps[place]: column
        for column, (first, stop) in zip(bins.columns, pairwise(bins.edges), strict=True)
        for place in range(first, stop)
    }
    assert drawn == {step: window.column(step, columns) for step in steps if window.first <= step <= window.last}


@settings(deadline=None, max_examples=100)
@given(
    st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.lists(st.floats(0, 1), min_size=1, max_size=9), st.integers(1, 40)
)
def test_a_value_is_drawn_in_the_row_of_its_tick_however_few_there_are(low, span, shares, height):
    scale = Scale.around(low, low + span)
    values = [low, *(low + round(share * 64) / 64 * span for share in shares)]
    canvas = Canvas(30, height)
    series = PreparedSeries("", range(len(values)), array("d", values))
    window = whole_window([series])
    trace(canvas, series, window, scale, 0)
    for step, value in enumerate(values):
        column = window.column(step, canvas.dots_across)
        assert has_dot(canvas, column, scale.rows([value], canvas.dots_down)[0])


@settings(deadline=None, max_examples=80)
@given(
    st.lists(any_series(), max_size=3),
    st.integers(1, 60),
    st.integers(1, 15),
    st.booleans(),
    st.sampled_from([0.0, 0.6, 0.97]),
    st.one_of(st.none(), indexes),
    st.one_of(st.none(), st.tuples(indexes, indexes)),
    st.booleans(),
)
@example([PreparedSeries("", range(2), [1.79e308, 1.79e308])], 40, 9, False, 0.0, None, None, False)
@example([PreparedSeries("", range(2), [5e-324, 5e-324])], 40, 9, True, 0.0, None, None, False)
@example([PreparedSeries("", range(2), [1e16, 1e16 + 2])], 40, 9, True, 0.0, None, None, False)
@example([PreparedSeries("", range(2), [-1.7e308, 1.7e308])], 40, 9, False, 0.0, None, None, False)
@example([PreparedSeries("", range(10**20, 10**20 + 9), [1.0] * 9)], 40, 9, False, 0.0, 10**20, None, True)
@example([PreparedSeries("", [1, 10**18, 10**19], [1.0] * 3)], 40, 9, False, 0.0, None, (10**18, 10**19), True)
def test_any_series_at_any_size_gives_lines_of_that_size(series, width, height, log, smoothing, cursor, ends, log_x):
    window = Window(min(ends), max(ends), log_x and min(ends) > 0) if ends and ends[0] != ends[1] else None
    view = ChartView(window, log, smoothing, cursor, log_x=log_x)
    lines = text_of(draw_chart(series, width, height, ChartStyle(), view))
    assert [cell_len(line) for line in lines] == [width] * height


@settings(deadline=None)
@given(st.lists(st.one_of(anything, st.integers(-(10**400), 10**400)), max_size=60), st.integers(1, 30))
def test_a_sparkline_has_just_its_width(values, width):
    series = PreparedSeries.of(Series("", None, "", range(len(values)), values))
    assert cell_len(draw_sparkline(series, width).plain) == width


@settings(deadline=None, max_examples=30)
@given(any_series(st.floats(-1e9, 1e9)), st.integers(-(10**18), 10**18), st.integers(-(10**18), 10**18))
def test_a_frame_drawn_again_is_the_same_frame(series, one, other):
    views = [ChartView(), ChartView(log=True), ChartView(cursor=3)]
    if one != other:
        views.append(ChartView(Window(min(one, other), max(one, other))))
    for view in [*views, *reversed(views)]:
        anew = PreparedSeries(series.label, series.indexes, series.values)
        assert draw_chart([series], 40, 9, ChartStyle(), view) == draw_chart([anew], 40, 9, ChartStyle(), view)


def test_where_values_are_not_finite_it_says_so():
    series = PreparedSeries("loss", range(300), [1 / (step + 1) if step < 201 else math.nan for step in range(300)])
    lines = text_of(draw_chart([series], 60, 10, ChartStyle()))
    assert any("NaN from 201" in line and "▒" in line for line in lines)


def test_on_a_logarithmic_axis_what_is_not_positive_lies_at_its_foot():
    series = PreparedSeries("loss", range(4), [-1.0, 0.01, 1.0, 100.0])
    assert visible_bounds([series], Window(0, 3), ChartView(log=True)) == (0.01, 100.0)
    other = PreparedSeries("gain", range(2), [-5.0, -4.0])
    assert visible_bounds([series, other], Window(0, 3), ChartView(log=True)) == (0.01, 100.0)
    lines = text_of(draw_chart([series], 40, 12, ChartStyle(), ChartView(log=True)))
    assert any(line.lstrip().startswith("100┤") for line in lines)
    assert cell_len(lines[-3].strip("│┤ 0.1")) > 0


def test_a_run_with_integers_beyond_any_float_can_be_prepared():
    entries = prepare([Series("train", 1, "big", (0, 1, 2), (10**400, 3, -(10**400)))])
    assert entries[0].curve.gaps.text() == "1e400 at 0 (+1 more)"
    assert entries[0].curve.values[1] == 3


def test_the_axis_of_steps_ends_with_its_last_step():
    series = PreparedSeries("loss", range(300), [float(step) for step in range(300)])
    for width in (38, 80, 158):
        assert text_of(draw_chart([series], width, 10, ChartStyle()))[-1].endswith("299")


def test_notes_on_an_axis_of_time_are_in_time():
    series = PreparedSeries("", [1_795_452_586_000, 1_795_452_596_000, 1_795_452_606_000], [math.nan, 1.0, 2.0])
    text = "\n".join(text_of(draw_chart([series], 60, 10, ChartStyle(), ChartView(axis="clock"))))
    assert "NaN at 2026-11-23" in text
    assert "1795452586" not in text


def test_few_values_are_points_and_those_of_no_sequence_are_not_joined():
    series = PreparedSeries("", [0, 10, 20], [0.0, 9.0, 0.0])
    joined = text_of(draw_chart([series], 60, 12, ChartStyle()))
    alone = text_of(draw_chart([series], 60, 12, ChartStyle(), ChartView(lines=False)))
    plots = [
        "".join(line.partition("│")[2] or line.partition("┤")[2] for line in lines[:-2]) for lines in (joined, alone)
    ]
    assert [plot.count("•") for plot in plots] == [3, 3]
    assert len(plots[0].replace(" ", "")) > 20
    assert len(plots[1].replace(" ", "")) == 3


def test_many_values_of_no_sequence_are_dots_where_they_lie():
    series = PreparedSeries("", range(100), [float(number % 2) for number in range(100)])
    lines = text_of(draw_chart([series], 60, 12, ChartStyle(), ChartView(lines=False)))
    filled = [row for row, line in enumerate(lines[:-2]) if re.search("[\u2801-\u28ff]", line)]
    assert filled == [0, 9]


def test_values_beyond_the_quantiles_are_marked_at_the_edge():
    values = [math.sin(step / 10) for step in range(400)]
    values[100], values[300] = 90.0, -70.0
    series = PreparedSeries("", range(400), array("d", values))
    whole = text_of(draw_chart([series], 60, 12, ChartStyle()))
    clipped = text_of(draw_chart([series], 60, 12, ChartStyle(), ChartView(clip=0.01)))
    assert not re.search("[▲▼]", "".join(whole))
    assert "▲" in clipped[0]
    assert "▼" in clipped[-3]
    assert visible_bounds([series], Window(0, 399), ChartView(clip=0.01)) == pytest.approx((-1, 1), abs=0.01)


@pytest.mark.parametrize("height", [12, 30])
def test_a_logarithmic_axis_of_steps_gives_each_decade_the_same_room(height):
    series = PreparedSeries("", range(1001), array("d", map(float, range(1001))))
    lines = text_of(draw_chart([series], 80, height, ChartStyle(), ChartView(log_x=True)))
    places = [lines[-2].index("└") + 1 + Window(1, 1000, True).column(step, 140) // 2 for step in (1, 10, 100, 1000)]
    assert places[1] - places[0] == pytest.approx(places[2] - places[1], abs=1)
    assert [word for word in lines[-1].split() if word in ("1", "10", "100", "1,000")] == ["1", "10", "100", "1,000"]


def test_a_curve_is_drawn_along_its_times():
    times = array("q", [1_795_452_586_000 + 1000 * second for second in (0, 10, 20, 90)])
    series = PreparedSeries("", range(4), array("d", [4, 3, 2, 1]), times=times, began=times[0] - 5000)
    along = series.along("elapsed")
    assert list(along.indexes) == [5000, 15000, 25000, 95000]
    assert list(along.steps) == [0, 1, 2, 3]
    lines = text_of(draw_chart([along], 60, 12, ChartStyle(), ChartView(axis="elapsed")))
    assert "1:00" in lines[-1]
    assert PreparedSeries("", range(4), array("d", [4, 3, 2, 1])).along("clock") is None


def test_values_of_several_processes_are_drawn_in_the_order_of_their_times():
    series = PreparedSeries("", range(4), array("d", [4, 3, 2, 1]), times=[40_000, 10_000, UNKNOWN, 20_000])
    along = series.along("clock")
    assert (list(along.indexes), list(along.values), list(along.steps)) == (
        [10_000, 20_000, 40_000],
        [3, 1, 4],
        [1, 3, 0],
    )


def test_what_a_logarithmic_axis_can_not_show_is_marked_below_it_and_not_drawn_as_its_least_value():
    values = array("d", [*(0.5**step for step in range(60)), *[0.0] * 60])
    falling = PreparedSeries("", range(120), values)
    lines = text_of(draw_chart([falling], 100, 12, ChartStyle(), ChartView(log=True)))
    bottom = lines[-3]
    assert bottom.count("▼") > 40
    assert not re.search("[▲▼]", "".join(text_of(draw_chart([falling], 100, 12, ChartStyle(), ChartView()))))
