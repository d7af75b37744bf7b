"""Ticks, read back from charts as they are drawn: each label is a number that lies where its tick stands."""

import math
import re
from array import array
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from magnus_tui.charts.axes import x_axis
from magnus_tui.charts.gantt import TimeWindow, draw_axis
from magnus_tui.charts.line_chart import ChartStyle, ChartView, draw_chart
from magnus_tui.charts.prepared_series import PreparedSeries
from magnus_tui.charts.scales import Scale
from magnus_tui.charts.ticks import log_step_axis, step_axis, value_axis
from magnus_tui.charts.time_ticks import elapsed_axis, span_axis, span_text, time_axis
from magnus_tui.charts.window import Window

HEIGHTS, WIDTHS = st.sampled_from([5, 9, 11, 20, 40]), st.sampled_from([20, 38, 60, 80, 158, 200])
EPOCH = datetime(1970, 1, 1)

ranges = st.one_of(
    st.tuples(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300)),
    st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)),
    st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False)),
    st.builds(
        lambda offset, exponent, span: (offset, offset + span * 10.0**exponent),
        st.sampled_from([1.611e10, 1.7e18, -1.7e18, 0.1, 1e16, 123456.789, -5e-7, 1.7e9, float(2**53 + 2)]),
        st.integers(-12, 12),
        st.floats(1, 10),
    ),
    st.builds(lambda low, ulps: (low, low + ulps * math.ulp(low)), st.floats(-1e9, 1e9), st.integers(0, 300)),
    st.builds(lambda low, ulps: (low * 5e-324, (low + ulps) * 5e-324), st.integers(-50, 50), st.integers(0, 5000)),
)
positive = st.one_of(
    st.builds(lambda low, decades: (10.0**low, 10.0 ** (low + decades)), st.floats(-300, 280), st.floats(0, 20)),
    st.builds(lambda low, decades: (10.0**low, 10.0 ** (low + decades)), st.floats(-12, 12), st.floats(0.0001, 1.5)),
    st.tuples(st.floats(5e-324, 1.7e308), st.floats(5e-324, 1.7e308)),
)


def drawn(low, high, width, height, **view):
    series = PreparedSeries("", range(2), array("d", [low, high]))
    lines = [
        "".join(part.text for part in line)
        for line in draw_chart([series], width, height, ChartStyle(), ChartView(**view))
    ]
    assert [cell_len(line) for line in lines] == [width] * height
    return lines


