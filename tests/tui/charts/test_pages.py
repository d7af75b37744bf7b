"""A page of charts: every cell is used, and each chart is large enough to be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnus_tui.charts.pages import GAP, LEAST_HEIGHT, LEAST_WIDTH, lay_out, most_on_page


def boxes(count, width, height):
    return [box for row in lay_out(count, width, height) for box in row]


@given(st.integers(1, 60), st.integers(LEAST_WIDTH, 240), st.integers(LEAST_HEIGHT, 70))
def test_no_cell_of_a_page_is_wasted_but_those_between_charts(count, width, height):
    count = min(count, most_on_page(width, height))
    cells = {
        (x, y)
        for box in boxes(count, width, height)
        for x in range(box.left, box.left + box.width)
        for y in range(box.top, box.top + box.height)
    }
    assert len(cells) == sum(box.width * box.height for box in boxes(count, width, height))
    assert len(cells) >= width * height - GAP * height * (max(map(len, lay_out(count, width, height))) - 1)
    assert len(cells) >= 0.9 * width * height
    assert all(x < width and y < height for x, y in cells)


@given(st.integers(1, 60), st.integers(LEAST_WIDTH, 240), st.integers(LEAST_HEIGHT, 70))
def test_every_chart_is_legible(count, width, height):
    count = min(count, most_on_page(width, height))
    found = boxes(count, width, height)
    assert len(found) == count
    assert all(box.width >= LEAST_WIDTH and box.height >= LEAST_HEIGHT for box in found)


@pytest.mark.parametrize(
    ("width", "height", "shape"), [(106, 42, [1, 1]), (218, 57, [1, 1]), (218, 20, [2]), (78, 21, [1, 1])]
)
def test_two_curves_are_two_large_ones(width, height, shape):
    assert [len(row) for row in lay_out(2, width, height)] == shape


def test_what_needs_few_lines_leaves_the_rest_to_curves():
    rows = lay_out(4, 150, 40, (0, 0, 4, 3))
    assert [[box.height for box in row] for row in rows] == [[36, 36], [4, 4]]
    assert [box.height for row in lay_out(2, 78, 40, (4, 3)) for box in row] == [20, 20]


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (10, 3)])
def test_any_size_has_room_for_one(size):
    assert most_on_page(*size) == 1
    assert len(boxes(1, *size)) <= 1
