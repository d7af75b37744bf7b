import math
import unicodedata
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from magnus_tracking.analysis.compare import Row
from magnus_tracking.analysis.compare.values import delta, same
from magnus_tracking.analysis.liveness import Took
from magnus_tui import format
from magnus_tui.compare.cells import cells, percents
from magnus_tui.format import side_by_side
from magnus_tui.format.text import truncate_value

near = st.floats(allow_nan=False, allow_infinity=False).flatmap(
    lambda value: st.sampled_from([value, math.nextafter(value, math.inf), value * (1 + 1e-9)])
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(10**15, 10**22),
    st.floats(),
    near,
    st.sampled_from(
        [1, 1.0, 0.0, -0.0, "1", "true", "null", "NaN", "–", "", " ", "a ", "a", "a\u200b", "é", "e\u0301"]
    ),
    st.text(max_size=8),
)


def row_of(values, key="lr", section="parameters"):
    differs = any(not same(value, values[0]) for value in values[1:])
    return Row(section, key, tuple(values), differs, tuple(delta(value, values[0]) for value in values))


@given(st.lists(scalars, min_size=2, max_size=4))
def test_cells_of_a_row_read_the_same_just_where_the_values_are_the_same(values):
    texts = [cell.text for cell in cells(row_of(values), 0)]
    for one, text in zip(values, texts, strict=True):
        for other, beside in zip(values, texts, strict=True):
            if not same(one, other):
                assert text != beside
            elif type(one) is type(other):
                assert text == beside


@given(st.lists(st.one_of(st.floats(0, 1), near, st.integers(0, 10**20)), min_size=2, max_size=4))
def test_a_difference_never_reads_as_zero_and_none_is_shown_where_there_is_none(values):
    for value, cell in zip(values, cells(row_of(values), 0), strict=True):
        assert bool(cell.delta) is (not same(value, values[0]))
        for text in filter(None, (cell.delta, cell.percent)):
            assert any(digit in text for digit in "123456789") or "∞" in text


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (-99.94, "-99.9 %"),
        (-99.99136, "-99.99 %"),
        (-99.99997, "-99.99997 %"),
        (-100, "-100.0 %"),
        (99.99997, "+100.0 %"),
    ],
)
def test_only_a_fall_to_zero_reads_as_a_hundred_percent(change, text):
    assert percents([change]) == [text]


@given(st.lists(st.floats(0, 10**6), min_size=2, max_size=4), st.floats(0, 1e-3))
def test_durations_that_differ_by_a_millisecond_look_different(seconds, more):
    seconds = [round(one, 3) for one in [*seconds, seconds[0] + more]]
    texts = [cell.text for cell in cells(row_of(seconds, "duration", "run"), 0)]
    assert len(set(texts)) == len(set(seconds))


def test_times_that_differ_by_less_than_a_second_look_different():
    time = datetime(2026, 3, 1, 10, 0, 0, 250_000)
    assert side_by_side.values([time, time + timedelta(milliseconds=1)]) == [
        "2026-03-01 10:00:00.250000",
        "2026-03-01 10:00:00.251000",
    ]
    assert side_by_side.values([time, time]) == ["2026-03-01 10:00:00"] * 2


@pytest.mark.parametrize(
    ("one", "other", "texts"),
    [
        (0.0001, "0.0001", ["0.0001", '"0.0001"']),
        (True, "true", ["true", '"true"']),
        (True, 1, ["true", "1"]),
        (None, "null", ["–", '"null"']),
        ("", None, ['""', "–"]),
        ("adam", "adam ", ['"adam"', '"adam␣"']),
        ("a b", "a  b", ['"a b"', '"a␣␣b"']),
        ("a b", "a\u00a0b", ['"a b"', '"a\\u00a0b"']),
        ("a\tb", "a b", ['"a\\tb"', '"a b"']),
        ("x", "x\u200b", ['"x"', '"x\\u200b"']),
        ("é", "e\u0301", ['"é"', '"e\\u0301"']),
        ("adam", "аdam", ['"adam"', '"\\u0430dam"']),
        ("a-b", "a–b", ['"a-b"', '"a\\u2013b"']),
        ("red", "\x1b[31mred", ['"red"', '"\\u001b[31mred"']),
        (10**20, 10**20 + 1, ["100,000,000,000,000,000,000", "100,000,000,000,000,000,001"]),
        (0.99996, 1.0, ["0.99996", "1.00000"]),
        (0.0, -0.0, ["0", "0"]),
        ("adam", "sgd", ["adam", "sgd"]),
        ("-", None, ['"-"', "–"]),
        ("none", None, ['"none"', "–"]),
        ("false", True, ['"false"', "true"]),
        ("[1]", [1], ['"[1]"', "[1]"]),
        ("[1]", None, ['"[1]"', "–"]),
        ('{"a": 1}', {"a": 1}, ['"{"a": 1}"', '{"a": 1}']),
        ("1,000", 1000, ['"1,000"', "1,000"]),
        ("∞", math.inf, ['"∞"', "∞"]),
        ("a\\b", "a/b", ["a\\b", "a/b"]),
        ("a\\b ", "a\\b", ['"a\\\\b␣"', '"a\\\\b"']),
        (" a", "a", ['"␣a"', '"a"']),
        ("a  ", "a ", ['"a␣␣"', '"a␣"']),
        ("é", "é ", ['"é"', '"é␣"']),
        ("e\u0301 ", "e\u0301", ['"e\\u0301␣"', '"e\\u0301"']),
        ("\r", "\n", ['"\\r"', '"\\n"']),
        ("😀\u200b", "😀", ['"😀\\u200b"', '"😀"']),
        ("a\U000e0061", "a", ['"a\\U000e0061"', '"a"']),
        ("ﬁ", "fi", ['"\\ufb01"', '"fi"']),
        ("–", "-", ['"\\u2013"', '"-"']),
        ("\u3164", "\u2800", ['"\\u3164"', '"\\u2800"']),
    ],
)
def test_what_differs_is_visible(one, other, texts):
    assert side_by_side.values([one, other]) == texts


