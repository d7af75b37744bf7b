"""A run of very many steps is shown before all of it has been looked into, and is the same run then."""

import pytest
from benchmarks.shapes import REASON, Shape, write_run

from magnus_tracking.runlog.failing import find_failure
from magnus_tracking.runlog.step_kinds import is_leaf
from magnus_tracking.runlog.steps import walk_steps
from magnus_tracking.runlog.tree import failure_of, top_steps, walk
from magnus_tracking.stores.huge_run import run_in_pieces
from magnus_tracking.stores.run_listing import HUGE
from magnus_tui.run.screen import RunScreen
from magnus_tui.run.selection import OnTheWay
from magnus_tui.run.tree_rows import build_items
from support.explorer import explore, press, settle, until_shown
from support.stores import DATA_STORES

FILES = sorted(DATA_STORES.glob("*/.run_log_store/*.json"))


def early(path, window):
    """A run of which nothing has been looked into, and its outline."""
    found = run_in_pieces(str(path), window=window)
    assert found is not None
    return found


@pytest.mark.parametrize("window", [64, 1 << 20])
def test_the_tree_of_a_run_is_the_same_before_it_has_been_looked_into(window):
    for path in FILES:
        run, outline = early(path, window)
        top = list(outline.top_steps)
        failure = find_failure(outline.status, top, [step for step in walk_steps(top) if is_leaf(step)])
        shown = build_items(outline.status, top, ["later"], failure)
        whole = build_items(run.status, list(top_steps(run).values()), ["later"], failure_of(run))
        assert repr(shown) == repr(whole), path


def test_each_step_is_found_without_a_look_into_the_others():
    for path in FILES:
        for name in [node.step.internal_name for node in walk(early(path, 64)[0])][::3]:
            run, _ = early(path, 64)
            step = OnTheWay(run).get(name)
            assert step is not None, (path, name)
            assert step == next(node.step for node in walk(run) if node.step.internal_name == name)
    assert OnTheWay(run).get("nowhere") is None


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    project = tmp_path_factory.mktemp("wide")
    path = write_run(project / ".run_log_store", Shape(branches=1500), "wide")
    assert path.stat().st_size > HUGE
    return project


async def test_a_wide_run_opens_on_why_it_failed_and_shows_all_else_once_it_has_been_read(wide):
    app = explore(wide)
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        app.push_screen(RunScreen(app.feed, "wide"))
        await until_shown(pilot, "attempt 1", REASON)
        await pilot.press("6")
        await until_shown(pilot, "fit.execution.log", "missing")
        await press(pilot, "2")
        shown = await until_shown(pilot, "metric_0")
        assert "reading on …" not in shown
