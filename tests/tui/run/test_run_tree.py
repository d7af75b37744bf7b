from datetime import datetime, timedelta

import pytest

from magnus_tracking.analysis.timeline import timeline_of
from magnus_tracking.runlog.models import RunLog
from magnus_tracking.runlog.tree import failure_of, top_steps
from magnus_tracking.stores import open_store
from magnus_tui import format
from magnus_tui.run.tree_rows import (
    build_items,
    every_item,
    folded_at_first,
    next_failure,
    path_to,
    time_span,
    visible_items,
)
from support.stores import DATA_STORES


def items_of(store, run_id):
    opened = open_store(DATA_STORES / store)
    run = opened.load(run_id)
    planned = opened.summarize(opened.handle(run_id)).planned
    return build_items(run.status, list(top_steps(run).values()), planned, failure_of(run))


def names(items):
    return [("  " * item.depth) + item.name for item in items]


def test_steps_branches_and_attempts_hang_below_one_another():
    shown = names(every_item(items_of("runnable-examples", "swarm-raman-1645")))
    assert shown[:5] == ["map_state", "  1", "    execute_python", "      attempt 1", "      attempt 2"]


def test_an_attempt_is_shown_where_there_are_several_or_it_failed():
    keys = [item.key for item in every_item(items_of("magnus-sweep", "fixed-11"))]
    assert "train model#1" in keys
    assert "prepare#1" not in keys


def test_a_composite_step_says_how_its_branches_went():
    composite = items_of("runnable-examples", "swarm-raman-1645")[0]
    assert composite.note == "3 branches  3 ✔"


def test_what_is_folded_is_hidden_with_all_that_is_below():
    items = items_of("runnable-examples", "swarm-raman-1645")
    shown = visible_items(items, {"map_state"})
    assert [item.key for item in shown] == ["map_state", "fail", "collect", "success"]


def test_nothing_that_failed_starts_folded():
    items = items_of("runnable-examples", "swarm-raman-1645")
    folded = folded_at_first(items)
    assert all(not item.has_failure for item in every_item(items) if item.key in folded)


def test_hiding_what_finished_leaves_what_failed_and_the_way_to_it():
    items = items_of("magnus-sweep", "fixed-11")
    assert [item.key for item in visible_items(items, set(), hide_finished=True)] == ["train model", "train model#1"]


def test_failures_are_found_in_both_directions():
    items = items_of("runnable-examples", "swarm-raman-1645")
    first = next_failure(items, path_to(items, "map_state"), 1)
    assert first == "map_state.1.execute_python#1"
    second = next_failure(items, path_to(items, first), 1)
    assert second == "map_state.2.execute_python#1"
    assert next_failure(items, path_to(items, second), -1) == first
    assert next_failure(items, path_to(items, first), -1) is None


@pytest.mark.parametrize("store", ["runnable-examples", "magnus-examples", "magnus-sweep"])
def test_keys_visit_every_failed_attempt_of_a_run_from_the_first_to_the_last_and_back(store):
    for run in open_store(DATA_STORES / store).handles():
        items = items_of(store, run.run_id)
        failed = [item.key for item in every_item(items) if item.kind == "attempt" and item.state == "FAIL"]
        assert visited(items, None, 1) == failed
        assert visited(items, failed[-1] if failed else None, -1) == failed[-2::-1]


def visited(items, key, step):
    """The rows that the key for the next failure leads to, one after the other, from a row on."""
    found = []
    while (key := next_failure(items, path_to(items, key) if key else [], step)) is not None:
        found.append(key)
    return found


def test_an_unfinished_run_shows_what_is_planned_and_infers_when_the_running_step_began():
    items = items_of("magnus-sweep", "sweep-10")
    running = next(item for item in items if item.state == "PROCESSING")
    assert running.inferred
    assert running.start == items[items.index(running) - 1].end


def test_a_step_whose_next_attempt_runs_has_not_ended_with_the_one_before():
    store = open_store(DATA_STORES / "runnable-examples")
    run = store.load("swarm-raman-1645")
    step = next(iter(run.steps.values())).branches["map_state.1"].steps["map_state.1.execute_python"]
    before = build_items(run.status, list(top_steps(run).values()), (), None)
    step.status, run.status = "PROCESSING", "PROCESSING"
    during = build_items(run.status, list(top_steps(run).values()), (), None)
    ended, running = (
        next(item for item in every_item(items) if item.key == step.internal_name) for items in (before, during)
    )
    assert (running.start, running.end, running.took(None).seconds) == (ended.start, None, None)
    assert ended.end is not None


