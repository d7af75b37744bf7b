"""What can't be read is one row with a reason; the rest of the store works."""

import shutil

import pytest

from magnus_tracking.analysis.failures import failures_of_store
from magnus_tracking.errors import RunNotFoundError, StoreNotFoundError, UnreadableRunError
from magnus_tracking.logs.catalog import FileState, check_file
from magnus_tracking.runlog.tree import leaf_steps
from magnus_tracking.stores import open_store
from support.bad_input import GOOD_RUNS, HOSTILE_NAMES, make_bad_store
from support.stores import stamps


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    """A store full of what is wrong, with the reasons that are expected."""
    project = tmp_path_factory.mktemp("bad")
    return open_store_and_reasons(project)


def open_store_and_reasons(project):
    reasons = make_bad_store(project)
    return open_store(project), reasons


def test_each_unreadable_run_is_a_row_with_a_short_reason_on_one_line(bad):
    store, reasons = bad
    errors = {summary.run_id: summary.error for summary in store.runs() if summary.error is not None}
    assert set(errors) == set(reasons)
    for run_id, error in errors.items():
        assert error.isprintable(), run_id
        assert len(error) < 150, run_id
        assert reasons[run_id] in error


def test_the_runs_beside_them_are_as_they_are_elsewhere(bad):
    store, _ = bad
    found = {summary.run_id: summary for summary in store.runs()}
    for run_id in GOOD_RUNS:
        assert found[run_id].error is None
        assert found[run_id].steps.total == 3
    assert found["infinite"].error is None
    assert found["infinite"].parameters["big"] == 2**80
    assert found["byte-order-mark"].status == "SUCCESS"


def test_where_a_file_took_the_place_of_the_store_no_run_is_found(tmp_path):
    store = open_store_and_reasons(tmp_path)[0]
    shutil.rmtree(store.root)
    store.root.write_text("no folder")
    for run_id in GOOD_RUNS:
        with pytest.raises(RunNotFoundError):
            store.handle(run_id)


def test_opening_an_unreadable_run_names_the_file_and_the_reason(bad):
    store, reasons = bad
    for run_id in reasons:
        with pytest.raises(UnreadableRunError) as caught:
            store.load(run_id)
        assert str(store.root) in str(caught.value)
        assert run_id in str(caught.value)


def test_what_has_a_row_without_a_reason_can_be_opened(bad):
    store, reasons = bad
    for handle in store.handles():
        if handle.run_id not in reasons:
            assert store.load(handle.run_id).model_dump()["run_id"]


def test_names_of_any_kind_are_kept_as_they_are(bad):
    store, _ = bad
    found = {summary.run_id: summary for summary in store.runs()}
    for name, text in HOSTILE_NAMES.items():
        summary = found[f"hostile {name}"]
        assert (summary.tag, summary.failing_step, summary.message) == (text, text, text.strip())
        assert summary.parameters == {text: text}


def test_catalog_paths_that_lead_outside_are_not_followed(bad):
    store, _ = bad
    for name in HOSTILE_NAMES:
        run = store.load(f"hostile {name}")
        files = [check_file(entry, store, run.run_id) for step in leaf_steps(run) for entry in step.data_catalog]
        assert files
        assert all(file.path is None for file in files)
        assert all(file.state in (FileState.OUTSIDE, FileState.MISSING, FileState.NOT_ALLOWED) for file in files)


def test_failures_are_found_among_what_is_readable(bad):
    store, _ = bad
    failed = failures_of_store(store, store.runs())
    assert {attempt.run_id for attempt in failed} >= {f"hostile {name}" for name in HOSTILE_NAMES}


def test_nothing_is_written_into_a_bad_store(tmp_path):
    store, _ = open_store_and_reasons(tmp_path)
    before = stamps(tmp_path)
    store.runs()
    assert stamps(tmp_path) == before


@pytest.mark.parametrize("kind", ["nothing there", "a text file", "an empty folder"])
def test_what_is_no_store_is_said_to_be_none(tmp_path, kind):
    path = tmp_path / "thing"
    if kind == "a text file":
        path.write_text("hello")
    if kind == "an empty folder":
        path.mkdir()
    with pytest.raises(StoreNotFoundError, match=r"no run log store at .*thing"):
        open_store(path)
