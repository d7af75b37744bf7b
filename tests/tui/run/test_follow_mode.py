"""A run that goes on, as it is looked at and as it is followed, while values are tracked and lines are printed."""

import contextlib
from pathlib import Path

import pytest

from magnus_tracking import start_run
from magnus_tui.run.log_lines import LogLines
from magnus_tui.run.metric_table import MetricTable
from magnus_tui.widgets.metric_chart import MetricChart
from support.explorer import SIZE_NAMES, SIZES, at_home, explore, open_run, press, screen_text, settle, until_shown
from support.replay import replayed

BOTH_SIZES = pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
STEPS = 200


@contextlib.contextmanager
def training():
    """A run in its first step, which has tracked some values and printed some lines."""
    store = Path.home() / "live" / ".run_log_store"
    with start_run(store=store, run_id="live") as run, run.step("train", capture=False) as step:
        go_on(step, range(STEPS))
        yield step


def go_on(step, numbers):
    for number in numbers:
        step.track(step=number, loss=1 / (number + 1), accuracy=number / 1000)
        step.log(f"epoch {number} is over\n")


@contextlib.asynccontextmanager
async def looked_at(size, tab):
    """The run on the screen with a tab in front; nothing arrives by itself as long as it is not followed."""
    app = explore(Path.home() / "live")
    async with app.run_test(size=size) as pilot:
        await open_run(pilot, "live", tab=tab)
        yield pilot


async def arrive(pilot):
    """What was tracked and printed meanwhile is read, as it is where the store is followed."""
    pilot.app.updates.verify()
    await settle(pilot)
    pilot.app.screen.details.grow_older(pilot.app.now())
    await settle(pilot)


def title(app):
    return screen_text(app).splitlines()[0]


@BOTH_SIZES
async def test_one_key_in_a_run_shows_what_its_running_step_prints_as_it_comes(size):
    with training() as step:
        async with looked_at(size, None) as pilot:
            await press(pilot, "F")
            assert "following" in title(pilot.app)
            go_on(step, [STEPS])
            await until_shown(pilot, "epoch 200 is over")


@BOTH_SIZES
async def test_the_table_keeps_the_newest_step_in_view(size):
    with training() as step:
        async with looked_at(size, "metrics") as pilot:
            await press(pilot, "v", "F")
            assert "following" in title(pilot.app)
            go_on(step, range(STEPS, STEPS + 150))
            await until_shown(pilot, "  349  ")
            table = pilot.app.screen.query_one(MetricTable)
            assert table.steps[table.cursor] == 349


@BOTH_SIZES
async def test_a_zoomed_chart_moves_on_with_the_newest_value_and_stays_as_wide_as_it_is(size):
    with training() as step:
        async with looked_at(size, "metrics") as pilot:
            await press(pilot, "enter", "F", "plus", "plus", "plus")
            chart = pilot.app.screen.query_one(MetricChart)
            width = chart.window.last - chart.window.first
            assert chart.window.last == STEPS - 1
            go_on(step, range(STEPS, STEPS + 50))
            await until_shown(pilot, "step 249")
            assert chart.window.last == pytest.approx(249)
            assert chart.window.last - chart.window.first == pytest.approx(width)
            assert "following" in title(pilot.app)


@BOTH_SIZES
async def test_the_log_tails(size):
    with training() as step:
        async with looked_at(size, "log") as pilot:
            assert "F follows" in title(pilot.app)
            await press(pilot, "F")
            step.log("a line that comes later\n" * 300 + "the last line\n")
            await until_shown(pilot, "the last line")
            step.log("and one more\n")
            await until_shown(pilot, "and one more")
            assert "following" in title(pilot.app)


async def test_without_following_new_values_move_neither_cursor_nor_scroll_nor_zoom():
    with training() as step:
        async with looked_at((120, 30), "metrics") as pilot:
            await press(pilot, "v", "end", "up", "up")
            table = pilot.app.screen.query_one(MetricTable)
            seen = (table.steps[table.cursor], table.scroll_offset.y)
            go_on(step, range(STEPS, STEPS + 50))
            await arrive(pilot)
            assert table.steps[-1] == 249
            assert (table.steps[table.cursor], table.scroll_offset.y) == seen

            await press(pilot, "v", "enter", "end", "plus", "plus")
            chart = pilot.app.screen.query_one(MetricChart)
            seen = (chart.window, chart.cursor)
            go_on(step, range(250, 300))
            await arrive(pilot)
            assert chart.curves[0].indexes[-1] == 299
            assert (chart.window, chart.cursor) == seen


