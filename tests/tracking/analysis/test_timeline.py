from datetime import datetime

import pytest

import expected_runs as expected
from magnus_tracking.analysis.timeline import definitions, timeline_of
from magnus_tracking.runlog.models import RunLog
from magnus_tracking.stores import open_store


def at(seconds):
    return f"2026-01-01 10:{int(seconds) // 60:02d}:{int(seconds) % 60:02d}.{round(seconds % 1 * 1e6):06d}"


def moment(seconds):
    return datetime.fromisoformat(at(seconds))


def step(name, *attempts, status="SUCCESS", kind="task", branches=None, **fields):
    """A step with attempts given as (start, end) in seconds, and branches as lists of steps by name."""
    return {
        "name": name.rpartition(".")[2],
        "internal_name": name,
        "status": status,
        "step_type": kind,
        "attempts": [
            {
                "attempt_number": number,
                "start_time": at(start),
                "end_time": "" if end is None else at(end),
                "status": status if number == len(attempts) else "FAIL",
            }
            for number, (start, end) in enumerate(attempts, 1)
        ],
        "branches": {
            f"{name}.{branch}": {"internal_name": f"{name}.{branch}", "status": status, "steps": named(*steps)}
            for branch, steps in (branches or {}).items()
        },
        **fields,
    }


def named(*steps):
    return {one["internal_name"]: one for one in steps}


def run(*steps, status="SUCCESS", **fields):
    return RunLog.model_validate({"run_id": "r", "status": status, "steps": named(*steps), **fields})


def by_key(timeline):
    return {bar.key: bar for bar in timeline.bars}


def critical(timeline):
    return {bar.key for bar in timeline.bars if bar.critical}


PARALLEL = step(
    "p",
    kind="parallel",
    branches={
        "a": [step("p.a.one", (1, 6)), step("p.a.two", (6, 7))],
        "b": [step("p.b.one", (1, 2)), step("p.b.two", (3, 9))],
    },
)


def test_every_step_branch_and_attempt_is_a_bar_in_the_order_of_the_log():
    timeline = timeline_of(run(step("load", (0, 1)), PARALLEL, step("save", (9, 9.5), (10, 11))))
    assert [(bar.kind, bar.label, bar.depth) for bar in timeline.bars] == [
        ("step", "load", 0),
        ("step", "p", 0),
        ("branch", "a", 1),
        ("step", "one", 2),
        ("step", "two", 2),
        ("branch", "b", 1),
        ("step", "one", 2),
        ("step", "two", 2),
        ("step", "save", 0),
        ("attempt", "attempt 1", 1),
        ("attempt", "attempt 2", 1),
    ]
    assert (timeline.start, timeline.end, timeline.seconds) == (moment(0), moment(11), 11.0)


def test_a_composite_step_and_its_branches_last_from_first_start_to_last_end():
    bars = by_key(timeline_of(run(step("load", (0, 1)), PARALLEL)))
    assert (bars["p"].start, bars["p"].end) == (moment(1), moment(9))
    assert (bars["p.a"].start, bars["p.a"].end) == (moment(1), moment(7))


def test_the_critical_path_goes_through_the_branch_that_ended_last():
    timeline = timeline_of(run(step("load", (0, 1)), PARALLEL, step("save", (9, 10))))
    assert critical(timeline) == {"load", "p", "p.b", "p.b.one", "p.b.two", "save"}


def test_branches_one_after_another_are_all_on_the_critical_path():
    serial = step("m", kind="map", branches={"1": [step("m.1.s", (0, 2))], "2": [step("m.2.s", (2, 5))]})
    assert critical(timeline_of(run(serial))) == {"m", "m.1", "m.1.s", "m.2", "m.2.s"}


def test_what_ran_beside_a_longer_step_is_not_on_the_critical_path():
    timeline = timeline_of(run(step("a", (0, 4)), step("beside", (1, 2)), step("b", (4, 6))))
    assert critical(timeline) == {"a", "b"}


def test_waits_are_told_once_by_the_outermost_bar_that_waited():
    serial = step("m", kind="map", branches={"1": [step("m.1.s", (3, 4))], "2": [step("m.2.s", (6, 7))]})
    bars = by_key(timeline_of(run(step("load", (0, 1)), serial)))
    assert bars["load"].wait == 0
    assert bars["m"].wait == 2
    assert (bars["m.1"].wait, bars["m.1.s"].wait) == (0, 0)
    assert (bars["m.2"].wait, bars["m.2.s"].wait) == (3, 0)


