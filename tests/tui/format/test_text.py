"""Text cut to the cells that there are for it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from magnus_tui.format.text import truncate_path, truncate_value


@example(float("-inf"), 3)
@example(float("nan"), 2)
@given(st.floats(), st.integers(0, 30))
def test_a_number_is_shown_whole_or_not_at_all(number, cells):
    shown = truncate_value(str(number), cells)
    assert shown in (str(number), "…", "")
    assert cell_len(shown) <= cells


@pytest.mark.parametrize(
    ("text", "cells", "shown"),
    [
        ("[[10, 2], [3, 40]]", 17, "[[10, 2], [3,…"),
        ("[[10, 2], [3, 40]]", 13, "[[10, 2], […"),
        ("0.123 @ 1,024", 12, "0.123 @…"),
        ("⌃ -1.5e-07", 9, "⌃…"),
        ("run-000123", 8, "run-000…"),
        ("日本語 3.25", 9, "日本語…"),
        ("plain words", 8, "plain w…"),
    ],
)
def test_of_several_numbers_those_that_fit_are_shown(text, cells, shown):
    assert truncate_value(text, cells) == shown


@pytest.mark.parametrize(
    ("path", "cells", "shown"),
    [
        ("~/runs", 6, "~/runs"),
        ("/data/group/project/.run_log_store", 24, "…/project/.run_log_store"),
        ("/data/group/project/.run_log_store", 23, "…/.run_log_store"),
        ("/data/group/project/.run_log_store", 9, "…og_store"),
        ("~/数据/运行", 6, "…/运行"),
        ("anything", 0, ""),
    ],
)
def test_of_a_long_path_the_last_folder_stays(path, cells, shown):
    assert truncate_path(path, cells) == shown