UNITS = {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def read(text, offset=""):
    """A label as the number that it says."""
    text = text.replace(",", "").removeprefix("+").strip()
    unit = UNITS.get(text[-1:], 1)
    exact = Fraction(text[:-1] if unit > 1 else text) * unit
    return exact + read(offset.removeprefix("from ")) if offset else exact


def value_ticks(lines):
    """(row, number) of every tick of the axis of values, from the top."""
    foot = next(row for row, line in enumerate(lines) if "└" in line)
    labels = [(row, line.partition("┤")[0].strip()) for row, line in enumerate(lines[:foot]) if "┤" in line]
    offset = ""
    if any(text.startswith("+") for _, text in labels):
        offset = next(re.match(r" *(from [^\s└]+)", line)[1] for line in lines[foot:] if "from" in line)
    return [(row, read(text, offset)) for row, text in labels]


def floats_between(scale):
    """About how many floats an axis has between its ends."""
    return (scale.high / 2 - scale.low / 2) / math.ulp(max(abs(scale.low), abs(scale.high))) * 2


@settings(deadline=None, max_examples=400)
@given(ranges, WIDTHS, HEIGHTS)
@example((0.0, 1.0), 60, 11)
@example((0.0, 2.49), 60, 11)
@example((1.611e10, 1.611e10 + 57), 60, 11)
@example((1.7e18, 1.7e18 + 2560), 20, 9)
@example((-1.7e308, 1.7e308), 60, 11)
@example((1.7976931348602001e308, 1.7976931348602562e308), 60, 9)
def test_each_label_of_a_linear_axis_is_the_value_at_its_row(ends, width, height):
    low, high = min(ends), max(ends)
    lines = drawn(low, high, width, height)
    ticks, rows = value_ticks(lines), height - 2
    scale = Scale.around(low, high)
    for row, number in ticks:
        assert scale.rows([float(number)], rows * 4)[0] // 4 == row
    assert [float(number) for _, number in ticks] == sorted({float(number) for _, number in ticks}, reverse=True)
    if floats_between(scale) > 2000:
        gaps = [above - below for (_, above), (_, below) in pairwise(ticks)]
        assert all(gap == gaps[0] for gap in gaps)
    if rows >= 7 and width >= 60:
        assert len(ticks) >= min(4, floats_between(scale) / 10)


@settings(deadline=None, max_examples=400)
@given(positive, WIDTHS, HEIGHTS)
@example((1e-12, 1.0), 60, 11)
@example((0.31, 0.9), 60, 11)
@example((1.0, 1e12), 158, 40)
@example((0.11, 900.0), 60, 9)
def test_each_label_of_a_logarithmic_axis_is_the_value_at_its_row_and_never_zero(ends, width, height):
    low, high = min(ends), max(ends)
    ticks, rows = value_ticks(drawn(low, high, width, height, log=True)), height - 2
    scale = Scale.around(low, high, log=True)
    for row, number in ticks:
        assert number > 0
        assert scale.rows([float(number)], rows * 4)[0] // 4 == row
    assert [float(number) for _, number in ticks] == sorted({float(number) for _, number in ticks}, reverse=True)
    if rows >= 7 and width >= 60 and scale.high > scale.low * (1 + 1e-9):
        assert len(ticks) >= 4 or scale.high < 1e-320


def step_ticks(lines):
    """(column in the plot, number) of every tick of the axis of steps, and the cells of the plot."""
    foot, labels = lines[-2], lines[-1]
    plot = foot.index("└") + 1
    offset = ""
    if (found := re.match(r"^ *(from [^ ]+(?: from [^ ]+)?)", labels)) is not None:
        offset = "from " + found[1].split("from ")[-1]
        if "+" not in labels[found.end() :]:
            offset = ""
        labels = " " * found.end() + labels[found.end() :]
    texts = [(match.start(), match.end(), match[0]) for match in re.finditer(r"\S+", labels)]
    marks = [place for place, mark in enumerate(foot) if mark == "┬"]
    assert len(marks) == len(texts)
    for mark, (start, stop, _) in zip(marks, texts, strict=True):
        assert start <= mark < stop
    return [(mark - plot, read(text, offset)) for mark, (_, _, text) in zip(marks, texts, strict=True)], len(
        foot
    ) - plot


step_ranges = st.one_of(
    st.tuples(st.integers(-100, 1000), st.integers(1, 3)),
    st.tuples(st.integers(-(10**6), 10**6), st.integers(1, 10**7)),
    st.tuples(st.sampled_from([1_700_000_000 * 10**9, -(2**60), 2**53, 10**25]), st.integers(1, 10**13)),
)


@settings(deadline=None, max_examples=300)
@given(step_ranges, WIDTHS)
@example((1_700_000_000 * 10**9, 5 * 10**9), 60)
@example((0, 299), 60)
@example((1_700_000_000 * 10**9, 2), 80)
@example((-(2**60), 16_760_062_270), 60)
@example((-(2**60), 9_209_544_270), 60)
@example((-1_234_567_890_123_456_789, 187_018_104_313), 60)
def test_each_label_of_the_axis_of_steps_is_a_whole_step_at_its_column(ends, width):
    first, span = ends
    series = PreparedSeries("", [first, first + span], array("d", [0, 1]))
    lines = ["".join(part.text for part in line) for line in draw_chart([series], width, 11, ChartStyle())]
    ticks, cells = step_ticks(lines)
    window = Window(first, first + span)
    for column, number in ticks:
        assert number.denominator == 1
        assert window.column(int(number), cells * 2) // 2 == column
    assert len({number for _, number in ticks}) == len(ticks)
    if width >= (60 if abs(first) < 10**15 or span > 10**9 else 80):
        assert len(ticks) >= min(4, span + 1)


@given(st.floats(0, 1000), st.floats(1, 50), WIDTHS)
def test_a_zoomed_axis_has_ticks_at_whole_steps_only(first, span, width):
    series = PreparedSeries("", range(1100), array("d", map(float, range(1100))))
    view = ChartView(Window(first, first + span))
    lines = ["".join(part.text for part in line) for line in draw_chart([series], width, 11, ChartStyle(), view)]
    ticks, _ = step_ticks(lines)
    assert ticks
    assert all(number.denominator == 1 and first <= number <= first + span for _, number in ticks)


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 4 * 10**9), st.one_of(st.integers(1, 10**4), st.integers(10**4, 10**9)), WIDTHS)
@example(1_772_359_200, 4 * 86400, 200)
@example(1_772_359_199, 600, 80)
@example(1_022_974_909, 3, 60)
@example(793_221_687, 6, 60)
@example(406, 300_635, 60)
@example(1954, 157_996, 20)
@example(19_958_399, 1, 60)
@example(0, 5000, 158)
def test_each_label_of_an_axis_of_times_is_the_time_at_its_column(first, span, width):
    series = PreparedSeries("", [1000 * first, 1000 * (first + span)], array("d", [0, 1]))
    view = ChartView(axis="clock")
    lines = ["".join(part.text for part in line) for line in draw_chart([series], width, 11, ChartStyle(), view)]
    foot, labels = lines[-2], lines[-1]
    plot, window = foot.index("└") + 1, Window(1000 * first, 1000 * (first + span))
    marks = [place - plot for place, mark in enumerate(foot) if mark == "┬"]
    words = labels.split()
    day = None
    if len(words) > len(marks):
        common = words.pop(0)
        day = datetime.fromisoformat(f"{common}-01-01" if len(common) == 4 else common)
    assert len(words) == len(marks)
    assert all(word != after for word, after in pairwise(words))
    for mark, word in zip(marks, words, strict=True):
        if word[4] == "-":
            time = day = datetime.fromisoformat(word)
        elif day is None:
            break  # on a narrow chart there is no room for the day
        elif word[2] == "-":
            time = datetime.fromisoformat(f"{day.year}-{word}")
            time = day = time if time >= day else time.replace(year=day.year + 1)
        else:
            time = datetime.fromisoformat(f"{day:%Y-%m-%d} {word}")
        assert window.column((time - EPOCH) // timedelta(milliseconds=1), (width - plot) * 2) // 2 == mark
    if width >= 60:
        assert len(marks) >= min(4, span + 1) or span > 3 * 365 * 86400


def read_span(text):
    """A time since the beginning, in seconds."""
    days, _, rest = (f"{text} 0:00" if text.endswith(" d") else text).rpartition(" d ")
    if rest.endswith(" µs"):
        return Fraction(rest.removesuffix(" µs")) / 10**6
    if rest.endswith(" h"):
        return Fraction(rest.removesuffix(" h")) * 3600
    if rest.endswith(" ms"):
        return Fraction(rest.removesuffix(" ms")) / 1000
    parts = [Fraction(part) for part in rest.removesuffix(" s").split(":")]
    if days and len(parts) == 2:
        parts.append(Fraction(0))
    return sum((part * 60**place for place, part in enumerate(reversed(parts))), Fraction(int(days or 0) * 86400))


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 10**12), st.one_of(st.integers(40, 10**6), st.integers(10**6, 10**13)), WIDTHS)
@example(0, 100 * 10**6, 60)
@example(2 * 86400 * 10**6, 3 * 10**6, 60)
@example(3725 * 10**6, 400, 80)
@example(833_008_392_797, 40, 60)
@example(0, 231_541_963_658, 60)
@example(0, 4001, 20)
def test_each_label_of_the_timeline_is_the_time_at_its_column(first, length, width):
    window = TimeWindow(EPOCH + timedelta(microseconds=first), EPOCH + timedelta(microseconds=first + length))
    axis = draw_axis(window, EPOCH, width)
    assert len(axis) == width
    marks = [place for place, mark in enumerate(axis) if mark == "├"]
    labels = [part.strip("─ ") for part in axis.split("├")[1:]]
    times = [read_span(label.removeprefix("+")) + (read_span(labels[0]) if label[0] == "+" else 0) for label in labels]
    assert len(set(times)) == len(times)
    for mark, time in zip(marks, times, strict=True):
        assert math.floor((time * 10**6 - first) * width / length) == mark
    if width >= (60 if length * 100 >= first else 100):
        assert len(times) >= 4


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 10**9), st.one_of(st.integers(1, 10**3), st.integers(10**3, 10**9)), WIDTHS)
@example(500, 400, 60)
@example(117, 1230, 158)
@example(10_911, 4_565_832, 60)
def test_each_label_of_a_logarithmic_axis_of_steps_is_the_step_at_its_column(first, span, width):
    window = Window(first, first + span, True)
    axis = x_axis("step", window, width, 10)
    numbers = [read(tick.text, axis.offset) for tick in axis.ticks]
    assert numbers == sorted(set(numbers))
    assert [window.column(int(number), width * 2) // 2 for number in numbers] == [tick.cell for tick in axis.ticks]
    if width >= 80:
        assert len(numbers) >= min(4, span + 1)


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 10**9), st.one_of(st.integers(4, 10**4), st.integers(10**4, 10**9)), st.booleans(), WIDTHS)
@example(910_987_783, 2_005_362, False, 60)
@example(7_504_720, 160_599_725, True, 80)
@example(84_830, 529_770, True, 158)
@example(137_179_474, 4, True, 20)
def test_each_label_of_an_axis_of_time_since_the_start_is_the_time_at_its_column(first, span, log, width):
    window = Window(first, first + span, log)
    axis = x_axis("elapsed", window, width, 10)
    offset = read_span(axis.offset.removeprefix("from ")) if axis.offset else 0
    spans = [tick.text.removeprefix("+") for tick in axis.ticks]
    times = [(read_span(f"{text} s" if text == "0" else text) + offset) * 1000 for text in spans]
    assert times == sorted(set(times))
    assert [window.column(float(time), width * 2) // 2 for time in times] == [tick.cell for tick in axis.ticks]
    if width >= 80:
        assert len(times) >= 4


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0, 1, ["1.00", "0.75", "0.50", "0.25", "0.00"]),
        (0, 100_000, ["100,000", "75,000", "50,000", "25,000", "0"]),
        (-3, 3, ["3", "2", "1", "0", "-1", "-2", "-3"]),
    ],
)
def test_labels_are_round(low, high, labels):
    lines = drawn(low, high, 60, 11)
    assert [line.partition("┤")[0].strip() for line in lines if "┤" in line] == labels


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (1, 1000, "1 10 100 1,000"),
        (1e-30, 1e-24, "1e-30 1e-28 1e-26 1e-24"),
        (1e-12, 1, "1e-12 1e-9 1e-6 0.001 1"),
        (1e-6, 1e24, "1e-5 1 100,000 1e10 1e15 1e20"),
        (1e-30, 1, "1e-30 1e-20 1e-10 1"),
        (1e-60, 1, "1e-60 1e-40 1e-20 1"),
        (1e-75, 1e75, "1e-60 1e-40 1e-20 1 1e20 1e40 1e60"),
        (1e-300, 1e-150, "1e-300 1e-250 1e-200 1e-150"),
        (1e-300, 1e300, "1e-300 1e-200 1e-100 1 1e100 1e200 1e300"),
        (2e-7, 5e3, "1e-6 0.001 1 1,000"),
        (2e-5, 5e2, "1e-4 0.01 1 100"),
        (2, 5e8, "100 10,000 1M 100M"),
    ],
)
def test_a_logarithmic_axis_of_values_counts_its_powers_of_ten_from_1(low, high, labels):
    axis = value_axis(Scale.around(low, high, log=True), 9, 10)
    assert " ".join(tick.text for tick in axis.ticks) == labels