def test_an_attempt_waits_since_the_one_before_it():
    bars = by_key(timeline_of(run(step("s", (0, 1), (5, 6)))))
    assert bars["s#2"].wait == 4
    assert bars["s#1"].wait == 0


def test_the_slowest_third_of_the_steps_is_ranked_by_the_time_of_its_attempts():
    steps = [step(f"s{n}", (10 * n, 10 * n + n)) for n in range(1, 6)]
    retried = step("again", (60, 61), (90, 91))
    timeline = timeline_of(run(*steps, retried))
    assert [(bar.label, bar.rank) for bar in timeline.slowest] == [("s5", 1), ("s4", 2)]
    assert timeline_of(run(step("only", (0, 1)))).slowest == ()


def test_unfinished_bars_run_to_now():
    log = run(step("load", (0, 1)), step("train", (2, None), status="PROCESSING"), status="PROCESSING")
    timeline = timeline_of(log, now=moment(30))
    train = by_key(timeline)["train"]
    assert (train.running, train.end, train.seconds) == (True, moment(30), 28.0)
    assert timeline.end == moment(30)
    assert not by_key(timeline)["load"].running


def test_a_step_that_left_no_attempt_is_drawn_from_where_the_step_before_it_ended():
    log = run(step("load", (0, 1)), step("train", status="TRIGGERED"), status="PROCESSING")
    train = by_key(timeline_of(log, now=moment(20)))["train"]
    assert (train.start, train.end, train.inferred, train.running) == (moment(1), moment(20), True, True)


def test_without_now_an_unfinished_run_is_drawn_up_to_its_last_time():
    log = run(step("load", (0, 1)), step("train", (2, None), status="PROCESSING"), status="PROCESSING")
    assert timeline_of(log).end == moment(2)


def test_skipped_steps_have_no_time():
    timeline = timeline_of(run(step("prepare", mock=True), step("train", (0, 1))))
    bar = by_key(timeline)["prepare"]
    assert (bar.status, bar.start, bar.seconds, bar.critical) == ("SKIPPED", None, None, False)


def test_a_run_without_any_step_has_no_bars():
    timeline = timeline_of(run(status="CREATED"), started=moment(0))
    assert (timeline.bars, timeline.start, timeline.seconds) == ((), moment(0), 0.0)
    assert timeline_of(run()).seconds is None


@pytest.mark.parametrize("name", expected.NAMES)
def test_bars_of_real_runs_lie_within_them_and_take_as_long_as_their_attempts(name):
    store = open_store(expected.STORES / name)
    for run_id, raw in expected.expected_runs(name).items():
        timeline = timeline_of(store.load(run_id))
        assert timeline.start == expected.started(raw)
        if raw["status"] in ("SUCCESS", "FAIL"):
            assert timeline.end == expected.ended(raw)
        for bar in timeline.bars:
            if bar.start and bar.end:
                assert timeline.start <= bar.start <= bar.end <= timeline.end
        attempts = [a for one in expected.leaf_steps(raw) for a in one["attempts"]]
        seconds = sum(
            (datetime.fromisoformat(a["end_time"]) - datetime.fromisoformat(a["start_time"])).total_seconds()
            for a in attempts
        )
        assert timeline.work == pytest.approx(seconds)


def test_the_command_of_a_step_is_found_in_the_graph_of_either_engine():
    sweep = open_store(expected.STORES / "magnus-sweep").load("fixed-1")
    assert definitions(sweep).of("train model").command == "train.train"
    nested = open_store(expected.STORES / "runnable-examples").load("toasted-mclean-1645")
    found = definitions(nested).of("nested_parallel.branch1.parallel step.branch2.hello shell")
    assert (found.command, found.command_type) == ("echo 'Hello World!'", "shell")
    mapped = open_store(expected.STORES / "runnable-examples").load("swarm-raman-1645")
    assert definitions(mapped).of("map_state.3.execute_python").command == "examples.09-retry.map.check_envvar"
    assert definitions(mapped).of("not there.at all").command == ""


def test_time_that_is_only_inferred_is_no_work():
    log = run(step("load", (0, 1)), step("train", status="TRIGGERED"), status="PROCESSING")
    timeline = timeline_of(log, now=moment(1800))
    assert timeline.work == 1.0
    assert by_key(timeline)["train"].rank is None