NUMBERS = st.builds(
    lambda around, apart: [around + one for one in apart],
    st.sampled_from([0, 0.0, 1e-12, 0.001, 99.995, 999.95, 9999.5, 1.6e9, 1.6e10, 2.0**53, 10**20, -1e6]),
    st.lists(st.integers(-2000, 2000) | st.floats(-1e5, 1e5) | st.floats(-1e-6, 1e-6), min_size=2, max_size=5),
)


@example([16_106_133_504, 16_106_130_458.6, 16_106_130_432])
@example([9_999.499999925, 9_999.5000000002])
@example([1_599_999_999.9999995, 1_600_000_000.0000005])
@example([2**53, 2.0**53, 2.0**53 - 1])
@given(NUMBERS)
def test_numbers_read_in_the_order_that_they_have(numbers):
    for texts in (
        side_by_side.numbers(numbers),
        side_by_side.values(numbers),
        side_by_side.tracked(numbers, 6),
        side_by_side.one_precision(numbers, 4),
    ):
        read = [Decimal(text.replace(",", "")) for text in texts]
        for (one, first), (other, second) in combinations(zip(numbers, read, strict=True), 2):
            assert ((one > other) - (one < other)) == ((first > second) - (first < second))


@pytest.mark.parametrize(
    ("seconds", "texts"),
    [
        ([0.0123456, 0.0124], ["12.3 ms", "12.4 ms"]),
        ([0.0995, 0.0994], ["100 ms", "99.4 ms"]),
        ([-0.05, 0.05], ["-50 ms", "50 ms"]),
        ([0.0, 0.001], ["0 ms", "1 ms"]),
        ([None, 0.05], ["–", "50 ms"]),
        ([60.001, 60.002], ["1m 00.001s", "1m 00.002s"]),
        ([1, 1.000001], ["1.000000 s", "1.000001 s"]),
    ],
)
def test_durations_get_the_parts_of_a_second_that_tell_them_apart(seconds, texts):
    assert side_by_side.durations(seconds) == texts


@pytest.mark.parametrize(
    ("seconds", "texts"),
    [
        ([247.2, 247.4, 9.0], ["4m 07.2s", "4m 07.4s", "9.0 s"]),
        ([5.0, 1.04, 1.03, 0.9, 3700.0], ["5.00 s", "1.04 s", "1.03 s", "900 ms", "1h 02m"]),
        ([1.00004, 1.00006, 2.0], ["1.0000 s", "1.0001 s", "2.000 s"]),
        ([326.4, 325.0, 326.3, 1.5], ["5m 26.4s", "5m 25.0s", "5m 26.3s", "1.5 s"]),
        ([0.0181, 0.0182, 0.019, 1.2], ["18.1 ms", "18.2 ms", "19.0 ms", "1.2 s"]),
        ([0.00145, 0.00149, 0.00152, 0.037, 0.0], ["1.45 ms", "1.49 ms", "1.52 ms", "37.00 ms", "0.00 ms"]),
        ([0.000015, 0.000019, 0.000023], ["0.02 ms", "0.02 ms", "0.02 ms"]),
        ([183_930.0, 183_900.0, 183_900.0], ["2d 03h 05m 30s", "2d 03h 05m 00s", "2d 03h 05m 00s"]),
        ([59.96, 60.0, None], ["59.96 s", "1m 00.0s", "–"]),
    ],
)
def test_in_a_list_only_durations_that_would_look_like_another_have_smaller_parts(seconds, texts):
    assert side_by_side.listed_durations(seconds) == texts
    assert side_by_side.took([Took(one) for one in seconds]) == texts