@pytest.mark.parametrize(
    ("last", "width", "labels"),
    [
        (1000, 80, "1 2 5 10 20 50 100 200 500 1,000"),
        (1000, 60, "1 10 100 1,000"),
        (10**6, 80, "1 100 10,000 1,000,000"),
        (9 * 10**6, 80, "1 10 100 1,000 10,000 100,000 1,000,000"),
        (9 * 10**6, 44, "1 100 10,000 1,000,000"),
        (90, 80, "1 2 5 10 20 50"),
        (9, 62, "1 2 3 4 5 6 7 8 9"),
    ],
)
def test_a_logarithmic_axis_of_steps_has_the_roundest_that_fit(last, width, labels):
    assert " ".join(tick.text for tick in log_step_axis(Window(1, last, True), width).ticks) == labels


_DAYS = 7 * 86_400_000


@pytest.mark.parametrize(
    ("first", "length", "width", "labels", "offset"),
    [
        (0, 3_600_000, 80, ["0", "10:00", "20:00", "30:00", "40:00", "50:00", "1:00:00"], ""),
        (_DAYS, 90_000, 40, ["+20 s", "+40 s", "+1:00", "+1:20"], "from 7 d 00:00"),
        (_DAYS + 5_123, 4, 60, ["+124.0 ms", "+124.8 ms", "+125.6 ms", "+126.4 ms"], "from 7 d 00:00:05"),
    ],
)
def test_times_long_after_the_start_are_told_from_a_round_one_where_that_leaves_room(
    first, length, width, labels, offset
):
    axis = elapsed_axis(Window(first, first + length), width, 10)
    assert ([tick.text for tick in axis.ticks], axis.offset) == (labels, offset)


