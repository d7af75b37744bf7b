"""A script that failed half way had not begun all of its steps, and is known as the same pipeline all the same."""

import subprocess
import sys

import pytest

from magnus_tracking.analysis.failures import latest_runs
from magnus_tracking.analysis.flaky import flaky_steps, outcomes_of_store
from magnus_tracking.query import Field
from magnus_tracking.query.grouping import group
from magnus_tracking.stores import open_store
from magnus_tui.feed.feed import Feed
from magnus_tui.feed.last_success import find_last_success

SCRIPT = """
import os, sys
from magnus_tracking import start_run, track_this

with start_run(run_id=sys.argv[1], store={store!r}) as run:
    with run.step("prepare"):
        track_this(rows=3)
    with run.step("train"):
        track_this(loss=0.5)
        assert sys.argv[1] != "second"
    with run.step("evaluate"):
        track_this(accuracy=0.9)
"""


@pytest.fixture
def feed(tmp_path):
    """The store of a project whose script failed the second of three times, and of another script there."""
    (tmp_path / "project" / "scripts").mkdir(parents=True)
    project, store = tmp_path / "project", str(tmp_path / "project" / ".run_log_store")
    script = project / "scripts" / "train.py"
    for path in (script, project / "other.py"):
        path.write_text(SCRIPT.format(store=store))
    for command in (["git", "init", "-q"], ["git", "add", "."], ["git", "commit", "-qm", "a"]):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run([command[0], *identity, *command[1:]], cwd=project, check=True)
    for path, folder, run_id in (
        (script, project, "first"),
        (script, script.parent, "second"),
        (project / "other.py", project, "another"),
        (script, project, "third"),
    ):
        subprocess.run([sys.executable, path, run_id], cwd=folder, capture_output=True, check=run_id != "second")
    feed = Feed(open_store(store))
    feed.refresh(lambda _: None, lambda: False)
    yield feed
    feed.close()


def test_the_run_of_a_script_that_failed_half_way_stands_among_its_successes(feed):
    runs = {run.run_id: run for run in feed.rows(feed.positions(None, ()))}
    history = [run.run_id for run in feed.runs_of_pipeline(runs["second"])]
    assert history == ["first", "second", "third"]
    assert [feed.run_beside(runs["second"], step) for step in (-1, 1)] == ["first", "third"]
    assert feed.run_beside(runs["first"], 1) == "second"
    assert find_last_success(feed, runs["second"]) == "first"
    assert latest_runs(runs.values()) == {"third", "another"}
    assert (runs["second"].pipeline, "evaluate") in feed.index.stalled_rule().longest

    (flaky,) = flaky_steps(outcomes_of_store(feed.store, feed.store.runs))
    assert (flaky.step, flaky.attempts, flaky.failed, flaky.runs) == ("train", 3, 1, ("second",))

    rows = list(runs.values())
    groups = feed.index.ask(lambda source: group(source, range(len(rows)), Field("pipeline")), [])
    assert {(one.label, len(one.positions)) for one in groups} == {
        ("scripts/train.py → prepare", 3),
        ("other.py → prepare", 1),
    }
