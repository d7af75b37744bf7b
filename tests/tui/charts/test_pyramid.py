import math
from array import array
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from magnus_tracking.runlog.metrics import Series
from magnus_tracking.series.blocks import with_blocks
from magnus_tui.charts.bins import Bins, bins_of
from magnus_tui.charts.pyramid import Pyramid
from magnus_tui.charts.window import Window

anything = st.floats(allow_nan=True, allow_infinity=True)
huge = st.integers(-(10**400), 10**400)


def is_finite(value):
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def expected(values, start, stop):
    finite = [value for value in values[start:stop] if is_finite(value)]
    return (min(finite), max(finite)) if finite else None


def bounds_of(pyramid, bins):
    lows, highs = pyramid.bounds_of(bins)
    return [None if low == math.inf else (low, high) for low, high in zip(lows, highs, strict=True)]


@st.composite
def long_series(draw):
    """Longer than hypothesis likes to draw value by value: a pattern repeated, with a few values put in."""
    pattern = draw(st.lists(anything, min_size=1, max_size=40))
    values = (pattern * (2000 // len(pattern)))[: draw(st.integers(0, 2000))]
    for place, value in draw(st.lists(st.tuples(st.integers(0, 1999), anything), max_size=5)):
        if place < len(values):
            values[place] = value
    return values


@settings(deadline=None, max_examples=50)
@given(long_series(), st.data())
def test_the_bounds_of_any_range_are_those_of_its_finite_values(values, data):
    pyramid = Pyramid(array("d", values))
    start = data.draw(st.integers(0, len(values)))
    stop = data.draw(st.integers(start, len(values)))
    assert pyramid.bounds(start, stop) == expected(values, start, stop)


@settings(deadline=None, max_examples=50)
@given(long_series(), st.data())
def test_a_pyramid_on_known_blocks_is_the_one_of_the_values(values, data):
    numbers = array("d", values)
    series = with_blocks(Series("train", 1, "loss", range(len(values)), numbers))
    known, own = Pyramid(numbers, series.blocks), Pyramid(numbers)
    start = data.draw(st.integers(0, len(values)))
    stop = data.draw(st.integers(start, len(values)))
    assert known.bounds(start, stop) == own.bounds(start, stop)
    assert (known.finite, list(known.not_finite)) == (own.finite, list(own.not_finite))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(-(1 << 63), (1 << 63) - 1), min_size=1, max_size=40))
def test_the_extremes_of_large_integers_are_found_where_they_are(pattern):
    values = array("q", (pattern * (2000 // len(pattern) + 1))[:2000])
    pyramid = Pyramid(values)
    low, high = pyramid.bounds(0, len(values))
    assert (low, high) == (min(values), max(values))
    assert pyramid.find(low, highest=False) == values.index(low)
    assert pyramid.find(high, highest=True) == values.index(high)


def check_bounds(pyramid, values, bins):
    """Hold the bounds of each bin against its values: exactly, but between wide bins of much the same width."""
    widths = [stop - start for start, stop in pairwise(bins.edges)]
    are_wide_and_even = bins.width() >= 64 and 2 * min(widths[1:-1], default=0) >= bins.width()
    off = math.ceil(bins.width() / 8) if are_wide_and_even else 0
    found = bounds_of(pyramid, bins)
    ranges = list(pairwise(bins.edges))
    for place in {0, len(ranges) - 1}:
        assert found[place] == expected(values, *ranges[place])
    for bounds, (start, stop) in list(zip(found, ranges, strict=True))[1:-1]:
        if not off:
            assert bounds == expected(values, start, stop)
            continue
        within = expected(values, start - min(off, start - bins.edges[1]), stop + min(off, bins.edges[-2] - stop))
        around = expected(values, start + off, stop - off)
        assert bounds is None or (within[0] <= bounds[0] and bounds[1] <= within[1])
        assert around is None or (bounds[0] <= around[0] and around[1] <= bounds[1])
    ends = [bounds for bounds in found if bounds is not None]
    assert expected(values, bins.edges[0], bins.edges[-1]) == (
        (min(low for low, _ in ends), max(high for _, high in ends)) if ends else None
    )


@settings(deadline=None, max_examples=50)
@given(long_series().filter(bool), st.data())
def test_the_bounds_between_edges_are_those_of_each_range_to_an_eighth_of_its_width(values, data):
    edges = sorted(data.draw(st.lists(st.integers(0, len(values)), min_size=2, max_size=30, unique=True)))
    check_bounds(Pyramid(values), values, Bins(list(range(len(edges) - 1)), edges))


@settings(deadline=None, max_examples=50)
@given(long_series(), st.integers(0, 1999), st.integers(1, 2000), st.integers(1, 40))
def test_the_bounds_of_a_window_are_those_of_what_falls_into_each_column(values, first, length, columns):
    pyramid = Pyramid(array("d", values))
    steps = range(len(values))
    bins = bins_of(steps, Window(first, first + length), columns, contiguous=True)
    assert bins.columns == bins_of(steps, Window(first, first + length), columns, contiguous=False).columns
    if bins.columns:
        check_bounds(pyramid, values, bins)


@settings(deadline=None)
@given(st.lists(st.one_of(anything, huge), max_size=100))
def test_integers_that_no_float_holds_are_not_finite(values):
    pyramid = Pyramid(values)
    assert pyramid.finite == all(map(is_finite, values))
    assert pyramid.bounds(0, len(values)) == expected(values, 0, len(values))


def test_values_whose_sum_overflows_are_finite():
    assert Pyramid(array("d", [1.7e308] * 3)).finite


def test_a_hundred_thousand_values_with_one_spike_in_them():
    values = array("d", [0.0]) * 100_000
    values[73_421] = 1e9
    pyramid = Pyramid(values)
    assert pyramid.bounds(0, 100_000) == (0.0, 1e9)
    assert pyramid.bounds(73_422, 100_000) == (0.0, 0.0)
    assert bounds_of(pyramid, Bins([0, 1, 2], [0, 73_421, 73_422, 100_000])) == [(0.0, 0.0), (1e9, 1e9), (0.0, 0.0)]
