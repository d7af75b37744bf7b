"""Tracking from signal handlers, finalizers and forked children; recoveries at once; values of other libraries."""

import contextlib
import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from magnus_tracking.api.store import RunStore
from magnus_tracking.logs.locate import RunLogs
from magnus_tracking.runlog.metrics import series_of_run
from magnus_tracking.stores import open_store

pytestmark = pytest.mark.usefixtures("project")


def run_script(text, *arguments):
    done = subprocess.run([sys.executable, "-c", text, *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


HANDLER = """
import faulthandler, itertools, signal, sys, time
faulthandler.dump_traceback_later(60, exit=True)
from magnus_tracking import NoActiveRunError, start_run, track_this
numbers, acknowledged = itertools.count(), []
def handler(*_):
    number = next(numbers)
    try:
        track_this(step=number, signal=number)
        acknowledged.append(number)
    except NoActiveRunError:
        pass
signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
for run_number in range(12):
    with start_run(run_id=f"run-{run_number}", store=sys.argv[1]) as run:
        for step in range(3):
            with run.step(f"s{step}"):
                for index in range(50):
                    track_this(step=index, loss=index)
        with run.parallel("p") as p, p.branch("x") as branch, branch.step("y"):
            track_this(z=1)
        run.set_parameters(lr=0.1)
signal.setitimer(signal.ITIMER_REAL, 0)
print(*acknowledged)
"""


def test_a_signal_handler_tracks_whatever_it_interrupts(store_type):
    acknowledged = set(map(int, run_script(HANDLER, store_type).split()))
    store = open_store(".")
    found = set()
    for number in range(12):
        run = store.load(f"run-{number}")
        series = series_of_run(run)
        assert run.status == "SUCCESS"
        assert [list(one.values) for one in series if one.name == "loss"] == [list(range(50))] * 3
        found.update(value for one in series if one.name == "signal" for value in one.values)
    assert acknowledged
    assert found >= acknowledged


FINALIZER = """
import faulthandler, gc
faulthandler.dump_traceback_later(60, exit=True)
from magnus_tracking import start_run, track_this
class Late:
    def __init__(self, number):
        self.number, self.me = number, self
    def __del__(self):
        track_this(step=self.number, late=self.number)
gc.set_threshold(3)
with start_run(run_id="run") as run:
    for step in range(20):
        late = [Late(step * 10 + number) for number in range(10)]
        del late
        with run.step(f"s{step}"):
            track_this(a=1)
        gc.collect()
    gc.set_threshold(0)
"""


def test_a_finalizer_tracks_whenever_it_is_called():
    run_script(FINALIZER)
    series = series_of_run(open_store(".").load("run"))
    assert {value for one in series if one.name == "late" for value in one.values} == set(range(200))


FORKING = """
import faulthandler, os, threading
faulthandler.dump_traceback_later(60, exit=True)
from magnus_tracking import start_run, track_this
with start_run(run_id="run") as run, run.step("s") as step:
    ended = threading.Event()
    def work():
        index = 0
        while not ended.is_set():
            step.track(index, thread=index)
            index += 1
    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for child in range(25):
        pid = os.fork()
        if not pid:
            step.track(child, child=child)
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
        run.set_parameters(child=child)
    ended.set()
    for thread in threads:
        thread.join()
"""


def test_children_that_were_forked_while_threads_track_are_taken_in():
    run_script(FORKING)
    series = {one.name: list(one.values) for one in series_of_run(open_store(".").load("run"))}
    assert series["child"] == list(range(25))
    assert series["thread"] == list(range(len(series["thread"])))


AT_EXIT = """
import atexit
from magnus_tracking import start_run, track_this
run = start_run(run_id="run")
step = run.step("s").start()
track_this(a=1)
atexit.register(lambda: track_this(b=2))
"""


def test_what_is_tracked_at_exit_is_in_the_run():
    run_script(AT_EXIT)
    assert {one.name: one.values[0] for one in series_of_run(open_store(".").load("run"))} == {"a": 1, "b": 2}


KILLED = """
import os, signal, sys
from magnus_tracking import start_run, track_this
for number in range(20):
    pid = os.fork()
    if not pid:
        with start_run(run_id=f"run-{number}", store=sys.argv[1]) as run, run.step("s"):
            for index in range(200):
                track_this(step=index, loss=index)
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
"""


def test_several_recoveries_at_once_do_each_run_once(store_type):
    run_script(KILLED, store_type)
    command = [sys.executable, "-m", "magnus_tracking.cli", "recover"]
    several = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    told = [process.communicate(timeout=120) for process in several]
    assert [(process.returncode, error) for process, (_, error) in zip(several, told, strict=True)] == [(0, "")] * 4
    assert sum(output.count("recovered: s (attempt 1)") for output, _ in told) == 20
    for number in range(20):
        run = open_store(".").load(f"run-{number}")
        assert run.status == "FAIL"
        assert [list(one.values) for one in series_of_run(run)] == [list(range(200))]


def test_a_step_that_is_begun_again_keeps_what_each_attempt_tracked(stored, store_type):
    from magnus_tracking import start_run, track_this

    with start_run(store=store_type) as run:
        for value in range(3):
            with run.step("s"):
                track_this(a=value)
    attempts = stored(run.run_id)["steps"]["s"]["attempts"]
    assert [attempt["user_defined_metrics"] for attempt in attempts] == [{"a": 0}, {"a": 1}, {"a": 2}]


class Array:
    """Looks like an array or tensor of any library, of the given elements."""

    def __init__(self, *elements):
        self.elements = elements

    def item(self):
        if len(self.elements) != 1:
            raise RuntimeError("only one element tensors can be converted to Python scalars")
        return self.elements[0]


@pytest.mark.parametrize("step", [7, 7.0, Array(7), Array(7.0)])
@pytest.mark.parametrize("value", [1.5, Array(1.5)])
def test_whole_floats_and_arrays_of_one_element_are_taken(stored, step, value):
    from magnus_tracking import start_run

    with start_run() as run, run.step("s") as one:
        one.track(step, a=value, b={"inner": [Array(True)]})
    found = stored(run.run_id)["steps"]["s"]["user_defined_metrics"]
    assert json.dumps(found) == '{"a": {"7": 1.5}, "b": {"7": {"inner": [true]}}}'


@pytest.mark.parametrize(
    ("step", "value"),
    [
        *((step, 1) for step in (0.5, math.nan, math.inf, "7", None, 10**640, 10**100_000, Array(1, 2))),
        *((1, value) for value in (Array(1, 2), Array(), Array(object()), object(), 10**100_000, [10**100_000])),
    ],
    ids=lambda _: "odd",
)
def test_anything_else_is_refused_and_the_step_goes_on(stored, step, value):
    from magnus_tracking import start_run

    with start_run() as run, run.step("s") as one:
        with pytest.raises(TypeError, match=r"step|metric 'a'"):
            one.track(step, a=value)
        one.track(1, a=2)
    assert stored(run.run_id)["steps"]["s"]["user_defined_metrics"] == {"a": {"1": 2}}


LAST_WORDS = """
import os, sys
from magnus_tracking import start_run, track_this
with start_run(run_id="r", store=sys.argv[1], resume=len(sys.argv) > 2) as run, run.step("train"):
    track_this(loss=1)
    print("last words of", len(sys.argv), flush=True)
    if len(sys.argv) < 3:
        os._exit(9)
"""


def test_what_a_killed_process_printed_is_kept_when_it_is_recovered_and_tried_again(store_type):
    def printed():
        store = open_store(".")
        run = store.load("r")
        logs = RunLogs(run, store).of(run.steps["train"])
        return [(log.attempt, log.path.read_text()) for log in logs.logs]

    subprocess.run([sys.executable, "-c", LAST_WORDS, store_type], check=False)
    assert printed() == [(1, "last words of 2\n")]
    assert subprocess.run([sys.executable, "-m", "magnus_tracking.cli", "recover"], check=False).returncode == 0
    assert open_store(".").load("r").status == "FAIL"
    assert printed() == [(1, "last words of 2\n")]
    run_script(LAST_WORDS, store_type, "again")
    assert printed() == [(1, "last words of 2\n"), (2, "last words of 3\n")]


def test_a_copy_of_a_killed_run_has_lasted_no_longer_than_the_run(store_type):
    """A copy without its files' times."""
    subprocess.run([sys.executable, "-c", LAST_WORDS, store_type], check=False)
    for path in Path(".run_log_store").rglob("*"):
        os.utime(path, (time.time() + 90_000,) * 2)
    with contextlib.closing(RunStore(open_store("."))) as store:
        run = store.every_run[0]
        assert (store.liveness(run), store.took(run).seconds < 60) == ("lost", True)
    assert subprocess.run([sys.executable, "-m", "magnus_tracking.cli", "recover"], check=False).returncode == 0
    with contextlib.closing(RunStore(open_store("."))) as store:
        run = store.every_run[0]
        assert (run.status, run.duration < 60) == ("FAIL", True)
