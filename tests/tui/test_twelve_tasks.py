"""What people come for takes few keys, on a wide screen and on a small one.

The cursor stands on the run where one is meant, and at the top otherwise.
"""

import pytest

from magnus_tui.run.metric_grid import MetricGrid
from support.explorer import SIZE_NAMES, SIZES, at_home, explore, press, screen_text, settle

pytestmark = pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)


async def shown_after(app, size, keys, on=None, look=screen_text):
    """What is seen on the screen after some keys, with the cursor on a run before."""
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        if on is not None:
            row_ids = list(app.screen.table.row_ids)
            app.screen.table.cursor = [run.run_id for run in app.feed.rows(row_ids)].index(on)
            await settle(pilot)
        await press(pilot, *keys)
        await settle(pilot)
        return look(app)


async def test_the_newest_failures_traceback(size):
    shown = await shown_after(explore(at_home("magnus-sweep")), size, ["exclamation_mark", "enter"])
    assert "ValueError: loss diverged: nan at step 201" in shown
    assert "train.py:28" in shown


async def test_the_best_run_by_loss(size):
    app = explore(at_home("magnus-sweep"))
    assert await shown_after(app, size, ["B"], look=lambda app: app.screen.table.current.run_id) == "fixed-3"


async def test_what_differs_between_two_runs(size):
    shown = await shown_after(explore(at_home("magnus-sweep")), size, ["space", "space", "c"])
    assert "differences only" in shown


async def test_when_loss_became_nan(size):
    shown = await shown_after(explore(at_home("magnus-sweep")), size, ["enter", "2"], on="fixed-9")
    assert "NaN from" in shown


async def test_the_slowest_step(size):
    app = explore(at_home("magnus-sweep"))
    steps = await shown_after(app, size, ["enter", "B"], on="fixed-3", look=lambda app: app.screen.steps)
    assert steps.current is max(steps.items, key=lambda item: item.worked(None))


async def test_whether_a_failure_has_happened_before(size):
    app = explore(at_home("magnus-sweep"))
    shown = await shown_after(app, size, ["enter"], on="fixed-11")
    assert "1 other attempt failed this way" in " ".join(shown.split())
    shown = await shown_after(explore(at_home("magnus-reruns")), size, ["enter", "f"], on="lr-too-high-rerun")
    assert "2 attempts failed this way" in shown


async def test_accuracy_at_step_120_in_three_runs(size):
    charts = ["p", "p"] if size[0] < 110 else ["p", "tab"]
    keys = ["space", "space", "space", *charts, "colon", "1", "2", "0", "enter"]
    assert len(keys) == 10
    app = explore(at_home("magnus-sweep"))
    shown = await shown_after(app, size, keys, on="fixed-6")
    assert "● fixed-6  ■ fixed-4  ◆ fixed-3" in shown
    assert "step 120" in shown
    (place,) = (shown.index(f"accuracy  ● {value}") for value in ("0.9489",))
    for reading in ("● 0.9489", "■ 0.9457", "◆ 0.9705"):
        assert reading in shown[place:]


async def test_runs_with_uncommitted_code(size):
    app = explore(at_home("magnus-sweep"))
    keys = ["slash", *"dirty", "tab", "enter"]
    assert await shown_after(app, size, keys, look=lambda app: app.screen.query_text) == "code:dirty"


async def test_two_attempts_of_a_step_beside_one_another(size):
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        rows = app.feed.rows(list(app.screen.table.row_ids))
        app.screen.table.cursor = next(place for place, run in enumerate(rows) if run.retries)
        await press(pilot, "enter", "C")
        await settle(pilot)
        assert "attempt 1" in screen_text(app)
        assert "attempt 2" in screen_text(app)


async def test_groups_by_tag_with_aggregates(size):
    shown = await shown_after(explore(at_home("magnus-sweep")), size, ["b", "enter"])
    assert "sweep-2" in shown
    assert "mean" in shown


async def test_curves_are_one_key_away_from_the_run(size):
    app = explore(at_home("magnus-sweep"))
    assert await shown_after(
        app, size, ["enter", "2"], on="fixed-3", look=lambda app: app.screen.query_one(MetricGrid).charts
    )
