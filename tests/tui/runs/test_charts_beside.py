"""The charts beside the list as their user meets them: of the run under the cursor and of all marked ones."""

import json
import re
from pathlib import Path

import pytest

from magnus_tracking import start_run
from magnus_tui.runs.curves_data import CurvesReader
from magnus_tui.widgets.overlaid_curves import OverlaidCurves
from support.bad_input import make_bad_store
from support.explorer import SIZE_NAMES, SIZES, at_home, explore, press, screen_text, settle, show_charts, until_shown
from support.many_runs import make_many

BOTH_SIZES = pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
WIDE = (160, 45)


async def go_to(pilot, run_id):
    """Put the cursor of the list on a run."""
    table = pilot.app.screen.table
    table.cursor = [run.run_id for run in pilot.app.feed.rows(list(table.row_ids))].index(run_id)
    await settle(pilot)


def names_of(curves):
    return list(curves.grid.names)


def test_charts_that_are_not_on_the_screen_yet_wait_for_it():
    OverlaidCurves().prepare(("one", "two"), ())


@BOTH_SIZES
def test_three_marked_runs_over_one_another(snap_compare, size):
    async def before(pilot):
        await settle(pilot)
        await go_to(pilot, "fixed-6")
        await press(pilot, "space", "space", "space")
        await show_charts(pilot)

    assert snap_compare(explore(at_home("magnus-sweep")), terminal_size=size, run_before=before)


@BOTH_SIZES
def test_a_chart_in_full_at_a_step(snap_compare, size):
    async def before(pilot):
        await settle(pilot)
        await go_to(pilot, "fixed-6")
        await press(pilot, "space", "space", "space")
        (await show_charts(pilot)).focus_content()
        await press(pilot, "right", "colon", *"120", "enter", "enter")

    assert snap_compare(explore(at_home("magnus-sweep")), terminal_size=size, run_before=before)


async def test_a_key_goes_through_facts_charts_and_neither_and_the_choice_is_remembered():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert app.screen.preview.display
        await press(pilot, "p")
        assert not app.screen.preview.display
        assert app.screen.query_one("OverlaidCurves").display
        assert app.settings.preview == "charts"
        await press(pilot, "p")
        assert not app.screen.side.display
        await press(pilot, "p")
        assert app.screen.preview.display
        assert not app.screen.query_one("OverlaidCurves").display


async def test_charts_that_were_chosen_are_there_from_the_start():
    app = explore(at_home("magnus-sweep"), preview='"charts"')
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await go_to(pilot, "fixed-9")
        assert "NaN from" in screen_text(app)


async def test_they_follow_the_cursor_and_keep_the_marked_runs():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        curves = await show_charts(pilot)
        await go_to(pilot, "fixed-8")
        assert names_of(curves) == ["fixed-8"]
        await press(pilot, "space")
        assert names_of(curves) == ["fixed-8", "fixed-6"]
        await press(pilot, "down")
        assert names_of(curves) == ["fixed-8", "fixed-4"]
        await press(pilot, "u")
        assert names_of(curves) == ["fixed-4"]
        assert "● fixed-4" in screen_text(app)


async def test_a_run_without_metrics_says_so_on_one_line():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await show_charts(pilot)
        assert "this run has tracked no metrics: track_this(loss=…) in a step records one" in screen_text(app)


async def test_a_run_that_can_not_be_read_says_why_and_beside_others_that_it_is_left_out(tmp_path):
    make_bad_store(tmp_path)
    app = explore(tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        curves = await show_charts(pilot)
        await go_to(pilot, "no-json")
        assert "this run can't be read: " in screen_text(app)
        assert curves.grid.overlays == ()
        await press(pilot, "space")
        await go_to(pilot, "fixed-3")
        assert "1 run can't be read" in screen_text(app)
        assert "loss" in [overlay.name for overlay in curves.grid.overlays]


async def test_two_hundred_marked_runs_lie_over_one_another_and_more_are_counted(tmp_path):
    app = explore(make_many(tmp_path, 210))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "a")
        curves = await show_charts(pilot)
        loss = next(overlay for overlay in curves.grid.overlays if overlay.name == "loss")
        assert sum(len(curve) > 0 for curve in loss.curves) >= 200
        assert "the first 200 of 210 marked runs" in screen_text(app)
        assert "more" in screen_text(app).splitlines()[5]
        title = next(line for line in screen_text(app).splitlines() if " loss  " in line and "runs" in line)
        assert "★ " in title


async def test_the_runs_of_a_group_lie_over_one_another():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        curves = await show_charts(pilot)
        await press(pilot, "b", "enter")
        table = app.screen.table
        of_group = [run.run_id for run in app.feed.rows(table.groups[0].row_ids)]
        assert names_of(curves) == of_group
        assert len(of_group) == 6
        await press(pilot, "down")
        assert names_of(curves) == of_group[:1]
        await press(pilot, "space", "up", "up")
        assert names_of(curves) == of_group


async def test_of_a_large_group_as_many_runs_are_shown_as_fit_and_it_is_said_how_many(tmp_path):
    app = explore(make_many(tmp_path, 210))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        shown = CurvesReader(app.feed).read(frozenset(), range(1, 211), range(1, 211), lambda: True)
        assert shown.note == "the first 200 of 210 runs of the group"
        assert len(shown.names) == 200


