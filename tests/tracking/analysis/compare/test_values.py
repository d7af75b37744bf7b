import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnus_tracking.analysis.compare.leaves import leaves
from magnus_tracking.analysis.compare.values import delta, distance, percentage, same

NAN, INF = math.nan, math.inf
numbers = st.one_of(st.integers(), st.floats())
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=4)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(alphabet="ab.", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("left", "right", "answer"),
    [
        (1, 1.0, True),
        (True, 1, False),
        (False, 0.0, False),
        (NAN, NAN, True),
        (NAN, None, False),
        (2**53 + 1, 2**53, False),
        (2**53 + 1, float(2**53), False),
        ("1", 1, False),
        ({}, [], False),
        ({}, {}, True),
        (None, None, True),
        (INF, -INF, False),
    ],
)
def test_values_are_the_same_by_type_and_value(left, right, answer):
    assert same(left, right) is answer


@pytest.mark.parametrize(
    ("value", "baseline", "expected"),
    [
        (3, 1, 2),
        (2**60 + 1, 2**60, 1),
        (2**53 + 1, float(2**53), 1),
        (2**60 + 1, 0.5, 2**60 + 0.5),
        (10**400, 1.5, 10**400 - 2),
        (10**400, INF, -INF),
        (-INF, 10**400, -INF),
        (0.5, 0.25, 0.25),
        (INF, 1.0, INF),
        (INF, INF, None),
        (NAN, 1, None),
        (1, NAN, None),
        (None, 1, None),
        (True, 0, None),
        ("2", 1, 1),
        ("1e-4", 0.0002, -0.0001),
        (1, "1e-4", 0.9999),
        ("two", 1, None),
        ("0x2", 1, None),
    ],
)
def test_the_difference_is_exact_or_missing(value, baseline, expected):
    answer = delta(value, baseline)
    assert type(answer) is type(expected) or expected == 2**60 + 0.5
    if isinstance(expected, int) and expected > 10**300:
        assert abs(answer - expected) <= 1
    else:
        assert answer == expected


@pytest.mark.parametrize(
    ("value", "baseline", "expected"),
    [(0.05, 0.001, 4900.0), (-1, 2, -150.0), (1, -2, 150.0), (1, 0, None), (NAN, 1, None), (INF, 1, None)],
)
def test_percentages_are_of_the_size_of_the_baseline(value, baseline, expected):
    answer = percentage(delta(value, baseline), baseline)
    assert answer == expected if expected is None else answer == pytest.approx(expected)


def test_ten_times_more_and_ten_times_less_are_equally_far():
    assert distance(0.1, 1.0) == pytest.approx(distance(1.0, 0.1))
    assert distance(1, 1) == 0
    assert distance("a", "b") == distance(NAN, 1.0) == distance(None, 3) == 1
    assert distance(-1, 1) == 2
    assert distance(5, 0) == 1


@given(numbers, numbers)
def test_distances_are_symmetric_and_bounded(left, right):
    assert distance(left, right) == distance(right, left)
    assert 0 <= distance(left, right) <= 2
    assert (distance(left, right) == 0) >= same(left, right)


@given(json_values, json_values)
def test_being_the_same_is_an_equivalence(left, right):
    assert same(left, left)
    assert same(left, right) == same(right, left)


def test_leaves_are_named_by_their_path():
    assert leaves({"optim": {"lr": 0.1, "betas": [0.9, 0.99]}, "tags": [], "x": {}, "n": None}) == {
        "optim.lr": 0.1,
        "optim.betas.0": 0.9,
        "optim.betas.1": 0.99,
        "tags": [],
        "x": {},
        "n": None,
    }


def test_a_name_with_dots_is_kept_apart_from_a_path_that_reads_the_same():
    assert leaves({"a.b": 1, "a": {"b": 2}}) == {'"a.b"': 1, "a.b": 2}
    assert leaves({"a.b": 1}) == {"a.b": 1}


def _count(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return sum(map(_count, inner)) if inner else 1


@given(st.dictionaries(st.text(alphabet="ab", min_size=1, max_size=3), json_values, max_size=4))
def test_no_leaf_is_lost_unless_two_paths_are_spelt_alike(values):
    found = leaves(values)
    assert len(found) <= sum(map(_count, values.values()))
    if "." not in repr(values):
        assert len(found) == sum(map(_count, values.values()))


def test_very_deep_values_are_compared_too():
    value = 1
    for _ in range(5000):
        value = {"a": value}
    assert list(leaves({"x": value}).values()) == [1]
