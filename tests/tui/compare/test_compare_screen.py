"""Comparisons as their user meets them."""

import json
import re

import pytest

from magnus_tracking.errors import MagnusTrackingError
from magnus_tui.compare.screen import CompareScreen
from magnus_tui.compare.sources import RunsSource, StepSource
from support.explorer import SIZE_NAMES, SIZES, at_home, explore, press, screen_text, settle, until_shown
from support.lookalikes import LOOKALIKES, make_lookalikes

TWO = ["fixed-1", "fixed-9"]
TWELVE = [
    *("fixed-1", "fixed-2", "fixed-3", "fixed-4", "fixed-6", "fixed-8"),
    *("fixed-9", "fixed-11", "sweep-1", "sweep-10", "sweep-11", "sweep-2"),
]


async def open_comparison(pilot, compared):
    await settle(pilot)
    pilot.app.push_screen(CompareScreen(pilot.app.feed, compared))
    await settle(pilot)


def opened_on(compared, *keys):
    async def before(pilot):
        await open_comparison(pilot, compared)
        await press(pilot, *keys)
        await settle(pilot)

    return before


def cells_of(app, key):
    """The words of the line of a key."""
    line = next(line for line in screen_text(app).splitlines() if line.strip().startswith(f"{key} "))
    return beside_charts(line).split()


