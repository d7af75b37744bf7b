"""What times and durations in a query stand for, to the microsecond, and what is said of a value that does not fit."""

from datetime import datetime

import pytest

from magnus_tracking.errors import MagnusTrackingError
from magnus_tracking.query import parse
from magnus_tracking.query.literals import Span, parse_span


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("2026-11", (2026, 11, 1), (2026, 12, 1)),
        ("2026-12", (2026, 12, 1), (2027, 1, 1)),
        ("2024-2", (2024, 2, 1), (2024, 3, 1)),
        ("2026-11-30", (2026, 11, 30), (2026, 12, 1)),
        ("2026-11-20T14:30", (2026, 11, 20, 14, 30), (2026, 11, 20, 14, 31)),
        ("2026-11-20 00:00", (2026, 11, 20), (2026, 11, 20, 0, 1)),
        ("2026-11-20T14:30:59", (2026, 11, 20, 14, 30, 59), (2026, 11, 20, 14, 31)),
        ("2026-11-20T14:30:15.5", (2026, 11, 20, 14, 30, 15, 500_000), (2026, 11, 20, 14, 30, 15, 500_001)),
        ("2026-11-20T14:30:15.000042", (2026, 11, 20, 14, 30, 15, 42), (2026, 11, 20, 14, 30, 15, 43)),
    ],
)
def test_a_time_lasts_as_long_as_its_last_part(text, begin, end):
    assert parse_span(text) == Span(datetime(*begin), datetime(*end))


@pytest.mark.parametrize("text", ["2026", "2026-13", "2026-02-30", "2026-11-20T24:00", "9999-12-31", "2026-11-20T14"])
def test_what_names_no_moment_of_the_calendar_is_not_a_time(text):
    assert parse_span(text) is None


DURATION = "a duration such as 90s, 5m, 2h or 3d"
DATE = "a date such as 2026-11-20 or 2026-11-20T14:30"
ONE_OF = "code is compared with : only: dirty, clean, or the beginning of a commit"
STAR = "* stands for any text, which is neither more nor less: use : or !="


@pytest.mark.parametrize(
    ("query", "message", "expected"),
    [
        ("retries:many", "retries is compared with a number, not 'many'", ["a number"]),
        ("duration:long", f"expected {DURATION}, not 'long'", [DURATION]),
        ("took:long", f"expected {DURATION}, not 'long'", [DURATION]),
        (
            "started:ages",
            f"started is compared with {DATE}, or {DURATION} ago, not 'ages'",
            [f"{DATE}, or {DURATION} ago"],
        ),
        (
            "started>3dx",
            f"started is compared with {DATE}, or {DURATION} ago, not '3dx'",
            [f"{DATE}, or {DURATION} ago"],
        ),
        ("code>dirty", ONE_OF, ["dirty", "clean", "a commit"]),
        ("step<train", "step is compared with : only, with the name of a step", ["the name of a step"]),
        ("metric.loss:NaN", "nothing equals NaN: use nan:metric.loss", ["nan:metric.loss"]),
        ("min(metric.loss):nan", "nothing equals NaN: use nan:min(metric.loss)", ["nan:min(metric.loss)"]),
        ("tag>a*", STAR, ["a value without *"]),
    ],
)
def test_a_value_that_does_not_fit_its_field_is_told_what_would(query, message, expected):
    with pytest.raises(MagnusTrackingError) as caught:
        parse(query)
    assert str(caught.value) == message
    assert list(caught.value.expected) == expected


@pytest.mark.parametrize(
    "query",
    [
        "code:dirty",
        "code!=9f2c",
        "step:train",
        "step!=train",
        "tag:a*",
        "tag!=a*",
        "tag<a",
        "started>3d",
        "duration>5m",
        "param.x:nan",
    ],
)
def test_operators_that_fit_are_taken(query):
    assert str(parse(query))
