"""The timeline of a run as its user meets it."""

import contextlib
from pathlib import Path

import pytest
from textual.app import App

from magnus_tracking import start_run
from magnus_tui.charts.gantt import BESIDE, CRITICAL
from magnus_tui.feed.messages import RunsChanged
from magnus_tui.run.timeline_screen import TimelineScreen
from magnus_tui.run.timeline_view import TimelineView
from support.explorer import SIZE_NAMES, SIZES, at_home, explore, open_run, press, screen_text, settle


async def open_timeline(pilot, run_id):
    await settle(pilot)
    chosen = []
    pilot.app.push_screen(TimelineScreen(pilot.app.feed, run_id), chosen.append)
    await settle(pilot)
    return chosen


def opened_on(run_id, *keys):
    async def before(pilot):
        await open_timeline(pilot, run_id)
        await press(pilot, *keys)

    return before


SHOWN = [
    ("runnable-examples", "messy-bell-1645"),
    ("runnable-examples", "swarm-raman-1645"),
    ("magnus-examples", "constant-swartz-1640"),
    ("magnus-sweep", "sweep-4"),
]


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
@pytest.mark.parametrize(("store", "run_id"), SHOWN, ids=[run_id for _, run_id in SHOWN])
def test_a_run_over_time(snap_compare, size, store, run_id):
    before = opened_on(run_id, "down", "down", "down")
    assert snap_compare(explore(at_home(store)), terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
def test_zoomed_to_the_slowest_step(snap_compare, size):
    before = opened_on("messy-bell-1645", "B", "asterisk")
    assert snap_compare(explore(at_home("runnable-examples")), terminal_size=size, run_before=before)


async def test_zoom_stays_inside_the_run_and_zero_shows_it_whole():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(120, 30)) as pilot:
        await open_timeline(pilot, "messy-bell-1645")
        view, whole = app.screen.view, app.screen.view.whole
        await press(pilot, "plus", "plus", "right", "right", "right", "right", "right", "right", "right")
        assert view.window.end == whole.end
        assert view.window.seconds == pytest.approx(whole.seconds / 4, rel=1e-3)
        await press(pilot, "left")
        assert whole.start < view.window.start < view.window.end < whole.end
        await press(pilot, "minus", "minus", "minus")
        assert view.window is None
        await press(pilot, "asterisk", "0")
        assert view.window is None


async def test_folding_hides_what_is_nested_and_keeps_the_cursor_on_its_bar():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(120, 30)) as pilot:
        await open_timeline(pilot, "messy-bell-1645")
        assert "execute_shell" in screen_text(app)
        await press(pilot, "enter")
        assert "execute_shell" not in screen_text(app)
        assert app.screen.view.current.key == "map_state"
        await press(pilot, "B")
        assert app.screen.view.current.key == "map_state.1.execute_notebook"


async def test_the_bar_under_the_cursor_is_told_in_full():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(120, 30)) as pilot:
        await open_timeline(pilot, "messy-bell-1645")
        await press(pilot, "B")
        text = screen_text(app)
        assert "examples/common/process_chunk.ipynb" in text
        assert "given processed_python=10" in text
        assert "returned processed_notebook=100" in text
        assert "on the critical path" in text


async def test_the_timeline_opens_on_the_step_that_was_selected_and_the_run_on_the_one_looked_at_there():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        run = await open_run(pilot, "fixed-11")
        assert run.steps.current.key == "train model#1"
        await press(pilot, "t")
        assert app.screen.view.current.key == "train model"
        await press(pilot, "escape")
        assert run.steps.current.key == "train model#1"
        await press(pilot, "t", "up", "escape")
        assert app.screen is run
        assert run.steps.current.key == "prepare"
        await press(pilot, "t")
        assert app.screen.view.current.key == "prepare"


async def test_a_failed_step_tells_the_reason_that_its_log_tells():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(120, 30)) as pilot:
        await open_run(pilot, "lazy-yonath-1645", step="check_envvar_task")
        await press(pilot, "t", "down")
        assert app.screen.view.current.key == "check_envvar_task#1"
        assert "reason ValueError: Environment variable check failed!" in screen_text(app)


async def test_enter_chooses_a_step_and_escape_none():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(120, 30)) as pilot:
        chosen = await open_timeline(pilot, "messy-bell-1645")
        await press(pilot, "down", "down", "enter")
        assert chosen == ["map_state.1.execute_python"]
        chosen = await open_timeline(pilot, "messy-bell-1645")
        await press(pilot, "escape")
        assert chosen == [None]


