from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style
from textual.strip import Strip

from magnus_tui.widgets.column_window import columns_that_fit, last_page, with_edges

WIDTHS = st.lists(st.integers(1, 40), min_size=1, max_size=14)


@given(WIDTHS, st.integers(8, 200))
def test_every_column_can_be_brought_onto_the_screen(columns, room):
    last = last_page(columns, room, 2)
    shown = set()
    for first in range(last + 1):
        shown.update(range(first, first + columns_that_fit(columns, first, room, 2)))
    assert shown >= set(range(len(columns)))


@given(st.integers(0, 99), st.integers(0, 99), st.integers(10, 80))
def test_the_edges_say_how_many_columns_are_beyond_them_and_the_line_stays_as_wide(before, after, width):
    line = with_edges(Strip.blank(width), before, after, Style())
    assert line.cell_length == len(line.text) == width
    assert line.text.startswith(f"‹{before}" if before else " ")
    assert line.text.endswith(f"{after}› " if after else "  ")
