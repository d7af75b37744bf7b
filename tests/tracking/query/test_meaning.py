"""What each comparison means: missing and NaN values, text, numbers, durations, times, code, steps, liveness."""

import math
from datetime import datetime, timedelta

import pytest

from magnus_tracking.analysis.liveness import StalledRule
from magnus_tracking.query import Context, Query, SummaryRows, parse
from magnus_tracking.query.nodes import And, Or
from magnus_tracking.runlog.summary import MetricSummary, RunSummary, StepCounts

NOW = datetime(2026, 11, 23, 12, 0, 0)


def matches(query, **fields):
    return parse(query).matches(
        RunSummary(**{"run_id": "blazing-colden-0544", "status": "SUCCESS", **fields}), Context(NOW)
    )


def with_loss(value, **others):
    return {"metrics": {"loss": MetricSummary(last=value, **others)}}


def selected(query, *runs):
    """The places of the runs that a query selects among others, each given by its fields."""
    rows = [RunSummary(str(place), "SUCCESS", **fields) for place, fields in enumerate(runs)]
    return query.select(SummaryRows(rows, Context(NOW)), Context(NOW))


AT = datetime(2026, 11, 20, 12)
BELOW_AT_ABOVE_AND_MISSING = {
    "duration": ("90s", [{"duration": 89.9}, {"duration": 90.0}, {"duration": 90.1}, {}]),
    "retries": ("2", [{"retries": 1}, {"retries": 2}, {"retries": 3}, {"error": "not JSON"}]),
    "started": ("2026-11-20T12:00:00", [{"started": AT + timedelta(seconds=by)} for by in (-1, 0, 1)] + [{}]),
    "tag": ("m", [{"tag": "a"}, {"tag": "M"}, {"tag": "z"}, {"tag": ""}]),
    "metric.loss": ("0.3", [with_loss(0.2), with_loss(0.3), with_loss(0.4), with_loss(math.nan)]),
    "param.name": ("m", [{"parameters": {"name": name}} for name in ("a", "M", "z", None)]),
    "param.n": ('"2"', [{"parameters": {"n": n}} for n in (1, 2, 3, None)]),
}


@pytest.mark.parametrize(
    ("operator", "places"),
    [("<", [0]), ("<=", [0, 1]), (">", [2]), (">=", [1, 2]), ("=", [1]), (":", [1]), ("!=", [0, 2])],
)
@pytest.mark.parametrize("field", BELOW_AT_ABOVE_AND_MISSING)
def test_every_kind_of_value_is_compared_at_its_bound_and_never_where_it_is_missing(field, operator, places):
    value, runs = BELOW_AT_ABOVE_AND_MISSING[field]
    assert selected(parse(f"{field}{operator}{value}"), *runs) == places


def test_texts_that_repeat_in_a_store_are_compared_as_others_are():
    runs = [{"tag": tag} for tag in ("a", "A", "b", "", "a", "b", "", "a")]
    assert selected(parse("tag=a"), *runs) == [0, 1, 4, 7]
    assert selected(parse("tag!=a"), *runs) == [2, 5]
    assert selected(parse("tag>a"), *runs) == [2, 5]
    assert selected(parse("not tag=a"), *runs) == [2, 3, 5, 6]


def test_all_of_no_condition_is_every_run_and_any_of_none_is_no_run():
    assert selected(Query(And(())), {}, {}) == [0, 1]
    assert selected(Query(Or(())), {}, {}) == []


def test_a_star_is_any_text_of_a_parameter_that_is_there():
    assert matches("param.name:a*m param.name:*d* not param.name:*x*", parameters={"name": "Adam"})
    assert matches("param.n:1* not param.n:2*", parameters={"n": 12})
    assert not matches("param.n:*", parameters={"n": None})
    assert not matches("param.n:*", parameters={"n": math.nan})


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">=", "=", "!=", ":"])
@pytest.mark.parametrize("fields", [{}, with_loss(math.nan), with_loss(None)])
def test_comparison_with_missing_or_nan_is_false(operator, fields):
    assert not matches(f"metric.loss{operator}0.3", **fields)
    assert matches(f"not metric.loss{operator}0.3", **fields)


def test_has_and_nan_tell_missing_from_nan():
    assert matches("has:metric.loss nan:metric.loss", **with_loss(math.nan))
    assert matches("has:metric.loss and not nan:metric.loss", **with_loss(0.5))
    assert matches("not has:metric.loss and not nan:metric.loss")


