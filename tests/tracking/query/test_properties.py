"""What holds of every query: it prints as text that parses back, rows obey it, and `not` is the complement."""

import math
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from magnus_tracking.query import Context, Query, SummaryRows, order, parse, parse_sort
from magnus_tracking.query.fields import FIELD_KINDS, Field, Kind
from magnus_tracking.query.functions import FUNCTIONS
from magnus_tracking.query.nodes import And, Comparison, Has, IsNan, Not, Or, Pattern, Word
from magnus_tracking.query.ordering import SortKey
from magnus_tracking.runlog.summary import MetricSummary, RunSummary, StepCounts
from support.query_errors import error_of

NOW = datetime(2026, 11, 23, 12, 0, 0)
CONTEXT = Context(NOW)

texts = st.text(st.characters(codec="utf-8"), max_size=6) | st.sampled_from(
    ["loss", "and", "nan", "f1 score", "a*b", "-1"]
)
keys = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6) | st.sampled_from(
    ["lr", "loss", "a.b", "f1 score"]
)
metric_fields = st.builds(Field, st.just("metric"), keys, st.sampled_from([*FUNCTIONS]))
fields = st.one_of(
    st.sampled_from([Field(name) for name in FIELD_KINDS]), st.builds(Field, st.just("param"), keys), metric_fields
)
patterns = st.lists(texts, min_size=1, max_size=3).map(lambda parts: Pattern(tuple(parts)))
numbers = st.one_of(st.integers(), st.floats(allow_nan=False)).map(repr)
durations = st.sampled_from(["90s", "5m", "2h", "3d", "1h30m"])
dates = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(lambda time: time.isoformat())
operators = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])


@st.composite
def comparisons(draw):
    field = draw(fields)
    operator = draw(operators)
    match field.kind:
        case Kind.NUMBER:
            value = Pattern((draw(numbers),))
        case Kind.SECONDS:
            value = Pattern((draw(numbers | durations),))
        case Kind.TIME:
            value = Pattern((draw(durations | dates),))
        case _:
            operator = "=" if field.kind in (Kind.TEXTS, Kind.CODE) else operator
            value = draw(patterns)
            if operator not in ("=", "!="):
                value = Pattern((value.parts[0],))
    if field.name == "metric" and value.text.lower() == "nan":
        value = Pattern(("0",))
    return Comparison(field, operator, value)


leaves = st.one_of(comparisons(), st.builds(Has, fields), st.builds(IsNan, fields), st.builds(Word, patterns))
nodes = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.lists(inner, min_size=2, max_size=3).map(lambda several: And(tuple(several))),
        st.lists(inner, min_size=2, max_size=3).map(lambda several: Or(tuple(several))),
    ),
    max_leaves=8,
)

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([2**53, 2**53 + 1, math.nan, math.inf, -math.inf, 0.1]),
    st.sampled_from(["adam", "SGD", "3", "", "nan"]),
    st.just({"b": 1, "c": {"d": "x"}}),
    st.just([1, "a"]),
)
some_metrics = st.builds(MetricSummary, last=values, min=st.none() | st.floats(), max=st.none() | st.floats())
times = st.none() | st.integers(0, 10**7).map(lambda seconds: NOW - timedelta(seconds=seconds))
summaries = st.builds(
    RunSummary,
    run_id=st.text("abc-1", min_size=1, max_size=4),
    status=st.sampled_from(["SUCCESS", "FAIL", "PROCESSING", ""]),
    tag=st.sampled_from(["", "sweep-1", "Sweep-2"]),
    started=times,
    ended=times,
    duration=st.none() | st.floats(0, 1e6),
    steps=st.builds(StepCounts, st.integers(0, 9)),
    retries=st.integers(0, 3),
    failing_step=st.none() | st.just("train model"),
    message=st.none() | st.just("loss diverged"),
    parameters=st.dictionaries(st.sampled_from(["lr", "a", "a.b", "f1 score"]), values),
    metrics=st.dictionaries(st.sampled_from(["loss", "f1 score", "a.b"]), some_metrics),
    step_names=st.sampled_from([(), ("train",), ("map.1.train", "evaluate")]),
    commit=st.none() | st.just("9f2c1aa"),
    dirty=st.none() | st.booleans(),
    error=st.none() | st.just("not JSON"),
)
tables = st.lists(summaries, max_size=8)


@given(nodes)
@settings(max_examples=400, deadline=None)
def test_printed_queries_parse_back(node):
    assert parse(str(Query(node))).node == node


@given(nodes, tables)
@settings(deadline=None)
def test_not_selects_exactly_the_other_rows(node, table):
    rows = SummaryRows(table, CONTEXT)
    chosen = Query(node).select(rows, CONTEXT)
    others = Query(Not(node)).select(rows, CONTEXT)
    assert sorted([*chosen, *others]) == list(range(len(table)))


@given(nodes, tables)
@settings(deadline=None)
def test_a_row_is_selected_where_it_matches_alone(node, table):
    query = Query(node)
    chosen = query.select(SummaryRows(table, CONTEXT), CONTEXT)
    assert chosen == [position for position, run in enumerate(table) if query.matches(run, CONTEXT)]


@given(nodes, nodes, tables)
@settings(deadline=None)
def test_and_is_the_intersection_and_or_the_union(left, right, table):
    rows = SummaryRows(table, CONTEXT)
    of_left, of_right = (set(Query(node).select(rows, CONTEXT)) for node in (left, right))
    assert set(Query(And((left, right))).select(rows, CONTEXT)) == of_left & of_right
    assert set(Query(Or((left, right))).select(rows, CONTEXT)) == of_left | of_right


@given(st.text(st.sampled_from("""aZ. "'()<>=:!*\\-019_\n\tménandort"""), max_size=30))
@settings(max_examples=500, deadline=None)
def test_any_text_is_a_query_or_an_error_that_points_into_it(text):
    error = error_of(text)
    if error is None:
        assert parse(str(parse(text))) == parse(text)
        return
    assert 0 <= error.position <= len(text)
    assert error.text == text
    assert str(error)
    assert "\n" not in str(error)


@given(tables, st.lists(st.builds(SortKey, fields, st.booleans()), min_size=1, max_size=3))
@settings(deadline=None)
def test_sorting_keeps_every_row_and_puts_nan_and_then_missing_last(table, sort):
    rows = SummaryRows(table, CONTEXT)
    ordered = order(rows, range(len(table)), sort)
    assert sorted(ordered) == list(range(len(table)))
    first = [rows.column(sort[0].field)[position] for position in ordered]
    places = [2 if value is None else 1 if value != value else 0 for value in first]
    assert places == sorted(places)


@given(st.lists(st.builds(SortKey, fields, st.booleans()), max_size=3))
@settings(deadline=None)
def test_sort_keys_parse_back(sort):
    assert parse_sort(",".join(map(str, sort))) == sort
