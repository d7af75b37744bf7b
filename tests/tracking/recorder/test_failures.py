"""What happens when recording fails: nothing that was there is lost, and the work goes on or is told."""

import contextlib
import resource
import shutil
import subprocess
import sys
import warnings
from contextlib import contextmanager

import pytest

from magnus_tracking import RecordingError, RecordingWarning, start_run, track_this

pytestmark = pytest.mark.usefixtures("project")


@contextmanager
def files_no_larger_than(size):
    """Writing beyond `size` bytes of a file fails, after a part was written, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_warns_once_and_what_was_tracked_meanwhile_is_kept(stored, store_type):
    with start_run(store=store_type) as run, run.step("s") as step:
        track_this(step=0, loss=0)
        room = step.sink.path.stat().st_size + 20
        with files_no_larger_than(room), pytest.warns(RecordingWarning, match="kept in memory") as told:
            for index in range(1, 50):
                track_this(step=index, loss=index)
        assert len(told) <= 2
        track_this(step=50, loss=50)
        assert stored(run.run_id)["steps"]["s"]["user_defined_metrics"]["loss"]["30"] == 30
    assert stored(run.run_id)["steps"]["s"]["user_defined_metrics"] == {"loss": {str(i): i for i in range(51)}}


def test_a_disk_that_is_full_to_the_end_of_the_step_leaves_it_to_the_next_change(stored, store_type):
    with start_run(store=store_type) as run:
        with run.step("before"):
            track_this(kept=1)
        step = run.step("s").start()
        for index in range(100):
            track_this(step=index, loss=index)
        with files_no_larger_than(300), pytest.warns(RecordingWarning, match="can't write the log"):
            step.finish()
        document = stored(run.run_id)
        assert document["steps"]["before"]["user_defined_metrics"] == {"kept": 1}
        assert document["steps"]["s"]["user_defined_metrics"]["loss"]["99"] == 99
        with run.step("after"):
            pass
    document = stored(run.run_id)
    assert document["status"] == "SUCCESS"
    assert document["steps"]["s"]["user_defined_metrics"]["loss"]["99"] == 99
    assert document["steps"]["s"]["status"] == "SUCCESS"
    assert not run.side.exists()


def test_failures_are_raised_where_that_was_asked_for(stored):
    with start_run(on_error="raise") as run, run.step("s") as step:
        track_this(a=1)
        with files_no_larger_than(step.sink.path.stat().st_size), pytest.raises(RecordingError, match="can't write"):
            track_this(b=2)
        track_this(c=3)
    assert stored(run.run_id)["steps"]["s"]["user_defined_metrics"] == {"a": 1, "b": 2, "c": 3}


def test_a_folder_that_vanishes_is_written_again(stored, store_type, project):
    with start_run(store=store_type, parameters={"lr": 1}) as run:
        with run.step("before"):
            track_this(a=1)
        with run.step("during"):
            track_this(b=1)
            shutil.rmtree(project / ".run_log_store")
            track_this(c=1)
        with run.step("after"):
            track_this(d=1)
    document = stored(run.run_id)
    found = {name: step["user_defined_metrics"] for name, step in document["steps"].items()}
    assert found == {"before": {"a": 1}, "during": {"b": 1, "c": 1}, "after": {"d": 1}, "success": {}}
    assert document["status"] == "SUCCESS"


def test_a_catalog_that_can_not_be_written_warns_and_the_step_is_recorded(stored, project):
    (project / ".catalog").write_text("a file where the folder should be")
    with pytest.warns(RecordingWarning, match="execution log"), start_run() as run, run.step("s"):
        print("to the terminal only")
        track_this(a=1)
    step = stored(run.run_id)["steps"]["s"]
    assert step["user_defined_metrics"] == {"a": 1}
    assert step["data_catalog"] == []


def test_a_store_that_can_not_be_made_refuses_the_run_at_once(project):
    (project / "file").write_text("")
    with pytest.raises(RecordingError, match="can't start a run"):
        start_run(store=project / "file" / "store")


def test_a_journal_that_can_not_be_written_keeps_metrics_in_memory(stored, project):
    with start_run() as run:
        shutil.rmtree(run.side)
        run.side.write_text("in the way")
        step = run.step("s")
        with pytest.warns(RecordingWarning):
            step.start()
        track_this(a=1)
        run.side.unlink()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RecordingWarning)
            step.finish()
    assert stored(run.run_id)["steps"]["s"]["user_defined_metrics"] == {"a": 1}


def test_what_a_killed_disk_cut_short_is_passed_over(stored):
    with start_run() as run, run.step("s") as step:
        track_this(a=1)
        with step.sink.path.open("a") as journal:
            journal.write('{"metric": "torn", "st')
        track_this(b=2)
    assert stored(run.run_id)["steps"]["s"]["user_defined_metrics"] == {"a": 1, "b": 2}


@pytest.fixture
def full(project):
    """The execution logs of steps named ``full`` are on a disk that is full."""

    def use(run):
        folder = project / ".catalog" / run.run_id
        folder.mkdir(parents=True)
        (folder / "full.execution.log").symlink_to("/dev/full")

    return use


@pytest.mark.parametrize("on_error", ["raise", "warn"])
@pytest.mark.parametrize("printed", ["words", ""])
@pytest.mark.parametrize("raised", [None, ValueError("mine"), KeyboardInterrupt()])
def test_the_streams_are_the_users_again_whatever_happens(full, on_error, printed, raised):
    before = sys.stdout, sys.stderr
    with warnings.catch_warnings(), contextlib.suppress(RecordingError, ValueError, KeyboardInterrupt):
        warnings.simplefilter("ignore", RecordingWarning)
        with start_run(on_error=on_error) as run:
            full(run)
            with run.step("outer"), run.step("full"):
                if printed:
                    print(printed)
                if raised is not None:
                    raise raised
    assert (sys.stdout, sys.stderr) == before


def test_a_step_that_can_not_begin_leaves_the_streams_alone(project):
    before = sys.stdout
    (project / ".catalog").write_text("a file where the folder should be")
    with start_run(on_error="raise") as run:
        with pytest.raises(RecordingError, match="execution log"):
            run.step("s").start()
        assert sys.stdout is before
        assert not run.running_steps


def test_a_stream_that_was_replaced_in_a_step_is_logged_once(project):
    class Tee:
        def __init__(self, stream):
            self.stream = stream

        def write(self, text):
            return self.stream.write(text)

        def flush(self):
            self.stream.flush()

    real = sys.stdout
    try:
        with start_run() as run:
            with run.step("first"):
                sys.stdout = Tee(sys.stdout)
            with run.step("second"):
                print("words")
    finally:
        sys.stdout = real
    assert (project / ".catalog" / run.run_id / "second.execution.log").read_text() == "words\n"


def test_a_step_that_takes_a_stream_away_ends_well(project, monkeypatch):
    with start_run() as run, monkeypatch.context() as patch, run.step("s"):
        patch.delattr(sys, "stderr")
    with start_run() as run, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", None)
        with run.step("s"):
            print("words")
    assert (project / ".catalog" / run.run_id / "s.execution.log").read_text() == "words\n"


LOSING = """
import resource, signal, sys, warnings
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from magnus_tracking import start_run, track_this
from magnus_tracking.recorder import sink
run = start_run(run_id="run", on_error=sys.argv[1])
step = run.step("s").start()
track_this(kept=1)
resource.setrlimit(resource.RLIMIT_FSIZE, (step.sink.path.stat().st_size, resource.RLIM_INFINITY))
for index in range(int(sys.argv[2])):
    try:
        track_this(step=index, text="x" * int(sys.argv[3]))
    except Exception:
        pass
"""


@pytest.mark.parametrize("on_error", ["warn", "raise"])
@pytest.mark.parametrize(
    ("count", "size", "said"), [(123, 10, "123 values are lost"), (20, 1_000_000, "12 values are lost")]
)
def test_how_many_values_are_lost_is_said_when_the_disk_stays_full(project, on_error, count, size, said):
    command = [sys.executable, "-c", LOSING, on_error, str(count), str(size)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


NO_JOURNAL = """
import pathlib
from magnus_tracking import start_run, track_this
run = start_run(run_id="run")
pathlib.Path(".run_log_store").rename("gone")
pathlib.Path(".run_log_store").touch()
for name in "ab":
    with run.step(name):
        for index in range(7):
            track_this(step=index, loss=index)
"""


def test_values_of_a_step_whose_journal_could_not_be_made_are_counted_among_the_lost(project):
    done = subprocess.run([sys.executable, "-c", NO_JOURNAL], capture_output=True, text=True, timeout=60)
    assert "14 values are lost" in done.stderr