@pytest.mark.parametrize(
    ("last", "width", "labels"),
    [
        (1000, 80, ["1 ms", "2 ms", "5 ms", "10 ms", "20 ms", "50 ms", "100 ms", "200 ms", "500 ms", "1 s"]),
        (3_600_000, 80, ["1 ms", "10 ms", "100 ms", "1 s", "10 s", "1:00", "10:00", "1 h"]),
        (86_400_000, 40, ["1 ms", "100 ms", "10 s", "10:00", "10 h"]),
        (1000 * 86_400_000, 40, ["1 ms", "1 s", "10:00", "4 d 04:00"]),
    ],
)
def test_a_logarithmic_axis_of_time_has_the_roundest_that_fit(last, width, labels):
    assert [tick.text for tick in elapsed_axis(Window(1, last, True), width).ticks] == labels


@pytest.mark.parametrize(
    ("seconds", "width", "labels", "offset"),
    [
        (0.004, 80, "10:00:00.001 10:00:00.002 10:00:00.003 10:00:00.004", "2026-03-01"),
        (0.05, 80, "10:00:00.01 10:00:00.02 10:00:00.03 10:00:00.04", "2026-03-01"),
        (0.9, 80, "10:00:00.2 10:00:00.4 10:00:00.6 10:00:00.8", "2026-03-01"),
        (10, 80, "10:00:02 10:00:04 10:00:06 10:00:08 10:00:10", "2026-03-01"),
        (50, 60, "10:00:10 10:00:20 10:00:30 10:00:40", ""),
        (3600, 80, "10:10 10:20 10:30 10:40 10:50 11:00", "2026-03-01"),
        (6 * 3600, 60, "12:00 13:00 14:00 15:00 16:00", "2026-03-01"),
        (2 * 86400, 80, "18:00 03-02 06:00 12:00 18:00 03-03 06:00", "2026-03-01"),
        (20 * 86400, 60, "03-05 03-08 03-11 03-14 03-17 03-20", "2026"),
    ],
)
def test_a_clock_shows_no_smaller_parts_than_its_ticks_need(seconds, width, labels, offset):
    first = (datetime(2026, 3, 1, 10) - EPOCH).total_seconds()
    axis = time_axis(Window(first * 1000, (first + seconds) * 1000), width)
    assert (" ".join(tick.text for tick in axis.ticks), axis.offset) == (labels, offset)