async def test_a_live_run_grows():
    store = Path.home() / "live" / ".run_log_store"
    with start_run(store=store, run_id="live") as run, run.step("train", capture=False) as step:
        for number in range(10):
            step.track(step=number, loss=1 / (number + 1))
        app = explore(Path.home() / "live")
        async with app.run_test(size=WIDE) as pilot:
            await settle(pilot)
            await show_charts(pilot)
            assert "0.1" in screen_text(app)
            for number in range(10, 40):
                step.track(step=number, loss=1 / (number + 1))
            app.updates.verify()
            await until_shown(pilot, "0.025")


async def test_where_there_is_room_for_one_pane_charts_take_the_lists_place():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        curves = await show_charts(pilot)
        assert not app.screen.table.display
        assert curves.is_focused
        await press(pilot, "escape")
        assert app.screen.table.display
        assert app.screen.table.has_focus
        assert app.settings.preview == "facts"


async def test_a_filter_is_typed_while_charts_are_in_the_lists_place():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        curves = await show_charts(pilot)
        await press(pilot, "slash", *"id:fixed-9", "enter")
        assert app.screen.query_text == "id:fixed-9"
        assert names_of(curves) == ["fixed-9"]


async def test_one_key_opens_a_chart_and_escape_goes_back_one_layer_at_a_time():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await go_to(pilot, "fixed-3")
        curves = await show_charts(pilot)
        await press(pilot, "tab", "right", "enter")
        assert curves.shows_one
        assert "accuracy" in screen_text(app)
        await press(pilot, "down", "colon", "7", "enter", "y")
        assert curves.chart.cursor == 7
        assert curves.grid.current.name == "lr"
        assert "step 7" in app.clipboard
        await press(pilot, "escape")
        assert not curves.shows_one
        await press(pilot, "colon", "8", "enter", "escape")
        assert curves.grid.crosshair is None
        assert curves.is_focused
        await press(pilot, "escape")
        assert app.screen.table.has_focus


async def test_a_look_that_is_chosen_in_a_run_holds_beside_the_list():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await go_to(pilot, "fixed-3")
        curves = await show_charts(pilot)
        await press(pilot, "enter", "2", "L", "escape", "escape", "escape")
        assert app.screen.table.has_focus
        assert curves.grid.look.log


async def test_the_line_between_the_panes_is_moved_by_keys_and_by_the_mouse_and_stays_there():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await show_charts(pilot)
        side = app.screen.side
        before = side.outer_size.width
        await press(pilot, "less_than_sign")
        assert side.outer_size.width > before
        await press(pilot, "greater_than_sign", "greater_than_sign")
        assert side.outer_size.width < before
        await pilot.mouse_down(side, offset=(0, 20))
        await pilot.hover(offset=(50, 22))
        await pilot.mouse_up(offset=(50, 22))
        await settle(pilot)
        assert side.region.x == 50
        await press(pilot, "p", "p")
        facts = side.outer_size.width
        await press(pilot, "p")
        assert side.region.x == 50
        assert facts != side.outer_size.width
    assert app.settings.widths == {"charts": 110}


async def test_no_pane_is_made_so_wide_that_the_list_is_gone():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await show_charts(pilot)
        await press(pilot, *["less_than_sign"] * 12)
        assert "fixed-11" in screen_text(app).splitlines()[3].partition("▏")[0]


async def test_charts_alone_fill_the_screen_and_the_list_comes_back():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await show_charts(pilot)
        await press(pilot, "tab", "z")
        assert not app.screen.table.display
        assert app.screen.side.outer_size.width == 160
        await press(pilot, "z")
        assert app.screen.table.display
        assert app.screen.side.display


@BOTH_SIZES
@pytest.mark.parametrize("count", [1, 2, 3, 5, 9, 30])
async def test_no_cell_of_a_full_page_is_wasted_beyond_a_tenth(tmp_path, size, count):
    root = tmp_path / ".run_log_store"
    root.mkdir()
    metrics = {f"metric {number}": {str(step): step / (number + 1) for step in range(9)} for number in range(count)}
    step = {"internal_name": "train", "status": "SUCCESS", "attempts": [], "user_defined_metrics": metrics}
    log = {"run_id": "one", "status": "SUCCESS", "dag_hash": "", "use_cached": "", "steps": {"train": step}}
    (root / "one.json").write_text(json.dumps(log))
    app = explore(tmp_path)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        grid = (await show_charts(pilot)).grid
        assert grid.charts_height() >= grid.size.height - len(("legend", "pages"))
        cells = sum(box.width * box.height for row in grid.boxes for box in row)
        assert cells >= 0.9 * grid.size.width * grid.charts_height()


async def test_the_star_goes_where_the_user_says_that_it_is_best():
    app = explore(at_home("magnus-sweep"), columns='["metric.accuracy"]')
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await go_to(pilot, "fixed-6")
        await press(pilot, "space", "space", "space")
        curves = await show_charts(pilot)

        def greatest_with_star():
            lines = [curves.grid.render_line(y).text for y in range(curves.grid.size.height)]
            return max(map(float, re.findall(r"★ ([\d.]+)", "".join(lines))))

        greatest = greatest_with_star()
        await press(pilot, "M")
        assert app.settings.best == {"accuracy": "min"}
        assert greatest_with_star() < greatest
