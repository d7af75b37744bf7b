"""What happens when recording fails: nothing that was there is lost, and the work goes on or is told."""

import resource
import shutil
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
