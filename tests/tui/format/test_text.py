"""Text cut to the cells that there are for it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from magnus_tui.format.text import truncate, truncate_entries, truncate_path, truncate_value
from magnus_tui.widgets.page import Ink, Page, paragraph


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
    ("cells", "shown"),
    [
        (28, "B best  b group  o columns"),
        (26, "B best  b group  o columns"),
        (25, "B best  b group …"),
        (17, "B best  b group …"),
        (16, "B best …"),
        (8, "B best …"),
        (4, "B …"),
        (2, "B…"),
        (0, ""),
    ],
)
def test_of_keys_those_are_named_that_have_room(cells, shown):
    assert truncate_entries("B best  b group  o columns", cells) == shown


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (51, "enter opens a run · / filters · ? explains the rest"),
        (50, "enter opens a run · / filters …"),
        (30, "enter opens a run …"),
        (18, "enter opens a …"),
    ],
)
def test_a_line_of_one_entry_is_cut_between_its_clauses_and_words(cells, shown):
    assert truncate_entries("enter opens a run · / filters · ? explains the rest", cells) == shown


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


@pytest.mark.parametrize("text", ["word " * 400_000, "漢" * 700_000, "1.5," * 500_000, "/folder" * 300_000])
@pytest.mark.parametrize("write", [truncate, truncate_path, truncate_value])
def test_a_text_of_megabytes_is_cut_like_a_short_one_that_is_too_long(text, write):
    assert write(text, 20) == write(text[:200] if write is not truncate_path else text[-200:], 20)


@pytest.mark.parametrize("text", ["word " * 400_000, "漢" * 700_000, "x" * 2_000_000, "a line\n" * 300_000])
def test_of_a_paragraph_of_megabytes_the_first_lines_are_shown_and_all_of_it_is_copied(text):
    lines = paragraph(text, Page(Ink(), 40, 20), most=4)
    assert len(lines) == 4
    shorter = paragraph(text[:700], Page(Ink(), 40, 20), most=4)
    assert [line.text.plain for line in lines] == [line.text.plain for line in shorter]
    assert lines[-1].text.plain.endswith("…")
    assert {line.copy for line in lines} == {text}
