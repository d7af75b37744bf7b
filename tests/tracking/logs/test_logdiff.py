"""What differs between the logs of two attempts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnus_tracking.logs.diff import MOST_LINES, diff_logs, masked, with_context
from magnus_tracking.logs.locate import RunLogs
from magnus_tracking.logs.read import read_log
from magnus_tracking.stores import open_store
from support.stores import DATA_STORES


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("[16:45:47] Parameters", "[16:51:12] Parameters"),
        ("[16:45:47] Parameters", "           Parameters"),
        ("started 2026-11-23 16:45:47.123", "started 2026-11-24 09:00:00.5"),
        ("started 2026-11-23T16:45:47", "started 2026-11-24T16:45:48"),
        ("<Model at 0x7f3a2c>", "<Model at 0x55de01>"),
        ("took 0.35 s", "took 12.1 s"),
        ("took 1:02:03", "took 0:00:07"),
        ("trailing  ", "trailing"),
    ],
)
def test_times_and_addresses_do_not_tell_lines_apart(one, other):
    assert [line.kind for line in diff_logs([one], [other])] == ["same"]


@pytest.mark.parametrize(
    ("one", "other"), [("loss 0.31", "loss 0.32"), ("step 1", "step 2"), ("KeyError: 'a'", "done")]
)
def test_everything_else_does(one, other):
    assert [line.kind for line in diff_logs([one], [other])] == ["removed", "added"]


def test_the_attempts_of_a_retried_step_differ_by_the_traceback():
    store = open_store(str(DATA_STORES / "runnable-examples"))
    run = store.load("lazy-yonath-1645")
    first, second = RunLogs(run, store).of(run.steps["check_envvar_task"]).logs
    lines = diff_logs(read_log(first.path).lines, read_log(second.path).lines)
    removed = [line.text for line in lines if line.kind == "removed"]
    assert any("ValueError: Environment variable check failed!" in text for text in removed)
    assert not [line for line in lines if line.kind == "added" and line.text.strip()]
    assert lines[0].kind == "same"


def test_what_is_alike_is_told_in_one_line_apart_from_the_lines_around_a_difference():
    before = [f"epoch {number} done" for number in range(100)]
    after = [*before[:50], "warning", *before[50:]]
    shown = list(with_context(diff_logs(before, after)))
    assert [line.text for line in shown] == [
        "47 lines alike",
        "epoch 47 done",
        "epoch 48 done",
        "epoch 49 done",
        "warning",
        "epoch 50 done",
        "epoch 51 done",
        "epoch 52 done",
        "47 lines alike",
    ]


def test_logs_that_do_not_differ_are_told_to_be_alike():
    assert [line.text for line in with_context(diff_logs(["a", "b"], ["a", "b"]))] == ["2 lines alike"]


def test_of_long_logs_the_ends_are_compared():
    long = [f"line {number}." for number in range(MOST_LINES + 10)]
    lines = diff_logs(long, long[:-1])
    assert lines[-1].text == long[-1]
    assert max(line.before or 0 for line in lines) == len(long) - 1


logs = st.lists(st.sampled_from(["a", "b", "[10:00:00] c", "0x1f", ""]), max_size=30)


@given(logs, logs)
def test_every_line_of_both_logs_is_shown_once_in_its_order(before, after):
    lines = diff_logs(before, after)
    assert [line.before for line in lines if line.before is not None] == list(range(len(before)))
    assert [line.after for line in lines if line.after is not None] == list(range(len(after)))
    for line in lines:
        if line.kind == "same":
            assert masked(before[line.before]) == masked(after[line.after])


def test_a_line_that_differs_only_in_its_time_keeps_what_the_first_log_has():
    (line,) = diff_logs(["[16:45:47] Parameters"], ["[16:51:12] Parameters"])
    assert (line.kind, line.first, line.text) == ("same", "[16:45:47] Parameters", "[16:51:12] Parameters")
    assert [line.first for line in diff_logs(["[16:45:47] a   "], ["[16:45:47] a"])] == [None]


@given(st.text())
def test_masking_twice_changes_nothing(text):
    line = text.split("\n")[0]
    assert masked(masked(line)) == masked(line)
