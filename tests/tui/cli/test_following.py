"""Commands that stay: `runs --follow`, `metrics --follow`, `log --follow` and `wait`, on runs that go on."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
from functools import partial

import pytest

from magnus_tracking.runlog.metrics import Series
from magnus_tui.cli.follow_log import Tail
from magnus_tui.cli.follow_metrics import NewValues
from support.stores import DATA_STORES
from support.waiting import until

RUN = """
import sys
from magnus_tracking import start_run, track_this

with start_run(run_id="going", tag="t") as run:
    with run.step("train") as step:
        for line in sys.stdin:
            word, _, rest = line.strip().partition(" ")
            if word == "track":
                index, value = rest.split()
                track_this(step=int(index), loss=float(value))
            elif word == "say":
                print(rest, flush=True)
            else:
                break
    if word == "fail":
        raise SystemExit("failed on request")
"""


class Going:
    """A run that does what it is told, in a process of its own."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        until(lambda: list((folder / ".run_log_store").glob("going*")), "the run")

    def tell(self, *lines):
        """Let the run do something."""
        self.process.stdin.write("".join(f"{line}\n" for line in lines))
        self.process.stdin.flush()


@pytest.fixture
def going(tmp_path):
    run = Going(tmp_path)
    yield run
    run.process.kill()
    run.process.wait()
    run.process.stdin.close()


class Staying:
    """A command of ours in a process of its own, and what it has written."""

    def __init__(self, folder, *arguments):
        self._output = folder / "output.txt"
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "magnus_tui", *arguments],
                cwd=folder,
                stdout=output,
                stderr=output,
                # A shell that runs the tests in the background has them ignore interrupts.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )

    @property
    def written(self):
        """All that was written."""
        return self._output.read_text("utf-8")

    def wait_for(self, text):
        """Wait until a text has been written."""
        until(lambda: text in self.written, lambda: f"{text!r} in {self.written!r}")


@pytest.fixture
def stay(tmp_path):
    staying = []

    def start(*arguments):
        staying.append(Staying(tmp_path, *arguments))
        return staying[-1]

    yield start
    for one in staying:
        one.process.kill()
        one.process.wait()


def test_metrics_writes_each_value_as_it_is_tracked_and_ends_with_the_run(going, stay):
    going.tell("track 0 0.5", "track 1 0.25")
    staying = stay("metrics", "going", "--follow", "--format", "json", "--strict-json")
    staying.wait_for('"value": 0.25')
    going.tell("track 2 nan")
    staying.wait_for('"value": null')
    going.tell("end")
    assert staying.process.wait(30) == 0
    rows = [json.loads(line) for line in staying.written.splitlines()]
    assert [(row["step"], row["name"], row["index"]) for row in rows] == [
        ("train", "loss", index) for index in range(3)
    ]


def test_metrics_writes_one_heading_line(going, stay):
    going.tell("track 0 0.5")
    staying = stay("metrics", "going", "--follow", "--format", "csv", "--metric", "loss")
    staying.wait_for("train,1,loss,0,0.5")
    going.tell("track 1 0.25")
    staying.wait_for("train,1,loss,1,0.25")
    going.tell("end")
    assert staying.process.wait(30) == 0
    assert staying.written.splitlines() == [
        "step,attempt,name,index,value",
        "train,1,loss,0,0.5",
        "train,1,loss,1,0.25",
    ]


def test_metrics_writes_values_of_earlier_steps_and_those_that_replace_others(going, stay):
    going.tell("track 5 0.5", "track 6 nan")
    staying = stay("metrics", "going", "--follow", "--format", "csv")
    staying.wait_for("train,1,loss,6,NaN")
    going.tell("track 2 0.25")
    staying.wait_for("train,1,loss,2,0.25")
    going.tell("track 5 0.125")
    staying.wait_for("train,1,loss,5,0.125")
    going.tell("end")
    assert staying.process.wait(30) == 0
    assert [line.rpartition("loss,")[2] for line in staying.written.splitlines()[1:]] == [
        *("5,0.5", "6,NaN"),
        "2,0.25",
        "5,0.125",
    ]


def test_values_are_new_once_though_their_attempt_comes_to_be_known_or_unknown():
    new = NewValues()
    loss = Series("train", None, "loss", range(2), (0.5, 0.25))
    assert [value.index for value in new.of([loss])] == [0, 1]
    first = dataclasses.replace(loss, attempt=1, indexes=range(3), values=(0.5, 0.25, 0.125))
    assert [(value.attempt, value.index) for value in new.of([first])] == [(1, 2)]
    again = dataclasses.replace(first, attempt=2)
    assert [(value.attempt, value.index) for value in new.of([first, again])] == [(2, 0), (2, 1), (2, 2)]
    assert new.of([dataclasses.replace(first, attempt=None)]) == []


def test_of_two_steps_of_one_name_values_are_new_once():
    new = NewValues()
    series = [Series("train", 1, "loss", range(2), values) for values in ((0.5, 0.25), (3.0, 2.0))]
    assert [value.value for value in new.of(series)] == [3.0, 2.0]
    assert new.of(series) == []