def beside_charts(line):
    """The part of a line that is the table's."""
    return line.partition("▏")[0]


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
@pytest.mark.parametrize("runs", [TWO, TWELVE], ids=["two", "twelve"])
def test_runs_side_by_side(snap_compare, size, runs):
    assert snap_compare(explore(at_home("magnus-sweep")), terminal_size=size, run_before=opened_on(runs))


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
def test_the_last_of_twelve_columns(snap_compare, size):
    before = opened_on(TWELVE, *["right"] * 11, *["down"] * 8)
    assert snap_compare(explore(at_home("magnus-sweep")), terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
def test_charts_of_all_metrics_take_the_place_of_the_table_where_there_is_little_room(snap_compare, size):
    before = opened_on(TWELVE, "p" if size[1] < 32 else "tab", "right", "right")
    assert snap_compare(explore(at_home("magnus-sweep")), terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", [(160, 45), (80, 24), (220, 60)], ids=["160x45", "80x24", "220x60"])
def test_charts_of_all_metrics_beside_the_table_at_a_step(snap_compare, size):
    before = opened_on(["fixed-1", "fixed-3"], "p" if size[1] < 32 else "tab", "colon", *"120", "enter")
    assert snap_compare(explore(at_home("magnus-sweep")), terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
def test_one_chart_in_full_below_or_instead_of_the_table(snap_compare, size):
    before = opened_on(TWELVE, "p" if size[1] < 32 else "tab", "enter", "right", "right")
    assert snap_compare(explore(at_home("magnus-sweep")), terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
def test_the_branches_of_a_map(snap_compare, size):
    before = opened_on(StepSource("swarm-raman-1645", "map_state"))
    assert snap_compare(explore(at_home("runnable-examples")), terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
async def test_every_run_id_can_be_read_by_going_right(size):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=size) as pilot:
        await open_comparison(pilot, TWELVE)
        for run_id in TWELVE:
            assert run_id in screen_text(app).splitlines()[2].split()
            assert cells_of(app, "lr")[0] == "lr"
            await press(pilot, "right")


async def test_only_differences_are_shown_until_all_rows_are_asked_for():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_comparison(pilot, TWO)
        assert "depth" not in screen_text(app)
        assert "differences only" in screen_text(app)
        await press(pilot, "d")
        assert "depth" in screen_text(app)


async def test_the_baseline_is_the_column_under_the_cursor():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_comparison(pilot, TWO)
        assert cells_of(app, "seed") == ["seed", "1", "9", "+8"]
        await press(pilot, "right", "space")
        assert cells_of(app, "seed") == ["seed", "1", "-8", "9"]
        assert "baseline fixed-9" in screen_text(app)


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
async def test_an_ignored_key_is_gone_now_and_in_the_next_session(size):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=size) as pilot:
        await open_comparison(pilot, TWO)
        while app.screen.table.current.name != "parameters.seed":
            await press(pilot, "down")
        await press(pilot, "i")
        assert not any(line.strip().startswith("seed ") for line in screen_text(app).splitlines())
        assert "1 ignored" in screen_text(app)
        assert "I shows " in screen_text(app)
        assert "parameters.seed" in app.settings_file.read_text("utf-8")
        await press(pilot, "I")
        assert "i stops ignoring" in screen_text(app)
        assert cells_of(app, "seed")
        while app.screen.table.current.name != "parameters.seed":
            await press(pilot, "up")
        await press(pilot, "i")
        assert app.settings.ignore == ()


async def test_rows_are_filtered_as_it_is_typed_and_escape_goes_back_one_layer_at_a_time():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_comparison(pilot, TWO)
        await press(pilot, "slash", *"grad", "enter")
        names = [line.row.key for line in app.screen.table.lines if line.row]
        assert names == ["grad_norm", "min(grad_norm)", "max(grad_norm)"]
        await press(pilot, "escape")
        assert len(app.screen.table.lines) > 10
        await press(pilot, "tab", "escape")
        assert app.screen.table.has_focus
        await press(pilot, "escape")
        assert not isinstance(app.screen, CompareScreen)


async def test_sorted_by_difference_the_rows_name_their_sections():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_comparison(pilot, TWO)
        await press(pilot, "s")
        rows = [line.row for line in app.screen.table.lines]
        assert None not in rows
        distances = [row.distance(0) for row in rows]
        assert distances == sorted(distances, reverse=True)
        assert "parameters · lr" in screen_text(app)


async def test_the_cell_under_the_cursor_is_copied_in_full():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await open_comparison(pilot, TWO)
        while app.screen.table.current.name != "metrics.loss":
            await press(pilot, "down")
        await press(pilot, "y")
        assert json.loads(app.clipboard) == app.screen.table.current.values[0]


async def test_the_chart_of_the_metric_under_the_cursor_is_marked_and_each_run_keeps_its_colour():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_comparison(pilot, ["sweep-1", "fixed-9", "fixed-2"])
        grid = app.screen.curves.grid
        assert grid.current.name == "loss"
        while app.screen.table.current.name != "metrics.accuracy":
            await press(pilot, "down")
        assert grid.current.name == "accuracy"
        assert [curve.label for curve in grid.current.curves] == ["sweep-1", "fixed-9", "fixed-2"]
        for overlay in grid.overlays:
            assert overlay.name in screen_text(app)
        await press(pilot, "tab", "enter")
        assert app.screen.curves.chart.curves == grid.current.curves
        await press(pilot, "escape", "escape")
        assert app.screen.table.has_focus


async def test_charts_stand_beside_a_table_that_leaves_room_and_the_line_between_them_is_moved():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(220, 60)) as pilot:
        await open_comparison(pilot, TWO)
        table, curves = app.screen.table, app.screen.curves
        assert curves.region.x > table.region.right - 1
        assert "+23,716 %" in screen_text(app)
        before = curves.size.width
        await press(pilot, "less_than_sign")
        assert curves.size.width > before
        await press(pilot, "p")
        assert not curves.is_on_screen
        assert table.size.width > 200
    assert app.settings.widths == {"comparison": before + 8 + 1}


async def test_a_comparison_without_curves_says_so():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_comparison(pilot, StepSource("swarm-raman-1645", "map_state"))
        assert "charts" in screen_text(app).splitlines()[-1]
        await press(pilot, "p")
        assert "no metric here has more than one value" in screen_text(app)


async def test_the_other_extreme_of_a_metric_has_no_best():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_comparison(pilot, ["fixed-1", "fixed-3"])
        rows = [line for line in app.screen.table.lines if line.row and line.row.section == "metrics"]
        starred = {line.row.key for line in rows if any(cell.best for cell in line.cells)}
        assert starred == {"loss", "min(loss)", "accuracy", "max(accuracy)"}


async def test_the_best_direction_of_a_metric_can_be_chosen():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_comparison(pilot, ["fixed-1", "fixed-3"])
        while app.screen.table.current.name != "metrics.loss":
            await press(pilot, "down")
        assert [cell.best for cell in app.screen.table.lines[app.screen.table.cursor].cells] == [False, True]
        await press(pilot, "M", "M")
        assert app.settings.best == {"loss": "max"}
        assert [cell.best for cell in app.screen.table.lines[app.screen.table.cursor].cells] == [True, False]


async def test_a_run_that_is_gone_is_told_and_the_others_are_compared():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_comparison(pilot, ["fixed-1", "not-there", "fixed-3"])
        assert beside_charts(screen_text(app).splitlines()[2]).split()[::2] == ["fixed-1", "fixed-3"]


async def test_nothing_to_compare_says_why():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await open_comparison(pilot, ["not-there"])
        assert "no run 'not-there'" in screen_text(app)


async def test_runs_without_differences_say_so():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await open_comparison(pilot, ["fixed-1", "fixed-1"])
        assert "no differences" in screen_text(app)


ATTEMPTS = StepSource("swarm-raman-1645", "map_state.1.execute_python")


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
def test_the_attempts_of_a_step(snap_compare, size):
    before = opened_on(ATTEMPTS)
    assert snap_compare(explore(at_home("runnable-examples")), terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
def test_the_difference_of_two_attempts_logs(snap_compare, size):
    before = opened_on(ATTEMPTS, "D")
    assert snap_compare(explore(at_home("runnable-examples")), terminal_size=size, run_before=before)


async def test_the_reason_of_an_attempt_is_what_its_log_says():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_comparison(pilot, ATTEMPTS)
        assert "ValueError: Environment" in " ".join(cells_of(app, "reason"))


async def test_the_log_of_the_attempt_that_failed_has_lines_that_the_other_has_not():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_comparison(pilot, ATTEMPTS)
        await press(pilot, "D")
        removed = [line.text for line in app.screen.view.lines if line.kind == "removed"]
        assert any("Environment variable check failed!" in text for text in removed)
        shown = screen_text(app)
        assert "≈ [16:51:" in shown
        assert "≈ alike but for times and addresses" in shown
        await press(pilot, "escape")
        assert isinstance(app.screen, CompareScreen)


async def test_the_crosshair_reads_all_twelve_runs_at_one_step():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await open_comparison(pilot, TWELVE)
        await press(pilot, "p", "enter", "right", "right")
        text = screen_text(app)
        assert "step 1" in text
        for curve in app.screen.curves.chart.curves:
            line = next(line for line in text.splitlines() if f" {curve.label} " in line)
            value = line.partition(f" {curve.label} ")[2].split()[0]
            if curve.values:
                assert float(value) == pytest.approx(curve.values[1], rel=1e-5)
            else:
                assert value == "–"


async def test_the_line_of_details_reads_the_step_of_the_crosshair():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_comparison(pilot, ["fixed-8", "fixed-6"])
        while app.screen.table.current.key != "loss":
            await press(pilot, "down")
        last = detail_of(app)
        curve = app.screen.curves.grid.current.curves[0]
        assert float(last) == curve.values[-1]
        await press(pilot, "tab", "colon", *"120", "enter")
        assert detail_of(app) == str(curve.values[120])
        assert "metrics.loss at step 120  fixed-8  " in screen_text(app)
        await press(pilot, "right")
        assert "metrics.accuracy at step 120  fixed-8  " in screen_text(app)
        await press(pilot, "left", "enter", "colon", *"119", "enter")
        assert "metrics.loss at step 119  fixed-8  " in screen_text(app)
        assert detail_of(app) == str(curve.values[119])
        await press(pilot, "escape", "shift+tab", "right")
        assert "metrics.loss at step 120  fixed-6  " in screen_text(app)
        assert " against fixed-8" in screen_text(app)
        await press(pilot, "tab", "escape", "shift+tab", "left")
        assert detail_of(app) == last


@pytest.mark.parametrize(("size", "keys"), [((80, 24), []), ((160, 45), []), ((160, 45), ["p"]), ((160, 45), ["z"])])
async def test_tab_goes_to_the_charts_and_back_also_where_they_were_not_shown(size, keys):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=size) as pilot:
        await open_comparison(pilot, ["fixed-8", "fixed-6"])
        await press(pilot, *keys, "tab")
        assert app.screen.curves.is_focused
        assert "loss" in screen_text(app)
        await press(pilot, "tab")
        assert app.screen.table.has_focus
        assert app.screen.table.display


async def test_a_step_with_one_attempt_leads_to_the_branches_that_it_is_in():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_comparison(pilot, StepSource("swarm-raman-1645", "map_state.1.execute_shell"))
        assert "compare inside map_state" in screen_text(app)
        await press(pilot, "escape")
        await open_comparison(pilot, StepSource("swarm-raman-1645", "collect"))
        assert "neither 'collect' nor a step around it" in screen_text(app)


async def test_the_line_of_details_shows_what_tells_the_values_of_a_row_apart(tmp_path):
    app = explore(make_lookalikes(tmp_path))
    async with app.run_test(size=(120, 40)) as pilot:
        await open_comparison(pilot, ["one", "two"])
        details = {}
        for _ in range(len(LOOKALIKES) + 1):
            row = app.screen.table.current
            for key in ("left", "right"):
                await press(pilot, key)
                await settle(pilot)
                details.setdefault(row.key, []).append(detail_of(app))
            await press(pilot, "down")
        assert details["trailing blank"] == ['"a␣"', '"a"']
        assert details["tab"] == ['"a\\tb"', '"a b"']
        assert details["composed"] == ['"é"', '"e\\u0301"']
        assert details["null or missing"] == ["null", "–"]
        assert all(one != two for one, two in details.values())


def detail_of(app):
    """The value that the line below the table tells in full."""
    return str(app.screen.query_one("#compare-detail").content).split("  ")[2]


async def test_keys_that_can_do_nothing_here_say_what_they_need():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_comparison(pilot, ["fixed-1", "fixed-3"])
        while app.screen.table.current.metric is not None:
            await press(pilot, "down")
        await press(pilot, "M")
        said = [notification.message for notification in app._notifications]
        assert said == ["put the cursor on a metric first"]
        assert app.settings.best == {}


async def test_only_a_comparison_of_attempts_offers_the_difference_of_logs():
    app = explore(at_home("runnable-examples"))
    branches = StepSource("stable-euclid-1647", "map_state.1.execute_python")
    async with app.run_test(size=(220, 20)) as pilot:
        await open_comparison(pilot, ATTEMPTS)
        assert "D log diff" in screen_text(app)
        for compared in (branches, ["stable-euclid-1647", ATTEMPTS.run_id]):
            await open_comparison(pilot, compared)
            shown = screen_text(app)
            assert "baseline" in shown
            assert "log diff" not in shown
            await press(pilot, "D")
            assert screen_text(app) == shown
        with pytest.raises(MagnusTrackingError, match="only attempts of one step have logs"):
            branches.compare_logs(app.feed, (0, 1))


async def test_the_cursor_may_move_while_fewer_runs_are_being_shown():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(140, 30)) as pilot:
        await open_comparison(pilot, TWELVE)
        screen = app.screen
        screen.table.column = 11
        await settle(pilot)
        screen._show(RunsSource(tuple(TWO)).load(app.feed, app.now()))
        screen.table.column = 10
        screen.action_baseline()
        await settle(pilot)
        assert [heading.name for heading in screen.table.headings] == TWO
        assert screen.table.column == 1


async def test_enter_on_a_metric_opens_its_curves_at_the_step_that_tracked_it():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_comparison(pilot, ["fixed-1", "fixed-3"])
        while app.screen.table.current.name != "metrics.loss":
            await press(pilot, "down")
        await press(pilot, "right", "enter")
        assert app.screen.run_id == "fixed-3"
        assert app.screen.details.tab == "metrics"
        assert app.screen.steps.current.step == "train model"


async def test_no_two_values_that_differ_look_alike_where_there_is_little_room(store_copy):
    app = explore(store_copy("sample_runs"))
    async with app.run_test(size=(80, 24)) as pilot:
        await open_comparison(pilot, RunsSource(["tracked-sweep-2", "tracked-sweep-3", "tracked-sweep-4"]))
        lines = [line for line in screen_text(app).splitlines() if line.startswith("   ")]
        values = [re.split(r"  +", line.strip()) for line in lines]
        started = next(shown for shown in values if shown[0] == "started")
        assert started[1].startswith("…")
        assert all(shown[1] != shown[2] for shown in values if len(shown) > 2)


async def test_names_that_differ_look_different_in_the_list_the_preview_a_run_and_a_comparison(tmp_path):
    for run_id in ("a", "b"):
        step = {"name": "s", "internal_name": "s", "status": "SUCCESS", "user_defined_metrics": {"acc": 1, "acc ": 2}}
        log = {
            "run_id": run_id,
            "status": "SUCCESS",
            "steps": {"s": step},
            "parameters": {"lr": run_id, "lr ": run_id * 2},
        }
        (tmp_path / f"{run_id}.json").write_text(json.dumps(log))
    app = explore(tmp_path)
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        await until_shown(pilot, '"lr"', '"lr␣"', '"acc"', '"acc␣"')
        await press(pilot, "space", "down", "space", "c")
        await until_shown(pilot, '"lr"', '"lr␣"')
        await press(pilot, "escape", "enter", "3")
        await until_shown(pilot, '"lr"', '"lr␣"')