def test_text_compares_whole_and_without_case():
    assert matches("tag:sweep-1", tag="Sweep-1")
    assert matches("tag:STRASSE", tag="straße")
    assert not matches("tag:sweep", tag="sweep-1")


@pytest.mark.parametrize("pattern", ["sweep-*", "*-1", "*ee*", "s*p-*", "*", "sweep-1*"])
def test_a_star_is_any_text(pattern):
    assert matches(f"tag:{pattern}", tag="sweep-1")
    assert not matches(f"not tag:{pattern}", tag="sweep-1")


def test_a_star_behind_a_backslash_in_quotes_is_itself():
    assert matches(r'tag:"a\*b"', tag="a*b")
    assert not matches(r'tag:"a\*b"', tag="a-b")


def test_an_empty_tag_is_missing():
    assert not matches("has:tag", tag="")
    assert not matches("tag!=sweep", tag="")
    assert matches("tag!=sweep", tag="demo")


def test_bare_words_search_id_tag_failing_step_and_message():
    run = {"tag": "demo", "failing_step": "train model", "message": "Loss diverged: nan at step 201"}
    for word in ("COLDEN", "demo", '"train model"', "diverged", "loss*201"):
        assert matches(word, **run)
    assert not matches("success", **run)
    assert matches("colden diverged", **run)
    assert not matches("colden missing", **run)


def test_not_binds_closer_than_and_and_and_closer_than_or():
    assert matches("status:success or status:fail and tag:none")
    assert not matches("(status:success or status:fail) and tag:none")
    assert matches("not status:fail status:success")
    assert not matches("not (status:success)")


def test_integers_beyond_what_floats_hold_are_exact():
    assert matches("metric.loss=9007199254740993", **with_loss(2**53 + 1))
    assert not matches("metric.loss=9007199254740992", **with_loss(2**53 + 1))
    assert matches("metric.loss>9007199254740992", **with_loss(2**53 + 1))
    assert matches("param.n>=9007199254740993", parameters={"n": 2**53 + 1})


def test_infinities_are_numbers():
    assert matches("metric.loss>1e308", **with_loss(math.inf))
    assert matches("metric.loss=-inf", **with_loss(-math.inf))


def test_numeric_text_compares_as_a_number_unless_quoted():
    for text in ("1e-4", "0.0001", "1.0e-4", ".0001"):
        assert matches("param.lr<0.001 param.lr=0.0001 not param.lr!=1e-4", parameters={"lr": text})
        assert matches(f'param.lr:"{text}" not param.lr:"0.00010"', parameters={"lr": text})
    for text in ("007", "1_0", "0x5", " 5", "5 ", "five", "nan"):
        assert not matches("param.lr<50", parameters={"lr": text})
        assert not matches("param.lr>=0", parameters={"lr": text})
    assert not matches('param.lr="3"', parameters={"lr": "3.0"})
    assert str(parse('param.lr="3"')) == 'param.lr="3"'
    assert matches("tag:1e-4 not tag=0.0001", tag="1e-4")


def test_a_number_is_not_compared_with_words_or_booleans():
    assert not matches("param.lr<5", parameters={"lr": "three"})
    assert not matches("param.lr<5", parameters={"lr": True})
    assert matches("param.lr:true", parameters={"lr": True})
    assert matches("param.lr=3", parameters={"lr": "3"})
    assert matches("param.lr=3.0", parameters={"lr": 3})
    assert matches("param.lr=3.0", parameters={"lr": "3"})
    assert matches("param.lr!=adam", parameters={"lr": 3})
    assert matches("param.lr<10", parameters={"lr": 9})
    assert not matches('param.lr<"10"', parameters={"lr": 9})


def test_the_aggregates_of_a_metric_are_its_own_and_not_names():
    fields = {"metrics": {"loss": MetricSummary(0.5, 0.1, 0.9, 0.4), "loss.min": MetricSummary(7)}}
    assert matches("min(metric.loss)=0.1 max(metric.loss)=0.9 mean(metric.loss)=0.4 metric.loss=0.5", **fields)
    assert matches("last(metric.loss)=0.5 MIN( metric.loss ) < 0.2", **fields)
    assert matches("metric.loss.min=7", **fields)


