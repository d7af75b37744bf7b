"""How long things took: one answer everywhere, never below zero, none where the clock went back."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from magnus_tracking.analysis.compare import compare
from magnus_tracking.analysis.liveness import StalledRule, liveness_of, took
from magnus_tracking.analysis.timeline import timeline_of
from magnus_tracking.query import Context, parse, parse_field, value_of
from magnus_tracking.runlog import times
from magnus_tracking.runlog.elapsed import WENT_BACK, attempt_seconds, step_took
from magnus_tracking.runlog.models import RunLog, StepAttempt
from magnus_tracking.runlog.outline import decode_run
from magnus_tracking.runlog.summary import RunSummary, summarize
from magnus_tracking.stores.formats import ONE_FILE, RunHandle

NOW = datetime(2026, 6, 1, 12)
FILE = RunHandle("r", "/r.json", ONE_FILE, 1, int(NOW.timestamp() * 1e9), 1)


def step(name, *spans, status="SUCCESS", branches=()):
    attempts = [
        {"attempt_number": number, "start_time": start, "end_time": end, "status": status}
        for number, (start, end) in enumerate(spans, 1)
    ]
    inner = {f"{name}.{n}": {"internal_name": f"{name}.{n}", "status": status, "steps": s} for n, s in branches}
    kind = "parallel" if branches else "task"
    return {
        "name": name,
        "internal_name": name,
        "status": status,
        "step_type": kind,
        "attempts": attempts,
        "branches": inner,
    }


def run_of(*steps, status="SUCCESS", **fields):
    return {"run_id": "r", "status": status, "steps": {one["internal_name"]: one for one in steps}, **fields}


def summary_of(run):
    return summarize(FILE, decode_run(json.dumps(run).encode()))


def answers(run):
    """What every part that tells how long a run took says of it."""
    summary, log = summary_of(run), RunLog.model_validate(run)
    seconds = took(summary, NOW, None).seconds
    (row,) = [row for row in compare([log, log]).rows if (row.section, row.key) == ("run", "duration")]
    return {
        summary.duration,
        seconds,
        value_of(summary, parse_field("took"), Context(NOW)),
        timeline_of(log).seconds,
        row.values[0],
    }


DAY = "2025-10-26"


def at(start, end):
    return (f"{DAY} {start}", f"{DAY} {end}")


DST = ("2025-10-26 02:59:30.000000", "2025-10-26 02:00:10.000000")


@pytest.mark.parametrize(
    "steps",
    [
        [step("a", DST), step("b", ("2025-10-26 02:00:10.5", "2025-10-26 02:05:00"))],
        [
            step("a", at("02:50:00", "02:59:00")),
            step("b", at("02:01:00", "02:02:00")),
        ],
        [
            step("a", at("02:10:00", "02:50:00")),
            step("b", at("02:20:00", "03:02:00")),
        ],
        [step("a", at("02:50:00", "02:59:00"), at("02:00:00", "04:00:00"))],
        [step("a", ("2025-10-26 02:50:00", "2025-10-26 02:50:30+05:30")), step("b")],
        [step("p", branches=[("x", {"p.x.a": step("p.x.a", DST)})])],
    ],
    ids=["in an attempt", "between steps", "overlapping steps", "between attempts", "mixed offsets", "in a branch"],
)
def test_where_the_clock_went_back_nobody_tells_how_long_it_took(steps):
    run = run_of(*steps)
    assert answers(run) == {None}
    assert took(summary_of(run), NOW, None).note.startswith(WENT_BACK)
    assert timeline_of(RunLog.model_validate(run)).note.startswith(WENT_BACK)


@pytest.mark.parametrize(
    ("steps", "note"),
    [
        ([step("a", at("02:50:00", "02:00:10"))], "a ended at {02:00:10}, before it began at {02:50:00}"),
        (
            [step("a", at("02:10:00", "02:20:00"), at("02:50:00", "02:00:10"))],
            "attempt 2 of a ended at {02:00:10}, before it began at {02:50:00}",
        ),
        (
            [step("a", at("02:10:00", "02:20:00"), at("02:15:00", "02:30:00"))],
            "an attempt of a began before the one before it had ended",
        ),
        (
            [step("a", at("02:10:00", "02:20:00")), step("b", at("02:00:00", "02:30:00"))],
            "b began at {02:00:00}, but a began at {02:10:00}",
        ),
        (
            [step("a", at("02:10:00", "02:20:00")), step("b", at("02:15:00", "02:30:00"))],
            "b began at {02:15:00}, but a ended at {02:20:00}",
        ),
        (
            [step("a", (f"{DAY} 03:00:00", "")), step("b", ("", f"{DAY} 02:00:00"), ("", f"{DAY} 02:10:00"))],
            "the last end, {02:10:00}, lies before the first start, {03:00:00}",
        ),
        (
            [
                step("a", at("02:10:00", "02:20:00")),
                {**step("fail", at("02:25:00", "02:25:00")), "step_type": "fail"},
                step("b", ("", "")),
                step("c", at("02:05:00", "02:30:00")),
            ],
            "c began at {02:05:00}, but a began at {02:10:00}",
        ),
        (
            [
                step(
                    "a",
                    branches=[
                        ("x", {"a.x.p": step("a.x.p", at("02:50:00", "02:40:00"))}),
                        ("y", {"a.y.p": step("a.y.p", at("02:10:00", "02:20:00"))}),
                    ],
                )
            ],
            "a.x.p ended at {02:40:00}, before it began at {02:50:00}",
        ),
        (
            [
                step("a", at("02:30:00", "02:40:00")),
                step("b", branches=[("x", {"b.x.p": step("b.x.p", at("02:20:00", "02:50:00"))})]),
            ],
            "b began at {02:20:00}, but a began at {02:30:00}",
        ),
    ],
)
def test_the_reason_names_what_shows_that_the_clock_went_back(steps, note):
    told = note.replace("{", f"{DAY} ").replace("}", "")
    assert summary_of(run_of(*steps)).clock_note == f"{WENT_BACK}: {told}"


def test_steps_and_branches_that_overlap_as_they_may_have_a_duration():
    ours = {"run_config": {"executor": {"service_name": "magnus-tracking"}}}
    overlapping = [
        step("a", at("10:00:00", "10:10:00")),
        step("b", at("10:05:00", "10:20:00")),
    ]
    assert answers(run_of(*overlapping, **ours)) == {1200.0}
    side_by_side = step(
        "p",
        branches=[
            (name, {f"p.{name}.a": step(f"p.{name}.a", ("2026-01-01 10:00:00", f"2026-01-01 10:1{place}:00"))})
            for place, name in enumerate("xyz")
        ],
    )
    assert answers(run_of(side_by_side)) == {720.0}


def test_a_run_that_was_taken_up_again_has_a_duration():
    again = [
        step("a", at("10:00:00", "10:01:00"), at("11:00:00", "11:01:00")),
        {**step("fail", at("10:02:00", "10:02:00")), "step_type": "fail"},
        step("b", at("11:02:00", "11:03:00")),
    ]
    assert answers(run_of(*again)) == {3780.0}


def test_a_step_took_from_its_first_start_to_the_end_of_its_last_attempt():
    spans = [at("02:00:00", "02:01:00"), at("02:02:00", "02:03:00"), at("02:04:00", "02:05:00")]
    assert step_took([StepAttempt(start_time=start, end_time=end) for start, end in spans]) == 300.0


def test_took_is_from_first_to_last():
    attempts = [
        StepAttempt(attempt_number=1, start_time="2026-01-01 10:00:00", end_time="2026-01-01 10:00:10"),
        StepAttempt(attempt_number=2, start_time="2026-01-01 10:01:00", end_time="2026-01-01 10:01:05"),
    ]
    assert step_took(attempts) == 65.0


@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [
        ("2026-01-01T10:00:00+05:30", "2026-01-01T05:30:00Z", 3600.0),
        ("2026-01-01T05:00:00Z", "2026-01-01T10:00:00+05:30", None),
        ("2026-01-01T23:00:00-08:00", "2026-01-02T08:30:00+01:00", 1800.0),
    ],
)
def test_offsets_are_obeyed(start, end, seconds):
    assert attempt_seconds(StepAttempt(attempt_number=1, start_time=start, end_time=end)) == seconds


def test_times_with_offsets_are_read_in_the_chosen_zone():
    try:
        times.use_zone("Asia/Kolkata")
        assert times.parse_time("2026-01-01T00:00:00Z") == datetime(2026, 1, 1, 5, 30)
        assert times.parse_time("2026-01-01 00:00:00") == datetime(2026, 1, 1)
        assert times.local_time(0) == datetime(1970, 1, 1, 5, 30)
    finally:
        times.use_zone("")


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01", "9999-12-31"])
def test_times_at_the_ends_of_the_calendar_are_read(text):
    assert times.parse_time(text) is not None


def test_runs_are_filtered_and_sorted_by_when_they_began_whatever_the_offset():
    early = summary_of(run_of(step("a", ("2026-06-01T14:00:00+05:30", "2026-06-01T14:30:00+05:30"))))
    late = summary_of(run_of(step("a", ("2026-06-01T09:00:00Z", "2026-06-01T09:00:10Z"))))
    assert early.started < late.started
    from magnus_tracking.query import SummaryRows

    now = late.started + timedelta(minutes=10)
    assert list(parse("started>15m").select(SummaryRows([early, late], Context(now)), Context(now))) == [1]


def unfinished(last_sign, started=NOW - timedelta(hours=9)):
    return RunSummary(run_id="r", status="PROCESSING", started=started, last_sign=last_sign)


@pytest.mark.parametrize(
    ("last_sign", "gone", "liveness", "seconds", "inferred"),
    [
        (NOW - timedelta(hours=8), None, "stalled", 3600.0, True),
        (NOW - timedelta(hours=8), True, "lost", 3600.0, True),
        (NOW - timedelta(hours=8), False, "live", 9 * 3600.0, False),
        (NOW - timedelta(minutes=1), None, "live", 9 * 3600.0, False),
    ],
)
def test_what_is_dead_does_not_grow(last_sign, gone, liveness, seconds, inferred):
    run, rule = unfinished(last_sign), StalledRule()
    for later in (timedelta(0), timedelta(days=1) if liveness in ("stalled", "lost") else timedelta(0)):
        assert liveness_of(run, NOW + later, rule, gone) == liveness
        taken = took(run, NOW + later, liveness)
        assert (taken.seconds, taken.inferred) == (seconds, inferred)
        context = Context(NOW + later, rule, lambda _: gone)
        assert value_of(run, parse_field("duration"), context) == seconds


def test_a_silent_run_is_marked_as_inferred():
    run = unfinished(NOW - timedelta(hours=2))
    assert took(run, NOW, "silent") == took(run, NOW, "silent")
    assert (took(run, NOW, "silent").seconds, took(run, NOW, "silent").inferred) == (9 * 3600.0, True)


def test_a_run_from_the_future_has_no_duration_and_the_reason_is_said():
    taken = took(unfinished(NOW, NOW + timedelta(hours=1)), NOW, "live")
    assert taken.seconds is None
    assert taken.note


TIMES = st.one_of(
    st.datetimes().map(str),
    st.datetimes(datetime(2025, 10, 26, 1), datetime(2025, 10, 26, 4)).map(str),
    st.datetimes(datetime(2025, 10, 26, 1), datetime(2025, 10, 26, 4)).map(lambda time: f"{time.isoformat()}+05:30"),
    st.datetimes().map(lambda time: f"{time.isoformat()}Z"),
    st.sampled_from(["", "no time", "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999", "2025-10-26 02:00:00"]),
)
SPANS = st.lists(st.tuples(TIMES, TIMES), max_size=3)
STATUSES = st.sampled_from(["SUCCESS", "FAIL", "PROCESSING"])


@st.composite
def runs(draw):
    steps = []
    for number in range(draw(st.integers(0, 4))):
        name = f"s{number}"
        branches = [
            (other, {f"{name}.{other}.a": step(f"{name}.{other}.a", *draw(SPANS), status=draw(STATUSES))})
            for other in range(draw(st.integers(0, 2)))
        ]
        steps.append(step(name, *draw(SPANS), status=draw(STATUSES), branches=branches))
    return run_of(*steps, status=draw(STATUSES))


@given(runs())
@example(
    run_of(
        step(
            "s0",
            ("2026-11-23 08:00:00", ""),
            branches=[(0, {"s0.0.a": step("s0.0.a", ("2026-11-23 08:00:01", "2026-11-23 08:00:02"))})],
        )
    )
)
@example(run_of(step("s0", ("0001-01-01 00:00:00", "0001-01-01 00:00:00"))))
def test_any_times_give_an_answer_that_is_not_below_zero(run):
    summary, log = summary_of(run), RunLog.model_validate(run)
    timeline = timeline_of(log, NOW, summary.started)
    seconds = [summary.duration, *summary.step_durations.values(), timeline.seconds, timeline.work]
    for liveness in ("live", "silent", "stalled", "lost") if not summary.is_finished else (None,):
        seconds.append(took(summary, NOW, liveness).seconds)
    for bar in timeline.bars:
        seconds += [bar.seconds, bar.work, bar.wait]
        assert all(start <= end for start, end in bar.spans)
    assert all(one is None or one >= 0 for one in seconds)
    assert (summary.clock_note is None) == (timeline.note is None)
    if summary.is_finished and not summary.started_inferred:
        assert summary.duration == timeline.seconds


BERLIN = "Europe/Berlin"


@pytest.fixture
def in_berlin():
    times.use_zone(BERLIN)
    yield ZoneInfo(BERLIN)
    times.use_zone("")


@pytest.mark.parametrize(
    ("spans", "seconds"),
    [
        # Clocks show 1:30 and 3:30, and an hour lies between; in autumn twice 2:30, or a time before the one before.
        ([("2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00")], 3600),
        ([("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00")], 3600),
        ([("2026-10-25T02:50:00+02:00", "2026-10-25T02:10:00+01:00")], 1200),
        ([("2026-10-25T00:50:00Z", "2026-10-25T01:10:00Z")], 1200),
        (
            [
                ("2026-10-25T02:50:00+02:00", "2026-10-25T02:55:00+02:00"),
                ("2026-10-25T01:00:00Z", "2026-10-25T01:10:00Z"),
            ],
            1200,
        ),
    ],
)
@pytest.mark.parametrize("apart", [False, True], ids=["attempts", "steps"])
def test_with_offsets_an_hour_is_an_hour_when_clocks_are_changed(in_berlin, spans, seconds, apart):
    steps = [step(f"s{n}", span) for n, span in enumerate(spans)] if apart else [step("s", *spans)]
    run = run_of(*steps)
    assert answers(run) == {float(seconds)}
    assert summary_of(run).clock_note is None
    assert types_of_times(summary_of(run)) == {datetime}
    timeline = timeline_of(RunLog.model_validate(run))
    assert timeline.note is None


def types_of_times(summary):
    return {type(time) for time in (summary.started, summary.ended)}


moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@given(moments, moments, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_moments_are_ordered_and_apart_as_in_utc_whatever_clocks_show(first, second, later):
    times.use_zone(BERLIN)
    try:
        one, other = (times.parse_time(time.isoformat()) for time in (first, second))
    finally:
        times.use_zone("")
    assert (one < other, one <= other, one == other) == (first < second, first <= second, first == second)
    assert (one > other, one >= other, one != other) == (first > second, first >= second, first != second)
    assert one - other == first - second
    assert (one + later) - other == (first + later) - second
    assert one - (one - later) == later
    assert one.tzinfo is None
    plain = datetime(2025, 5, 5)
    shown = times.as_shown(one)
    assert (plain - one, plain < one, one - plain) == (plain - shown, plain < shown, shown - plain)
    assert type(shown) is datetime
    assert len({one, shown}) == 1