@pytest.mark.parametrize(
    ("low", "high", "labels", "offset"),
    [
        (0, 2.49, "0.0 0.5 1.0 1.5 2.0", ""),
        (0, 7e9, "0 2G 4G 6G", ""),
        (1e6, 1e6 + 3, "1000000 1000001 1000002 1000003", ""),
        (1.611e10, 1.611e10 + 57, "+0 +10 +20 +30 +40 +50", "from 1.611e10"),
        (123456.789, 123456.79, "+0.00900 +0.00925 +0.00950 +0.00975 +0.01000", "from 123,456.78"),
        (1, 1.0000001, "+0 +2.5e-8 +5e-8 +7.5e-8 +1e-7", "from 1"),
    ],
)
def test_values_that_share_their_first_digits_are_told_from_these_where_they_would_not_fit(low, high, labels, offset):
    axis = value_axis(Scale.around(low, high), 9, 8)
    assert (" ".join(tick.text for tick in axis.ticks), axis.offset) == (labels, offset)


@pytest.mark.parametrize(
    ("first", "seconds", "labels"),
    [
        (0, 0.00004, ["0", "6 µs", "12 µs", "18 µs", "24 µs", "30 µs"]),
        (0, 0.7, ["0", "100 ms", "200 ms", "300 ms", "400 ms", "500 ms", "600 ms"]),
        (0, 100, ["0", "15 s", "30 s", "45 s", "1:00", "1:15", "1:30"]),
        (0, 3 * 3600, ["0", "30:00", "1:00:00", "1:30:00", "2:00:00", "2:30:00"]),
        (0, 20 * 86400, ["0", "3 d", "6 d", "9 d", "12 d", "15 d", "18 d"]),
        (2 * 86400, 3, ["2 d 00:00:00.0", "+1.0 s", "+1.5 s", "+2.0 s", "+2.5 s"]),
    ],
)
def test_the_ticks_of_a_timeline_are_round_on_a_clock(first, seconds, labels):
    axis = span_axis(first * 10**6, round(seconds * 10**6), 60)
    assert [tick.text.removeprefix("├ ") for tick in axis.ticks] == labels