async def test_steps_that_come_in_between_do_not_move_what_is_seen_of_the_table():
    with training() as step:
        async with looked_at((120, 30), "metrics") as pilot:
            await press(pilot, "v", *["pagedown"] * 3)
            table = pilot.app.screen.query_one(MetricTable)
            at = (table.steps[table.cursor], table.steps[table.scroll_offset.y])
            for number in range(-20, 0):
                step.track(step=number, warm_up=1.0)
            await arrive(pilot)
            assert table.steps[0] == -20
            assert (table.steps[table.cursor], table.steps[table.scroll_offset.y]) == at


@pytest.mark.parametrize("keys", [["end"], ["end", "up", "up"], ["home"]], ids=["at the end", "above it", "far away"])
async def test_without_following_the_log_grows_below_what_is_read(keys):
    with training() as step:
        async with looked_at((120, 30), "log") as pilot:
            await press(pilot, *keys)
            lines = pilot.app.screen.query_one(LogLines)
            seen = (lines.copy_text(), lines.scroll_offset.y)
            step.log("a line that comes later\n" * 100)
            go_on(step, [STEPS])
            await arrive(pilot)
            assert (lines.copy_text(), lines.scroll_offset.y) == seen
            await press(pilot, "end")
            assert lines.copy_text() == "epoch 200 is over"


@pytest.mark.parametrize(
    ("tab", "before", "away", "back"),
    [
        ("metrics", ["v"], ["up"], "  349  "),
        ("metrics", ["v"], ["pageup"], "  349  "),
        ("metrics", ["enter"], ["home"], "step 349"),
        ("metrics", ["enter", "end", "plus", "plus"], ["pageup"], "step 349"),
        ("log", [], ["up"], "epoch 349 is over"),
        ("log", [], ["home"], "epoch 349 is over"),
    ],
    ids=["table, a row", "table, a page", "chart, crosshair", "zoomed chart, crosshair", "log, a line", "log, begin"],
)
async def test_moving_away_pauses_and_following_goes_on_by_the_same_key(tab, before, away, back):
    with training() as step:
        async with looked_at((120, 30), tab) as pilot:
            await press(pilot, *before, "F", *away)
            assert "paused (F)" in title(pilot.app)
            above = [line.split("▏")[-1] for line in screen_text(pilot.app).splitlines()[8:20]]
            if tab == "log" or before == ["v"]:
                go_on(step, range(STEPS, STEPS + 150))
                await arrive(pilot)
                after = [line.split("▏")[-1] for line in screen_text(pilot.app).splitlines()[8:20]]
                assert [line.rstrip("▁▂▃▄▅▆▇█ ") for line in after] == [line.rstrip("▁▂▃▄▅▆▇█ ") for line in above]
            else:
                chart = pilot.app.screen.query_one(MetricChart)
                seen = (chart.window, chart.cursor)
                go_on(step, range(STEPS, STEPS + 150))
                await arrive(pilot)
                assert (chart.window, chart.cursor) == seen
            assert "paused (F)" in title(pilot.app)
            await press(pilot, "F")
            await until_shown(pilot, back)
            assert "following" in title(pilot.app)


async def test_one_part_is_paused_while_the_others_are_followed():
    with training() as step:
        async with looked_at((120, 30), "log") as pilot:
            await press(pilot, "F", "up")
            assert "paused" in title(pilot.app)
            await press(pilot, "2", "v")
            assert "following" in title(pilot.app)
            go_on(step, range(STEPS, STEPS + 10))
            await until_shown(pilot, "  209  ")
            await press(pilot, "F")
            assert "following" not in title(pilot.app)
            assert "paused" not in title(pilot.app)


async def test_a_run_that_has_ended_is_not_offered_to_be_followed():
    with training():
        async with looked_at((120, 30), "log") as pilot:
            assert "F follow" in screen_text(pilot.app)
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await open_run(pilot, "fixed-9", tab="log")
        assert "F follow" not in screen_text(app)
        await press(pilot, "F")
        assert "following" not in title(app)


async def test_the_end_of_the_run_is_seen_by_who_follows_it():
    with contextlib.ExitStack() as stack:
        step = stack.enter_context(training())
        async with looked_at((120, 30), "metrics") as pilot:
            await press(pilot, "v", "F")
            go_on(step, range(STEPS, STEPS + 10))
            stack.close()
            await until_shown(pilot, "  209  ", "success")
            assert "following" not in title(pilot.app)


async def test_the_end_of_a_run_that_is_followed_calls_its_user_back():
    replay, driver = replayed(120, 30)
    with contextlib.ExitStack() as ends:
        ends.enter_context(training())
        app = explore(Path.home() / "live")
        app.driver_class = driver
        async with app.run_test(headless=False, size=(120, 30), notifications=True) as pilot:
            await open_run(pilot, "live", tab="metrics")
            await press(pilot, "F")
            assert "\x1b]9;" not in "".join(replay.sent)
            ends.close()
            await until_shown(pilot, "live has ended: success")
            assert "\a\x1b]9;live has ended: success\a" in "".join(replay.sent)
