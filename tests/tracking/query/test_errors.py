"""Errors point at the character and say what was expected."""

import pytest

from magnus_tracking.errors import QueryError
from magnus_tracking.query import parse, parse_field, parse_sort


@pytest.mark.parametrize(
    ("query", "position", "says"),
    [
        ("metric.loss<", 12, "expected a value"),
        ("status:fail and", 15, "the query ends"),
        ("(tag:a or tag:b", 15, "a closing bracket"),
        ("tag:a)", 5, "not ')'"),
        ('tag:"sweep', 4, "this quote is never closed"),
        ("colour:red", 0, "there is no field 'colour'"),
        ("tag:a colour:red", 6, "the fields are id, status"),
        ("duration>soon", 9, "a duration such as 90s"),
        ("started>tomorrow", 8, "a date such as 2026-11-20"),
        ("retries>many", 8, "a number"),
        ("min(param.lr)<1", 4, "of a metric"),
        ("min(metric.loss<1", 15, "a closing bracket"),
        ("has:", 4, "the name of a field"),
        ("has:nothing", 4, "there is no field 'nothing'"),
        ("tag:a or or tag:b", 9, "expected"),
        ("<3", 0, "a word"),
        ("metric.loss:nan", 12, "nan:metric.loss"),
        ("tag<a*", 4, "* stands for any text"),
        ("code>9f", 5, "dirty, clean"),
        ("metric.:3", 7, "a name holds letters"),
        ("metric.loss<0.3<0.4", 15, "two comparisons are joined with and"),
        ("finished>2d", 0, "use ended"),
        ("age<2h", 0, "use started"),
        ("tga:x", 0, "did you mean tag?"),
        ("user:me", 0, "did you mean metric.user or param.user?"),
    ],
)
def test_an_error_points_at_what_is_wrong(query, position, says):
    if says is None:
        assert str(parse(query)) == query
        return
    with pytest.raises(QueryError) as raised:
        parse(query)
    assert raised.value.position == position
    assert says in str(raised.value)
    assert raised.value.text == query


def test_brackets_that_are_nested_too_deeply_are_refused():
    with pytest.raises(QueryError, match="nested more than"):
        parse("(" * 5000 + "a" + ")" * 5000)
    with pytest.raises(QueryError, match="nested more than"):
        parse("not " * 5000 + "a")


def test_an_unknown_sort_key_is_pointed_at():
    with pytest.raises(QueryError, match="there is no field 'colour'") as raised:
        parse_sort("-metric.loss, colour")
    assert raised.value.position == 14


def test_field_names_have_aliases_and_ignore_case():
    assert parse_field("Run_ID") == parse_field("id")
    for name in ("succeeded", "failed", "skipped"):
        assert parse_field(f"steps.{name}") == parse_field(name)
    assert parse_field("steps.total") == parse_field("steps")
    assert str(parse_field("metrics.Loss")) == "metric.Loss"
    assert str(parse_field('Mean( metric."f1 score" )')) == 'mean(metric."f1 score")'
    assert str(parse_field("dag_hash")) == "pipeline"