def test_what_a_run_has_taken_so_far_is_told_apart_by_time_alone():
    found = [Took(247.2, so_far=True), Took(247.4), Took(247.3, inferred=True), Took(None, note="the clock went back")]
    assert side_by_side.took(found) == ["4m 07s", "4m 07.4s", "~4m 07.3s", "?"]


def test_values_of_one_series_and_numbers_that_are_compared_keep_their_own_digits():
    assert side_by_side.tracked([None, 1.23456, "a", 2.0], 4) == ["null", "1.235", "a", "2"]
    assert side_by_side.numbers([1.23456, 1.23457, 2]) == ["1.23456", "1.23457", "2"]
    assert side_by_side.values([1.23456, 2.5], 2) == ["1.2", "2.5"]


def test_quotes_are_put_around_a_text_with_quotes_where_others_have_them():
    assert side_by_side.values(['"a"', "a", "a "]) == ['""a""', '"a"', '"a␣"']
    assert side_by_side.values(['"a"', "b"]) == ['"a"', "b"]


@pytest.mark.parametrize(("value", "text"), [(0.99996, "0.99996"), (1.0, "1"), (2.00001, "2.00001"), (0.5, "0.5")])
def test_a_number_alone_reads_as_whole_only_where_it_is(value, text):
    assert format.number(value) == text


def test_long_texts_are_cut_around_their_first_difference():
    texts = ["x" * 500 + "one" + "y" * 500, "x" * 500 + "two" + "y" * 500, None]
    first, second, missing = side_by_side.excerpts(texts, 16)
    assert (first[:8], second[:8], missing) == ("…xxxxone", "…xxxxtwo", None)


@pytest.mark.parametrize(
    ("texts", "longest", "cut"),
    [
        (["x" * 20 + "a", "x" * 20 + "b"], 20, ["…xxxxa", "…xxxxb"]),
        (["x" * 20 + "a", "x" * 20 + "b"], 21, ["x" * 20 + "a", "x" * 20 + "b"]),
        (["x" * 20, "x" * 20 + "tail"], 16, ["…xxxx", "…xxxxtail"]),
        (["x" * 20, None, "x" * 20], 4, ["x" * 20, None, "x" * 20]),
        (["abcd1", "abcd2"], 2, ["abcd1", "abcd2"]),
        (["abcde1", "abcde2"], 2, ["…bcde1", "…bcde2"]),
        (
            ["x" * 30 + "one" + "y" * 30 + "1", "x" * 30 + "one" + "y" * 30 + "2", "x" * 30 + "two"],
            16,
            ["…xxxxo…yyyy1", "…xxxxo…yyyy2", "…xxxxtwo"],
        ),
    ],
)
def test_an_excerpt_begins_a_little_before_each_difference(texts, longest, cut):
    assert side_by_side.excerpts(texts, longest) == cut


@given(st.lists(st.text("ab", min_size=0, max_size=60), min_size=2, max_size=6, unique=True))
def test_excerpts_of_different_texts_differ(texts):
    assert len(set(side_by_side.excerpts(texts, 8))) == len(texts)


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_texts_apart_are_safe_to_show(texts):
    for text in side_by_side.strings_apart(texts):
        assert all(unicodedata.category(one) not in ("Cc", "Cs") for one in text)


@given(st.lists(st.one_of(near, st.integers(), st.integers(10**18, 10**22)), min_size=2, max_size=40), st.booleans())
def test_different_numbers_of_a_column_read_back_as_different_numbers(values, even):
    texts = format.column_numbers(values, even=even)
    assert not format.is_ambiguous(values, texts)
    finite = [(value, text) for value, text in zip(values, texts, strict=True) if text not in ("NaN", "∞", "-∞")]
    readings = [Decimal(text.replace(",", "")) for _, text in finite]
    assert not format.is_ambiguous([value for value, _ in finite], list(map(str, map(Decimal.normalize, readings))))


@given(st.floats(1e-3, 1e3), st.lists(st.floats(1e-3, 1e3), max_size=20))
def test_only_numbers_that_would_read_the_same_get_more_digits(value, others):
    usual = format.column_numbers(values := [value, *others])
    assert usual[1:] == format.column_numbers([*values, math.nextafter(value, math.inf)])[1:-1] or any(
        abs(other - value) < 1e-2 for other in others
    )


def test_noise_of_floats_takes_digits_only_from_the_numbers_that_it_tells_apart():
    assert format.column_numbers([0.1 + 0.2, 0.3, 0.99996, 1.0, 0.25]) == [
        *("0.30000000000000004", "0.30000000000000000", "0.99996", "1.00000", "0.25000"),
    ]


