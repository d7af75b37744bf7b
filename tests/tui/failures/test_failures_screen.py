import json

import pytest

from magnus_tracking.runlog.failing import NO_STEP_FAILED
from magnus_tui.widgets.row_list import RowList
from support.explorer import SIZE_NAMES, SIZES, at_home, explore, press, screen_text, settle, until_shown


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
def test_failures_by_cause(snap_compare, size):
    async def before(pilot):
        await settle(pilot)
        await press(pilot, "f")

    assert snap_compare(explore(at_home("runnable-0.36.1")), terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
def test_the_attempts_of_a_cause(snap_compare, size):
    async def before(pilot):
        await settle(pilot)
        await press(pilot, "f", "down", "down", "enter")

    assert snap_compare(explore(at_home("runnable-0.36.1")), terminal_size=size, run_before=before)


async def test_the_row_under_the_cursor_stands_out_in_each_of_the_lists():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        for keys in (["f"], ["down", "enter"], ["2"]):
            await press(pilot, *keys)
            table = app.screen.query_one(RowList)
            await settle(pilot)
            backgrounds = [table.render_line(1 + row)._segments[0].style.bgcolor for row in range(len(table.kept))]
            here = backgrounds.pop(table.cursor)
            assert here not in backgrounds


async def test_an_attempt_opens_on_its_traceback_and_escape_goes_back_one_layer_at_a_time():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "f", "enter", "enter")
        assert "loss diverged: nan at step 201" in screen_text(app)
        await press(pilot, "escape")
        assert "latest first" in screen_text(app)
        await press(pilot, "escape")
        assert "1 cause" in screen_text(app)
        await press(pilot, "escape")
        assert app.screen.table.row_ids


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
def test_flaky_steps(snap_compare, size):
    async def before(pilot):
        await settle(pilot)
        await press(pilot, "f", "2")

    assert snap_compare(explore(at_home("runnable-examples")), terminal_size=size, run_before=before)


async def test_a_flaky_step_leads_to_its_failed_attempts_and_their_tracebacks():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(160, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "f", "2", "enter")
        assert "lazy-yonath-1645" in screen_text(app)
        await press(pilot, "enter")
        assert "Environment variable check failed!" in screen_text(app)
        await press(pilot, "escape", "escape")
        assert "6 flaky steps" in screen_text(app)
        await press(pilot, "escape")
        assert "2 causes in 11 failed attempts" in screen_text(app)


async def test_the_cursor_returns_to_the_cause_that_was_left():
    app = explore(at_home("runnable-0.36.1"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "f", "down", "down", "enter", "end", "escape")
        assert app.screen.table.cursor == 2
        await press(pilot, "y")
        assert app.clipboard == "Exception: This is an exception"


async def test_a_store_without_failures_says_so():
    project = at_home("magnus-sweep")
    for run in ("fixed-11", "sweep-11"):
        (project / ".run_log_store" / f"{run}.json").unlink()
    app = explore(project)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "f")
        assert "no attempt in this store has failed" in screen_text(app)
        await press(pilot, "enter", "y", "2", "enter")
        assert "no step in this store failed and then passed" in screen_text(app)


async def test_a_click_moves_the_cursor_and_a_second_one_enters():
    app = explore(at_home("runnable-0.36.1"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "f")
        await pilot.click("#failures-table", offset=(20, 3))
        await settle(pilot)
        assert app.screen.table.cursor == 2
        await pilot.click("#failures-table", offset=(20, 3))
        await settle(pilot)
        assert "6 attempts failed this way, latest first" in screen_text(app)


async def test_columns_of_a_narrow_list_scroll_and_the_cause_stays():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(44, 20)) as pilot:
        await settle(pilot)
        await press(pilot, "f")
        table = app.screen.query_one(RowList)
        assert "›" in table.render_line(0).text
        assert "first" not in table.render_line(0).text
        await press(pilot, "l", "l", "l", "l")
        assert "first" in table.render_line(0).text
        assert "cause" in table.render_line(0).text
        await press(pilot, "0")
        assert "‹" not in table.render_line(0).text


async def test_a_store_without_runs_has_none_to_read(tmp_path):
    (tmp_path / ".run_log_store").mkdir()
    app = explore(tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "f")
        assert "there are no runs in this store" in screen_text(app)
        assert not app.screen.query_one("#failures-detail").display
        assert "reading" not in screen_text(app)


async def test_failures_asked_for_before_the_store_was_read_are_there_once_it_is():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("f")
        assert "loss diverged" in await until_shown(pilot, "1 cause in 2 failed attempts")


async def test_a_failed_run_without_a_failed_step_opens_from_its_failure_and_says_why(tmp_path):
    step = {"name": "s", "internal_name": "s", "status": "SUCCESS", "attempts": []}
    (tmp_path / "r.json").write_text(json.dumps({"run_id": "r", "status": "FAIL", "steps": {"s": step}}))
    app = explore(tmp_path)
    async with app.run_test(size=(160, 40)) as pilot:
        await settle(pilot)
        await until_shown(pilot, "the run is marked FAIL")
        await press(pilot, "f")
        assert NO_STEP_FAILED in screen_text(app)
        assert "1 cause in 1 failure without a failed attempt" in screen_text(app)
        await press(pilot, "enter")
        assert "1 failure without a failed attempt, of this cause" in screen_text(app)
        await press(pilot, "enter", "1")
        assert NO_STEP_FAILED in screen_text(app)


async def test_a_cause_names_its_attempts_and_their_ages_below_the_list(store_copy):
    app = explore(store_copy("runnable-0.36.1"))
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        await press(pilot, "f")
        detail = str(app.screen.query_one("#failures-detail-text").render())
        group = app.screen._groups[0]
        lines = [line for line in detail.splitlines() if line.endswith(" ago")]
        assert [line.split()[0] for line in lines] == [attempt.run_id for attempt in group.attempts]
        assert len(set(lines)) == len(lines)
