"""Reading leaves every byte, name and time of change as it was, and needs no right to write."""

import pytest

from magnus_tracking.analysis.failures import failures_of_run
from magnus_tracking.errors import UnreadableRunError
from magnus_tracking.index import RunIndex
from magnus_tracking.logs.catalog import check_file
from magnus_tracking.logs.locate import RunLogs
from magnus_tracking.runlog.metrics import series_of_run
from magnus_tracking.runlog.tree import leaf_steps
from magnus_tracking.stores import open_store
from support.stores import STORE_NAMES, stamps


def read_everything(project):
    """Go through all that the core gives of a store; the number of runs."""
    store = open_store(project)
    index = RunIndex.open(store)
    index.refresh()
    count = len(index.rows(index.positions(None, ())))
    index.close()
    for summary in store.runs():
        try:
            run = store.load(summary.run_id)
        except UnreadableRunError:
            continue
        series_of_run(run)
        failures_of_run(run, store)
        for step in leaf_steps(run):
            RunLogs(run, store).of(step)
            for entry in step.data_catalog:
                check_file(entry, store, run.run_id)
    return count


@pytest.mark.parametrize("name", [*STORE_NAMES, "sample_runs"])
def test_reading_everything_changes_nothing(store_copy, name):
    project = store_copy(name)
    before = stamps(project)
    assert read_everything(project) == len(list((project / ".run_log_store").iterdir()))
    assert stamps(project) == before


def test_a_folder_that_may_not_be_written_is_read_all_the_same(store_copy):
    project = store_copy("magnus-sweep")
    folders = [project, *(path for path in project.rglob("*") if path.is_dir())]
    for path in project.rglob("*"):
        if path.is_file():
            path.chmod(0o444)
    for folder in folders:
        folder.chmod(0o555)
    try:
        assert read_everything(project) == 15
    finally:
        for folder in folders:
            folder.chmod(0o755)