def test_the_time_axis_reaches_over_all_rows():
    items = items_of("magnus-sweep", "fixed-11")
    start, end = time_span(items)
    assert start == datetime(2026, 11, 23, 16, 50, 21, 33055)
    assert timedelta(0) < end - start < timedelta(seconds=1)


def at(start, end="", status="SUCCESS"):
    return {
        "start_time": start and f"2026-03-01 {start}",
        "end_time": end and f"2026-03-01 {end}",
        "status": status,
    }


def step(name, *attempts, status="SUCCESS", **branches):
    """A step; its branches by name as lists of steps, the name followed by the status where that is not the step's."""
    inner = {}
    for branch, steps in branches.items():
        label, _, own = branch.partition("_")
        path = f"{name}.{label}"
        held = {one["internal_name"]: one for one in steps}
        inner[path] = {"internal_name": path, "status": own or status, "steps": held}
    return {
        "name": name.rpartition(".")[2],
        "internal_name": name,
        "status": status,
        "step_type": "parallel" if branches else "task",
        "attempts": [{**one, "attempt_number": number} for number, one in enumerate(attempts, 1)],
        "branches": inner,
    }


BACK = at("10:50:00", "10:01:00")
FAILED = at("10:01:00", "10:02:00", "FAIL")
OPEN = at("10:05:00", "", "PROCESSING")
GOES_ON = {"status": "PROCESSING"}
HOW_LONG = {
    "retried": ("SUCCESS", [step("a", FAILED, at("10:05:00", "10:06:00"))], {"a": "5m 00s"}),
    "without the last end": ("FAIL", [step("a", FAILED, at("10:05:00", "", "FAIL"))], {"a": ""}),
    "without the first start": ("SUCCESS", [step("a", at("", "10:02:00"), at("10:05:00", "10:06:00"))], {"a": ""}),
    "taken over": ("SUCCESS", [{**step("a", FAILED), "mock": True}], {"a": ""}),
    "clock set back": ("SUCCESS", [step("a", BACK)], {"a": "?"}),
    "clock set back between attempts": ("SUCCESS", [step("a", OPEN, FAILED)], {"a": "?"}),
    "clock set back in a branch": (
        "SUCCESS",
        [step("a", x=[step("a.x.s", BACK)], y=[step("a.y.s", FAILED)])],
        {"a": "?", "a.x": "?", "a.x.s": "?", "a.y": "1m 00s"},
    ),
    "offsets beside none": ("SUCCESS", [step("a", at("10:01:00", "04:32:00Z"))], {"a": "?"}),
    "retried, and running": ("PROCESSING", [step("a", FAILED, OPEN, **GOES_ON)], {"a": "29m 00s", "a#2": "25m 00s"}),
    "begun, without a time": ("PROCESSING", [step("a", FAILED), step("b", **GOES_ON)], {"b": "~28m 00s"}),
    "begun later than the clock says": (
        "PROCESSING",
        [step("a", at("11:00:00", "", "PROCESSING"), **GOES_ON)],
        {"a": "?"},
    ),
    "a branch that runs": (
        "PROCESSING",
        [step("a", **GOES_ON, x=[step("a.x.s", FAILED), step("a.x.t", **GOES_ON)], y_SUCCESS=[step("a.y.s", FAILED)])],
        {"a": "29m 00s", "a.x": "29m 00s", "a.x.t": "~28m 00s", "a.y": "1m 00s"},
    ),
    "a branch that never ended": (
        "FAIL",
        [step("a", status="FAIL", x_PROCESSING=[step("a.x.s", FAILED), step("a.x.t", **GOES_ON)])],
        {"a": "1m 00s", "a.x": "", "a.x.t": ""},
    ),
    "attempts around branches": (
        "SUCCESS",
        [step("a", at("10:00:00", "10:20:00"), x=[step("a.x.s", FAILED)])],
        {"a": "20m 00s"},
    ),
}


@pytest.mark.parametrize(("status", "steps", "told"), HOW_LONG.values(), ids=HOW_LONG)
def test_the_tree_and_the_timeline_tell_alike_how_long_a_part_of_a_run_took(status, steps, told):
    log = RunLog.model_validate(
        {"run_id": "r", "status": status, "steps": {one["internal_name"]: one for one in steps}}
    )
    unfinished = status == "PROCESSING"
    until = datetime(2026, 3, 1, 10, 30)
    items = {item.key: item for item in every_item(build_items(status, list(top_steps(log).values()), (), None))}
    bars = {bar.key: bar for bar in timeline_of(log, until).bars}
    for key in told:
        took = items[key].took(until if unfinished else None)
        assert took == bars[key].took
        assert format.took(took, missing="") == told[key]
