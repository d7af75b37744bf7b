import math
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnus_tui import format

NOW = datetime(2026, 11, 23, 20, 0, 0)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0.0086, "9 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.0 s"),
        (40.211, "40.2 s"),
        (59.96, "1m 00s"),
        (247, "4m 07s"),
        (3599.6, "1h 00m"),
        (3723, "1h 02m"),
        (86399, "1d 00h"),
        (2 * 86400 + 3 * 3600 + 4 * 60, "2d 03h"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(seconds, text):
    assert format.duration(seconds) == text


@pytest.mark.parametrize(
    ("before", "text"),
    [
        (timedelta(seconds=12), "12 s ago"),
        (timedelta(minutes=3), "3 min ago"),
        (timedelta(hours=30), "30 h ago"),
        (timedelta(days=9), "9 d ago"),
        (timedelta(hours=-1), "2026-11-23 21:00"),
    ],
)
def test_a_time_is_told_as_long_ago_and_as_a_date_in_the_future(before, text):
    assert format.ago(NOW - before, NOW) == text


def test_an_inferred_time_is_marked():
    assert format.ago(NOW, NOW, inferred=True) == "~0 s ago"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (42, "42"),
        (2**60, "1.153e18"),
        (1234567, "1,234,567"),
        (0.0183, "0.0183"),
        (0.5, "0.5"),
        (123456.789, "123,457"),
        (1.5e-7, "1.5e-7"),
        (2e-7, "2e-7"),
        (-3.0e20, "-3e20"),
        (10**400, "1e400"),
        (-(2**2000), "-1.148e602"),
        (math.nan, "NaN"),
        (-math.inf, "-∞"),
        (0.0, "0"),
    ],
)
def test_a_number_is_short_and_keeps_its_leading_digits(number, text):
    assert format.number(number) == text


@given(st.one_of(st.floats(), st.integers()))
def test_every_number_has_a_short_text(number):
    assert 0 < len(format.number(number)) <= 20


def test_numbers_of_a_column_share_their_precision():
    assert format.column_numbers([0.25, 0.0183, None, math.nan, "adam"]) == ["0.2500", "0.0183", "–", "NaN", "adam"]


def test_text_of_a_log_can_not_steer_the_terminal():
    shown = format.value("\x1b[31mred\x07\nnext")
    assert "\x1b" not in shown
    assert "\n" not in shown
    assert "\x07" not in shown


def test_a_number_that_would_read_as_a_whole_one_in_its_column_is_shown_in_full():
    assert format.column_numbers([7.000000004, 1.5]) == ["7.000000004", "1.500"]
    assert format.column_numbers([7.0, 1.5]) == ["7.0", "1.5"]
    assert format.column_numbers([7.0, None, 3, "a"]) == ["7", "–", "3", "a"]


def test_any_value_stands_on_one_line_as_itself():
    assert format.value({"ä": [1.5, None]}) == '{"ä": [1.5, null]}'
    assert format.value(2.5) == "2.5"
    assert format.value(None) == "null"
    assert format.value(True) == "true"


def test_values_are_the_same_where_a_reader_would_say_so():
    for one, other in ((1, 1.0), (math.nan, -math.nan), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), (None, None)):
        assert format.identity(one) == format.identity(other)
    for one, other in (
        (1, True),
        (1, "1"),
        (None, "None"),
        ([1], "[1]"),
        (NOW, str(NOW)),
        (math.nan, "NaN"),
        (0, None),
    ):
        assert format.identity(one) != format.identity(other)


def test_texts_are_ambiguous_where_different_values_share_one():
    assert format.ambiguous_texts([1, 2, 2.0, 3], ["a", "b", "b", "a"]) == {"a"}
    assert format.is_ambiguous([1, 2], ["a", "a"])
    assert not format.is_ambiguous([1, 1.0], ["a", "a"])


@pytest.mark.parametrize(
    ("bytes_", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9_940, "9.9 kB"),
        (10_000, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (51_000_000, "51 MB"),
        (2_000_000_000, "2.0 GB"),
        (3_400_000_000_000, "3.4 TB"),
    ],
)
def test_a_size_is_told_in_the_unit_that_keeps_it_short(bytes_, text):
    assert format.size(bytes_) == text


def test_only_one_of_something_is_told_without_a_plural():
    assert [format.count(amount, "run") for amount in (0, 1, 2, 1200)] == ["0 runs", "1 run", "2 runs", "1,200 runs"]
    assert [format.count(amount, "branch", "branches") for amount in (1, 2)] == ["1 branch", "2 branches"]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (12_340.0, "12,340"),
        (999_999.0, "999,999"),
        (1e6, "1e6"),
        (1e-4, "0.0001"),
        (9.9e-5, "9.9e-5"),
        (10**15 - 1, "999,999,999,999,999"),
        (10**15, "1000000000000000"),
        (10**18 - 1, "999999999999999999"),
        (10**18, "1e18"),
        (-(10**400), "-1e400"),
        (12_345 * 10**400, "1.234e404"),
        (False, "false"),
        (math.inf, "∞"),
    ],
)
def test_a_number_is_told_in_full_as_far_as_it_stays_short(number, text):
    assert format.number(number) == text


def test_a_change_has_its_sign():
    assert [format.signed(change, "2") for change in (-2, 0, 0.5)] == ["-2", "+2", "+2"]