@pytest.mark.parametrize(
    ("items", "texts"),
    [
        (["auto", 0.1, None], ["auto", "0.1", "–"]),
        (["1e-4", "1e-3"], ["1e-4", "1e-3"]),
        (["1e-4", 0.5], ['"1e-4"', "0.5"]),
        ([True, 1, "1", 1.0], ["true", "1", '"1"', "1"]),
        ([math.nan, "nan", "adam"], ["NaN", '"nan"', "adam"]),
        ([[], {}, "[]"], ["[]", "{}", '"[]"']),
        ([["a  b"], ["a b"]], ['["a␣␣b"]', '["a b"]']),
        (["a ", "a", "sgd"], ['"a␣"', '"a"', "sgd"]),
        (["", None, "x"], ['""', "–", "x"]),
        (["\x1b[31m", "[31m"], ['"\\u001b[31m"', "[31m"]),
    ],
)
def test_text_of_a_list_is_quoted_only_where_it_would_be_taken_for_something_else(items, texts):
    assert side_by_side.values(items) == texts


def test_a_null_is_told_from_what_is_missing_and_from_text():
    assert side_by_side.values([None, None, "null"], nulls=[1]) == ["–", "null", '"null"']


@pytest.mark.parametrize(
    ("found", "texts"),
    [
        ([0.5, 0.25, 3.0], ["0.50", "0.25", "3.00"]),
        ([0.5, 3], ["0.5", "3"]),
        ([0.5, 0.25, None, "best", math.nan, math.inf], ["0.50", "0.25", "null", "best", "NaN", "∞"]),
        ([12_345.5, 0.000_123_4], ["12,345.5000000", "0.0001234"]),
        ([123_456.5, 0.000_123_4, 1.0], ["123,456.5000000", "0.0001234", "1.0000000"]),
        ([1.5, 2.5e-9], ["1.5", "2.5e-9"]),
        ([2.126, 0.7111, 0.71, 1.3e12], ["2.1260", "0.7111", "0.7100", "1.3e12"]),
        ([1.0, 2.0], ["1", "2"]),
        (["a"], ["a"]),
        ([], []),
    ],
)
def test_a_column_of_a_metric_has_one_precision(found, texts):
    assert side_by_side.one_precision(found, 4) == texts


def test_numbers_that_are_compared_have_no_more_digits_than_they_need():
    assert side_by_side.numbers([0.5, 0.25, 0.123456]) == ["0.5", "0.25", "0.1235"]


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (["2026-11-23 21:51:16.979", "2026-11-23 21:51:17.202"], ["…51:16.979", "…51:17.202"]),
        (["[1, 2, 3, 123456.25, 7]", "[1, 2, 3, 123456.35, 7]"], ["…123456.25, 7]", "…123456.35, 7]"]),
        (['{"lr": 0.1, "layers": [64, 64]}', '{"lr": 0.1, "layers": [64, 128]}'], ["…64, 64]}", "…64, 128]}"]),
    ],
    ids=["times", "lists", "objects"],
)
def test_an_excerpt_begins_with_a_whole_number(texts, shown):
    assert side_by_side.excerpts(texts, 16, whole_numbers=True) == shown


@given(st.integers(25, 300), st.integers(0, 299), st.integers(24, 40), st.booleans())
def test_huge_numbers_and_digits_in_texts_differ_also_where_there_is_room_for_a_part(digits, place, room, as_text):
    place = min(place, digits - 1)
    values = [int("7" * (place) + one + "3" * (digits - place - 1)) for one in "19"]
    if as_text:
        values = [f"the run of number {value}" for value in values]
    found = cells(row_of(values), 0)
    parts = {truncate_value(one.text if len(one.text) <= room else one.excerpt or one.text, room) for one in found}
    assert len(parts) == 2


@example(["long-name-of-a-run-1", "long-name-of-a-run-2", "other"], 12)
@given(st.lists(st.text("ab-1", min_size=1, max_size=40), min_size=1, max_size=6), st.integers(4, 40))
def test_names_that_are_cut_apart_fit_and_those_that_need_no_cut_stay(names, cells):
    shown = side_by_side.names_apart(names, cells)
    for name, one in zip(names, shown, strict=True):
        assert one == name or (one.startswith(name[: one.index("…")]) and len(name) > cells)
        assert one == name or cell_len(one) >= cells


def test_names_lose_the_middle_where_their_ends_tell_them_apart():
    names = ["long-name-of-a-run-1", "long-name-of-a-run-2", "other"]
    assert side_by_side.names_apart(names, 14) == ["long-nam…run-1", "long-nam…run-2", "other"]