_HOUR = 3600 * 10**6


@pytest.mark.parametrize(
    ("microseconds", "step", "text"),
    [
        (0, 1, "0"),
        (500, 100, "500 µs"),
        (1500, 500, "1.5 ms"),
        (999_000, 1000, "999 ms"),
        (10**6, 10**6, "1 s"),
        (10**6, 10**5, "1.0 s"),
        (59 * 10**6, 10**6, "59 s"),
        (60 * 10**6, 10**6, "1:00"),
        (90_500_000, 500_000, "1:30.5"),
        (-90 * 10**6, 10**6, "-1:30"),
        (_HOUR, 60 * 10**6, "1:00:00"),
        (23 * _HOUR, _HOUR, "23 h"),
        (24 * _HOUR, _HOUR, "1 d 00:00"),
        (24 * _HOUR, 24 * _HOUR, "1 d"),
        (48 * _HOUR + _HOUR // 2, 60 * 10**6, "2 d 00:30"),
        (48 * _HOUR + 90 * 10**6, 30 * 10**6, "2 d 00:01:30"),
    ],
)
def test_a_time_since_the_start_has_the_parts_that_its_ticks_need(microseconds, step, text):
    assert span_text(microseconds, step) == text


@pytest.mark.parametrize("base", [-(2**60), 2**60, -(2**31), 1_700_000_000_000_000_000])
@pytest.mark.parametrize("span", [1002, 100_003, 10**6 + 7, 10**9])
@pytest.mark.parametrize("width", [60, 61, 75])
def test_steps_far_from_zero_have_four_ticks_beside_what_is_added_to_them(base, span, width):
    for first in range(base - 1000, base + 1000, 97):
        assert len(step_axis(Window(first, first + span), width).ticks) >= 4


@pytest.mark.parametrize("length", [0.004, 0.02, 0.05, 0.1, 0.3, 0.9, 1.5, 3.0])
def test_a_clock_of_less_than_seconds_has_ticks_that_read_as_their_times(length):
    begin = datetime(2026, 11, 30, 13, 51, 34, 48_000)
    first = round((begin - EPOCH).total_seconds() * 1000)
    window = Window(first, first + round(length * 1000))
    axis = time_axis(window, 80)
    assert len(axis.ticks) >= 3
    for tick in axis.ticks:
        time = datetime.fromisoformat(f"2026-11-30T{tick.text}") - EPOCH
        assert tick.cell == window.column(round(time.total_seconds() * 1000), 160) // 2


@pytest.mark.parametrize(
    ("first", "length", "width"),
    [(1_336_269_555_633, 18, 158), (1_490_459_407_347, 36, 110), (1_700_350_130_968, 2, 20), (10**12, 3, 38)],
)
def test_a_tick_between_two_columns_stands_where_a_value_of_that_time_is_drawn(first, length, width):
    window = Window(first, first + length)
    for tick in x_axis("clock", window, width, 10).ticks:
        day = (EPOCH + timedelta(milliseconds=first)).date()
        time = datetime.fromisoformat(f"{day} {tick.text}") - EPOCH
        assert tick.cell == window.column(time // timedelta(milliseconds=1), width * 2) // 2


@pytest.mark.parametrize("width", [70, 80, 120])
@pytest.mark.parametrize("years", [1, 2, 3, 5, 12, 40, 300, 7000])
def test_over_years_ticks_stand_on_the_first_of_a_month(years, width):
    first = datetime(2019, 3, 7)
    last = datetime(2019 + years, 5, 9)
    ends = ((end - EPOCH) // timedelta(milliseconds=1) for end in (first, last))
    axis = time_axis(Window(*ends), width)
    assert len(axis.ticks) >= 4
    assert all(tick.text.endswith("-01") for tick in axis.ticks)
