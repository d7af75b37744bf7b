from hypothesis import given, settings
from hypothesis import strategies as st

from magnus_tui.charts.crosshair import first_step, last_step, next_step, stride_of
from magnus_tui.charts.prepared_series import PreparedSeries
from magnus_tui.charts.window import Window

steps = st.lists(st.integers(-(10**18), 10**18), unique=True, max_size=30).map(sorted)


def curve(indexes):
    return PreparedSeries("loss", indexes, [0.0] * len(indexes))


def walk(curves, start, stride):
    """Every step from `start` until it goes no further."""
    seen = [start]
    while (following := next_step(curves, seen[-1], stride)) != seen[-1]:
        seen.append(following)
    return seen


@settings(deadline=None)
@given(st.lists(steps, max_size=4))
def test_one_by_one_every_step_of_every_curve_is_visited_both_ways(lists):
    curves = [curve(indexes) for indexes in lists]
    everything = sorted({index for indexes in lists for index in indexes})
    if not everything:
        assert first_step(curves) is None
        assert last_step(curves) is None
        return
    assert walk(curves, first_step(curves), 1) == everything
    assert walk(curves, last_step(curves), -1) == everything[::-1]


@settings(deadline=None)
@given(st.lists(steps.filter(bool), min_size=1, max_size=4), st.integers(1, 40))
def test_in_strides_both_ends_are_reached(lists, stride):
    curves = [curve(indexes) for indexes in lists]
    first, last = first_step(curves), last_step(curves)
    assert walk(curves, first, stride)[-1] == last
    assert walk(curves, last, -stride)[-1] == first


def test_from_between_two_steps_it_goes_to_the_neighbours():
    curves = [curve([0, 1000])]
    assert next_step(curves, 400, 1) == 1000
    assert next_step(curves, 400, -1) == 0


def test_the_ends_of_a_window_are_those_of_the_steps_in_it():
    curves = [curve(range(0, 100, 10)), curve([33])]
    window = Window(31, 58)
    assert (first_step(curves, window), last_step(curves, window)) == (33, 50)
    assert first_step(curves, Window(31, 32)) is None


def test_a_stride_is_a_column_of_the_densest_curve():
    curves = [curve(range(100_000)), curve(range(10))]
    assert stride_of(curves, Window(0, 99_999), 100) == 1000
    assert stride_of(curves, Window(0, 99), 100) == 1


def test_a_window_keeps_its_width_and_stays_on_the_whole():
    whole = Window(0, 100)
    assert Window(0, 20).moved_to(50, whole) == Window(40, 60)
    assert Window(40, 60).moved_to(99, whole) == Window(80, 100)
    assert Window(40, 60).moved_to(2, whole) == Window(0, 20)


def test_a_chart_of_nanoseconds_is_zoomed_step_by_step():
    first = 1_795_452_586_123_456_789
    whole = Window(first, first + 1000)
    window = whole
    for _ in range(20):
        window = window.zoomed(0.5, first + 500, whole)
    assert window.first <= first + 500 <= window.last
    assert 1 <= window.last - window.first <= 2
    assert window.moved_to(first + 700, whole).first in (first + 698, first + 699, first + 700)
    assert window.moved_to(first + 2000, whole).last == first + 1000