async def test_a_run_that_is_gone_says_so():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(80, 24)) as pilot:
        await open_timeline(pilot, "not-there")
        assert "no run 'not-there'" in screen_text(app)
        assert "nothing of this run was logged" not in screen_text(app)


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
async def test_the_bars_of_a_run_that_goes_stay_and_the_title_says_so(store_copy, size):
    project = store_copy("sample_runs")
    app = explore(project)
    async with app.run_test(size=size) as pilot:
        await open_timeline(pilot, "tracked-failed")
        bars = app.screen.view.timeline
        (project / ".run_log_store" / "tracked-failed.json").unlink()
        app.updates.verify()
        await settle(pilot)
        assert app.screen.view.timeline is bars
        assert "no longer in the store" in screen_text(app).splitlines()[0]


async def test_a_run_that_is_being_read_is_not_said_to_have_logged_nothing():
    class Unread(App[None]):
        def compose(self):
            yield TimelineView()

    app = Unread()
    async with app.run_test(size=(80, 24)):
        assert "reading …" in screen_text(app)


def fails(reason):
    with contextlib.suppress(ValueError), start_run(run_id="retried", resume=True) as run, run.step("train"):
        raise ValueError(reason)


async def test_a_step_that_fails_anew_tells_its_new_reason(monkeypatch):
    monkeypatch.chdir(Path.home())
    fails("the first reason")
    app = explore(Path.home())
    async with app.run_test(size=(120, 30)) as pilot:
        await open_timeline(pilot, "retried")
        assert "ValueError: the first reason" in screen_text(app)
        fails("the second reason")
        app.post_message(RunsChanged(frozenset({"retried"}), frozenset(), 1, 1))
        await settle(pilot)
        assert "ValueError: the second reason" in screen_text(app)


async def test_the_slowest_step_is_the_first_that_a_key_goes_to_wherever_the_run_was_opened():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(160, 45)) as pilot:
        run = await open_run(pilot, "swarm-raman-1645")
        opened_at, visited, told = run.steps.current.key, [], []
        for _ in range(4):
            await press(pilot, "B")
            visited.append(run.steps.current)
            told.append([one.message for one in app._notifications][-1])
        worked = [item.worked(None) for item in visited]
        assert worked[0] >= worked[1] >= worked[2]
        assert visited[3].key == visited[0].key
        ranks = ("slowest", "2nd slowest", "3rd slowest", "slowest")
        worked_ms = [f"{seconds * 1000:.0f} ms" for seconds in worked]
        names = [item.key.removeprefix("map_state.") for item in visited]
        assert told == [
            f"{rank} of 13 steps: {name} worked {ms}; waits between attempts don't count"
            for rank, name, ms in zip(ranks, names, worked_ms, strict=True)
        ]
        run.steps.go_to(opened_at)
        await press(pilot, "t", "B")
        first = app.screen.view.current
        assert first.rank == 1
        await press(pilot, "B")
        assert app.screen.view.current.rank == 2


async def test_the_slowest_step_is_not_left_where_the_cursor_stands_on_it_already(store_copy):
    app = explore(store_copy("sample_runs"))
    async with app.run_test(size=(160, 45)) as pilot:
        run = await open_run(pilot, "tracked-nested", step="per depth.8.folds.second.fit")
        await press(pilot, "B")
        assert run.steps.current.key == "per depth.8.folds.second.fit"
        await press(pilot, "t", "B")
        assert app.screen.view.current.rank == 1


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
async def test_what_ran_at_the_very_end_is_seen_beside_a_scrollbar(size):
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=size) as pilot:
        await open_run(pilot, "swarm-raman-1645")
        await press(pilot, "t")
        notebook = next(line for line in screen_text(app).splitlines() if "execute_notebook" in line)
        assert BESIDE in notebook or CRITICAL in notebook


async def test_how_long_a_short_step_took_has_its_digits_below_the_bars_too():
    app = explore(at_home("magnus-examples"))
    async with app.run_test(size=(120, 40)) as pilot:
        await open_run(pilot, "constant-swartz-1640")
        await press(pilot, "t", "home")
        row, detail = (next(line for line in screen_text(app).splitlines() if said in line) for said in ("①", "took "))
        assert "4.14 ms" in row
        assert "took 4.14 ms" in detail
