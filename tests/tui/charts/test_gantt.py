from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnus_tracking.analysis.timeline import Bar
from magnus_tui.charts.gantt import TimeWindow, draw_axis, draw_bar

START = datetime(2026, 1, 1)
WHOLE = TimeWindow(START, START + timedelta(seconds=100))
seconds = st.floats(0, 100)


def at(second):
    return START + timedelta(seconds=second)


def bar(start, end, status="SUCCESS", **fields):
    return Bar("step", "s", "s", 0, status, start=at(start), end=at(end), **fields)


def drawn(one, window=WHOLE, cells=10):
    return "".join(text for text, _ in draw_bar(one, window, cells))


def test_a_bar_is_thick_on_the_critical_path_and_thin_beside_it():
    assert drawn(bar(20, 50, critical=True)) == "  ███     "
    assert drawn(bar(20, 50)) == "  ▒▒▒     "


def test_a_wait_leads_to_its_bar():
    assert drawn(bar(50, 80, critical=True, ready=at(20))) == "  ┄┄┄███  "


def test_what_is_too_short_for_a_cell_is_seen_all_the_same():
    assert drawn(bar(50, 50.1, critical=True)) == "     ▌    "
    assert drawn(bar(100, 100)) == "         ▒"


def test_a_running_bar_ends_in_an_arrow_and_an_inferred_one_is_pale():
    assert drawn(bar(50, 100, "PROCESSING", running=True, critical=True)) == "     ████›"
    assert drawn(bar(50, 100, "LOST", running=True, critical=True)) == "     █████"
    assert "░" in drawn(bar(50, 100, running=True, inferred=True))


def test_what_lies_outside_the_window_is_not_drawn():
    assert drawn(bar(0, 10), TimeWindow(at(50), at(100))) == " " * 10
    assert drawn(bar(0, 75, critical=True), TimeWindow(at(50), at(100))) == "█████     "


def test_a_bar_without_times_is_blank():
    assert drawn(Bar("step", "s", "s", 0, "SKIPPED")) == " " * 10


@given(seconds, seconds, seconds, st.integers(1, 80), seconds, seconds)
def test_every_bar_takes_exactly_its_cells(start, length, ready, cells, first, span):
    one = bar(start, start + length, ready=at(ready))
    assert len(drawn(one, TimeWindow(at(first), at(first + span)), cells)) == cells


@given(st.floats(0, 1e7), st.floats(0, 1e7), st.integers(1, 200))
def test_the_axis_takes_exactly_its_cells(first, length, cells):
    window = TimeWindow(at(first), at(first + length))
    assert len(draw_axis(window, START, cells)) == cells


@pytest.mark.parametrize(
    ("length", "labels"),
    [
        (100, ["0", "15 s", "30 s", "45 s", "1:00", "1:15", "1:30"]),
        (0.1, ["0", "15 ms", "30 ms", "45 ms", "60 ms", "75 ms"]),
        (7200, ["0", "20:00", "40:00", "1:00:00", "1:20:00", "1:40:00"]),
    ],
)
def test_the_axis_has_round_times(length, labels):
    axis = draw_axis(TimeWindow(START, at(length)), START, 60)
    assert [part.strip("─ ") for part in axis.split("├")[1:]] == labels


@given(st.floats(0.01, 4), seconds, seconds, seconds)
def test_zoom_and_pan_stay_inside_the_whole(factor, first, length, around):
    window = TimeWindow(at(first), at(first + max(length, 1))).inside(WHOLE)
    for changed in (window.zoomed(factor, at(around), WHOLE), window.moved(factor - 2, WHOLE)):
        assert WHOLE.start <= changed.start < changed.end <= WHOLE.end