def test_names_with_other_characters_are_quoted():
    fields = {"metrics": {"f1 score": MetricSummary(0.9), 'say "hi"': MetricSummary(1)}}
    assert matches('metric."f1 score">0.5', **fields)
    assert matches(r'metric."say \"hi\"":1 and has:metric."f1 score"', **fields)


def test_nested_parameters_are_reached_by_dotted_paths():
    parameters = {"model": {"lr": 0.1, "head": {"size": 3}}, "a.b": 1, "a": {"b": 2}}
    assert matches("param.model.lr:0.1 param.model.head.size=3 has:param.model.head", parameters=parameters)
    assert matches("param.a.b=1", parameters=parameters)
    assert not matches("has:param.model.depth", parameters=parameters)


@pytest.mark.parametrize("text", ["90s", "1.5m", "0.025h", "1m30s", "90", "90000ms"])
def test_durations_have_units(text):
    assert matches(f"duration={text}", duration=90.0)
    assert matches(f"duration>={text} duration<={text}", duration=90.0)
    assert not matches(f"duration>{text}", duration=90.0)


def test_the_duration_of_an_unfinished_run_is_the_time_since_it_started():
    running = {"status": "PROCESSING", "started": NOW - timedelta(minutes=5)}
    assert matches("duration>4m", **running)
    assert not matches("duration>6m", **running)


def test_an_age_means_since_then():
    hour_ago = {"started": NOW - timedelta(hours=1)}
    assert matches("started>2h", **hour_ago)
    assert not matches("started>30m", **hour_ago)
    assert matches("started<30m", **hour_ago)
    assert matches("started=1h started>=1h started<=60m", **hour_ago)
    for off in (timedelta(microseconds=1), -timedelta(microseconds=1)):
        assert matches("started!=1h", started=NOW - timedelta(hours=1) + off)
    assert not matches("started>0s", started=NOW - timedelta(seconds=0.5))
    assert matches("started>9999999d", **hour_ago)


def test_a_date_is_its_midnight_and_equality_the_whole_day():
    at_noon = {"started": datetime(2026, 11, 20, 12)}
    assert matches("started>2026-11-20 started<2026-11-21 started:2026-11-20", **at_noon)
    assert not matches("started<=2026-11-20", **at_noon)
    assert matches("started>=2026-11-20T12:00 started:2026-11-20T12:00 started:2026-11", **at_noon)
    assert matches('started<"2026-11-20 12:00:01"', **at_noon)
    assert not matches("started:2026-11-21", **at_noon)


def test_code_is_dirty_clean_or_a_commit():
    fields = {"commit": "9f2c1aab", "dirty": True}
    assert matches("code:dirty not code:clean code:9f2c code:9F2C1AAB", **fields)
    assert not matches("code:2c1a", **fields)
    assert not matches("code:clean")
    assert not matches("code:dirty")


def test_a_commit_is_told_by_its_beginning_and_with_a_star_by_all_of_it():
    fields = {"commit": "9f2c1aab", "dirty": False}
    assert matches("code:clean code!=dirty code!=1aab code:9f*aab code:9f*", **fields)
    assert not matches("code:9f*1a", **fields)
    assert not matches("code!=9f2c", **fields)
    assert not matches("code!=9f2c")


def test_a_step_is_named_by_its_internal_name_or_an_end_of_it():
    steps = {"step_names": ("map.1.train model", "evaluate")}
    assert matches('step:"train model" step:"1.train model" step:evaluate step:train*', **steps)
    assert not matches("step:train", **steps)
    assert not matches("step:step", step_names=("step 1", "step 10"))


def test_liveness_follows_the_stalled_rule():
    silent = RunSummary("a", "PROCESSING", started=NOW, last_sign=NOW - timedelta(hours=3), current_step="x")
    usual = StalledRule(longest={("", "x"): 7200.0})
    assert parse("liveness:stalled").matches(silent, Context(NOW))
    assert parse("liveness:silent").matches(silent, Context(NOW, usual))
    assert parse("liveness:lost").matches(silent, Context(NOW, usual, lambda run_id: True))
    assert not matches("has:liveness")


def test_counts_of_an_unreadable_run_are_missing():
    assert not matches("steps>=0", error="not JSON")
    assert matches("has:error not has:retries", error="not JSON")
    assert matches("steps=3 succeeded>=0", steps=StepCounts(3))


def test_blank_text_asks_for_every_run():
    assert parse("  ").matches_everything
    assert matches("")
    assert str(parse("")) == ""