def test_log_prints_what_a_step_prints_until_the_run_ends(going, stay):
    going.tell("say \x1b[31mhello\x1b[0m")
    staying = stay("log", "going", "-f")
    staying.wait_for("==> train, attempt 1 <==\nhello\n")
    going.tell("say again", "end")
    assert staying.process.wait(30) == 0
    assert staying.written == "==> train, attempt 1 <==\nhello\nagain\n"


def test_runs_lists_a_run_again_when_it_has_changed(going, stay):
    staying = stay("runs", "--follow", "--columns", "status,metric.loss", "--format", "json")
    staying.wait_for('"PROCESSING"')
    going.tell("track 0 0.5")
    staying.wait_for('"metric.loss": 0.5')
    going.tell("end")
    staying.wait_for('"SUCCESS"')
    staying.process.send_signal(signal.SIGINT)
    assert staying.process.wait(30) == 130
    listed = [json.loads(line) for line in staying.written.splitlines() if line.startswith("{")]
    assert {row["run_id"] for row in listed} == {"going"}


def test_runs_says_which_run_is_gone_and_nothing_of_other_files(going, stay, tmp_path):
    store = tmp_path / ".run_log_store"
    staying = stay("runs", "--follow", "--format", "json")
    staying.wait_for('"PROCESSING"')
    (store / "going.json~").write_text("a backup")
    (store / "going.json~").unlink()
    going.tell("end")
    staying.wait_for('"SUCCESS"')
    (store / "going.json").unlink()
    staying.wait_for("going is gone")
    assert "~" not in staying.written


@pytest.mark.parametrize(("word", "status", "said"), [("end", 0, "going: SUCCESS"), ("fail", 1, "going: FAIL")])
def test_wait_ends_with_the_run_and_its_outcome(going, stay, word, status, said):
    staying = stay("wait", "going")
    going.tell(word)
    assert staying.process.wait(30) == status
    assert staying.written.startswith(said)


def test_wait_ends_when_a_query_holds(going, stay):
    staying = stay("wait", "latest", "--until", "metric.loss<0.3")
    going.tell("track 0 0.5", "track 1 0.25")
    assert staying.process.wait(30) == 0
    assert going.process.poll() is None


def test_wait_says_that_a_query_can_no_longer_hold(going, stay):
    going.tell("track 0 0.5", "end")
    staying = stay("wait", "going", "--until", "metric.loss<0.3")
    assert staying.process.wait(30) == 1
    assert "has ended without matching metric.loss<0.3" in staying.written


def test_wait_ends_where_the_process_of_the_run_was_killed(going, stay):
    staying = stay("wait", "going")
    os.kill(going.process.pid, signal.SIGKILL)
    going.process.wait()
    assert staying.process.wait(30) == 1
    assert "lost" in staying.written


def test_wait_gives_up_after_a_time(going, stay):
    staying = stay("wait", "going", "--timeout", "0.1s")
    assert staying.process.wait(30) == 3
    assert "is still going on after 0.1 s" in staying.written
    assert going.process.poll() is None


def test_wait_does_not_say_of_a_stalled_run_that_it_goes_on(run):
    ended = run("wait", "sweep-10", "--timeout", "0.1s", "-s", DATA_STORES / "magnus-sweep")
    assert (ended.status, ended.err) == (3, "magnus-tui: sweep-10 is stalled, and has not ended after 0.1 s\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("runs", "--follow", "--limit", "3"),
        ("runs", "--follow", "--format", "markdown"),
        ("metrics", "latest", "--follow", "--format", "markdown"),
        ("log", "latest", "-f", "--diff"),
        ("wait", "latest", "--timeout", "soon"),
        ("wait", "latest", "--until", "metric.loss <"),
    ],
)
def test_what_makes_no_sense_together_is_one_line(run, arguments):
    ended = run(*arguments)
    assert ended.status == 2
    assert ended.err.startswith("magnus-tui: ")


def test_a_long_log_is_told_in_whole_lines_and_characters(tmp_path):
    text = "".join(f"línea {number} de muchas\n" for number in range(100_000)) + "the last"
    (tmp_path / "log").write_text(text)
    for to_the_end, told in ((True, text + "\n"), (False, text.removesuffix("the last"))):
        tail = Tail(tmp_path / "log")
        assert "".join(iter(partial(tail.read_on, to_the_end=to_the_end), "")) == told


def test_runs_that_are_followed_tell_of_metrics_that_came_after_the_columns(tmp_path, stay):
    (tmp_path / ".run_log_store").mkdir()
    staying = stay("runs", "--follow", "--format", "csv")
    staying.wait_for("run_id,status")
    run = Going(tmp_path)
    try:
        run.tell("track 0 0.5", "end")
        staying.wait_for("not among the columns, which were written before: metric.loss")
    finally:
        run.process.kill()
        run.process.wait()
        run.process.stdin.close()
