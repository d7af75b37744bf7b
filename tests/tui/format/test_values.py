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
        (59.96, "1:00"),
        (247, "4:07"),
        (3723, "1:02:03"),
        (2 * 86400 + 3 * 3600 + 4 * 60, "2 d 03:04"),
    ],
)
def test_a_duration_reads_as_a_clock(seconds, text):
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
        (math.nan, "NaN"),
        (-math.inf, "-∞"),
        (0.0, "0"),
        (10**400, "1.000e400"),
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
