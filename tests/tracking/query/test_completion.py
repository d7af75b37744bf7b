"""Completion offers fields and values that exist, for the text before the cursor."""

import pytest

from magnus_tracking.query import SummaryRows, complete, parse
from magnus_tracking.runlog.summary import RunSummary

RUNS = [
    RunSummary("a-1", "SUCCESS", tag="sweep-2", step_names=("train model", "map.1.x"), parameters={"lr": 0.1}),
    RunSummary("b-2", "FAIL", tag="say (so)", commit="9f2c", dirty=True, parameters={"opt": "adam"}),
    RunSummary("c-3", "FAIL"),
]
NAMES = ["param.lr", "param.opt", "metric.loss", "metric.f1 score"]


def completed(query, cursor=None, runs=RUNS):
    column = SummaryRows(runs).column
    cursor = len(query) if cursor is None else cursor
    return [completion.applied(query) for completion in complete(query, cursor, NAMES, column)]


def test_values_that_exist_are_offered_for_a_field():
    assert completed("status:") == ["status:FAIL", "status:SUCCESS"]
    assert completed("status:suc") == ["status:SUCCESS"]
    assert completed("status:fail or tag!=sw") == ["status:fail or tag!=sweep-2"]
    assert completed("param.opt=") == ["param.opt=adam"]
    assert completed("code:") == ["code:dirty", "code:9f2c"]


@pytest.mark.parametrize(
    ("word", "first"),
    [
        ("failed", "status:fail"),
        ("success", "status:success"),
        ("running", "liveness:live"),
        ("stalled", "liveness:stalled"),
        ("dirty", "code:dirty"),
        ("nan", "nan:metric.loss"),
        ("tag:x dirty", "tag:x code:dirty"),
    ],
)
def test_words_that_people_try_offer_their_field(word, first):
    assert completed(word)[0] == first


def test_words_that_people_try_come_last_while_they_are_begun():
    assert completed("s")[0] == "status:"
    assert "liveness:stalled" in completed("st")


def test_values_that_need_quotes_come_in_quotes():
    assert completed("tag:s") == ['tag:"say (so)"', "tag:sweep-2"]
    assert completed('tag:"sa') == ['tag:"say (so)"']
    assert completed("step:model") == ['step:"train model"']


def test_prefix_matches_come_before_other_matches():
    assert completed("st")[:4] == ["status:", "step:", "started", "steps"]
    assert "last" not in completed("st")
    assert completed("loss") == ["metric.loss"]


def test_names_are_offered_in_questions_and_functions():
    assert completed("has:metric.") == ["has:metric.loss", 'has:metric."f1 score"']
    assert completed("min(") == ["min(metric.loss)", 'min(metric."f1 score")']
    assert completed("not mean(f1") == ['not mean(metric."f1 score")']
    assert completed("nan:lo") == ["nan:metric.loss"]


def test_the_text_behind_the_cursor_stays():
    assert completed("status:f and tag:x", cursor=8) == ["status:FAIL and tag:x"]


@pytest.mark.parametrize("query", ["'abc", 'a "tag:', "colour:", "(retries>", 'message:"x" "'])
def test_no_completions_where_none_fit(query):
    assert completed(query) == []


def test_ages_are_offered_for_times():
    assert completed("started>1") == ["started>1h", "started>1d"]


def test_completed_comparisons_parse():
    for query in ("tag:s", "step:", "status:", "has:", "max("):
        for text in completed(query):
            assert parse(text + ("<1" if text.endswith(")") else ""))


def test_what_is_inferred_of_runs_is_offered_where_it_is_asked_for_as_a_status():
    assert completed("status:st") == ["liveness:stalled"]
    assert completed("tag:x status:stalled") == ["tag:x liveness:stalled"]
    assert completed("status:l") == ["status:FAIL", "liveness:live", "liveness:lost"]


def test_numbers_to_compare_with_are_short():
    runs = [RunSummary(f"r{n}", "SUCCESS", parameters={"lr": n / 7}) for n in range(3)]
    assert completed("param.lr<", runs=[*runs, RunSummary("huge", "FAIL", parameters={"lr": 10**400})]) == [
        "param.lr<0",
        "param.lr<0.143",
        "param.lr<0.286",
    ]
    assert completed("param.lr:", runs=runs)[1] == f"param.lr:{1 / 7}", "only the whole number is equal"
