import itertools
import json
import math
import re
import tomllib
from pathlib import Path

import pytest
from benchmarks.shapes import Shape, write_run

from magnus_tracking.query.grouping import Group
from magnus_tracking.stores import open_store
from magnus_tui.app.explorer import ExplorerApp
from magnus_tui.runs.groups import arrange
from magnus_tui.runs.history import HistoryChart
from magnus_tui.widgets.filter_bar import FilterInput
from magnus_tui.widgets.key_bar import KeyBar
from support.bad_input import make_bad_store
from support.explorer import SIZE_NAMES, SIZES, at_home, explore, press, screen_text, settle
from support.many_runs import make_many

BAD_BYTES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
@pytest.mark.parametrize("store", ["magnus-sweep", "runnable-0.36.1"])
def test_the_list_of_runs(snap_compare, size, store):
    app = explore(at_home(store))
    assert snap_compare(app, terminal_size=size, run_before=settle)


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
def test_the_preview_of_a_failed_run(snap_compare, size):
    async def before(pilot):
        await settle(pilot)
        await press(pilot, "n", *(["p"] if size[0] < 110 else []))

    assert snap_compare(explore(at_home("magnus-reruns")), terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
def test_groups_with_counts_and_the_best_value(snap_compare, size):
    async def before(pilot):
        await settle(pilot)
        await press(pilot, "b", "enter")

    assert snap_compare(explore(at_home("magnus-sweep")), terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
def test_a_metric_over_the_runs_of_its_pipeline(snap_compare, size):
    async def before(pilot):
        await settle(pilot)
        await press(pilot, "v", "left")

    assert snap_compare(explore(at_home("magnus-sweep")), terminal_size=size, run_before=before)


async def test_at_160_columns_nothing_that_matters_is_cut():
    app = explore(at_home("magnus-reruns"), columns='["param.lr", "metric.loss"]')
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        text = screen_text(app)
        heading = next(line for line in text.splitlines() if " run " in line)
        for title in ("tag", "started", "took", "steps", "↻", "failing step", "lr", "loss"):
            assert title in heading
        for shown in ("lr-too-high-rerun", "absolute-catalog", "retry-demo", "train model", "Retrieve Content"):
            assert shown in text
        assert app.screen.preview.display


async def test_the_filter_applies_as_it_is_typed_and_escape_clears_it():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"status:fail")
        assert len(app.screen.table.row_ids) == 2
        await press(pilot, "enter")
        assert app.screen.filter_bar.query_text == "status:fail"
        assert app.screen.table.has_focus
        await press(pilot, "escape")
        assert len(app.screen.table.row_ids) == 15


async def test_a_query_that_can_not_be_parsed_says_why_and_keeps_the_runs():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"status:fail ")
        await press(pilot, *"and (")
        assert len(app.screen.table.row_ids) == 2
        assert "expected" in screen_text(app)


async def test_sorting_by_a_metric_puts_missing_and_nan_last_and_is_remembered():
    app = explore(at_home("magnus-sweep"), columns='["param.lr", "metric.loss"]', sort='["metric.loss"]')
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        runs = app.feed.rows(app.screen.table.row_ids)
        losses = [run.metrics["loss"].last if "loss" in run.metrics else None for run in runs]
        numbers = [loss for loss in losses if loss is not None and loss == loss]
        assert losses[: len(numbers)] == sorted(numbers)
        await press(pilot, "S")
        assert app.feed.rows(app.screen.table.row_ids)[0].metrics["loss"].last == max(numbers)
    assert 'sort = ["-metric.loss"]' in app.settings_file.read_text()


@pytest.mark.parametrize("by", ["filter", "sort"])
async def test_minima_that_a_first_reading_left_out_appear_once_they_are_asked_for(tmp_path, by):
    project = make_many(tmp_path / "many")
    without = [run.metrics["loss"].min for run in open_store(project).runs()]
    sort = '["min(metric.loss)"]' if by == "sort" else '["-started"]'
    app = explore(project, sort=sort)
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        if by == "filter":
            await press(pilot, "slash", *"min(metric", "full_stop", *"loss)<0.02")
            await settle(pilot)
        shown = [run.metrics["loss"].min for run in app.feed.rows(app.screen.table.row_ids)]
        expected = sorted(without) if by == "sort" else [least for least in without if least < 0.02]
        assert shown == expected
        assert "reading" not in screen_text(app)


@pytest.mark.parametrize("used", [["enter", "escape"], ["p"]])
async def test_a_first_start_says_which_keys_come_first_until_one_was_used(used):
    project = at_home("magnus-sweep")
    app = explore(project)
    app.settings_file.write_text("follow = false\n")
    app = ExplorerApp(app.feed.store, settings_file=app.settings_file)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "enter opens a run · / filters · ? explains the rest" in screen_text(app).splitlines()[1]
        await press(pilot, *used)
        assert "opens a run" not in screen_text(app).splitlines()[1]
    assert tomllib.loads(app.settings_file.read_text())["welcome"] is False


@pytest.mark.parametrize("width", [80, 160])
async def test_the_line_of_a_filter_says_how_one_is_typed_only_while_it_is(width):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(width, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "slash")
        assert screen_text(app).splitlines()[1].startswith(" / words or conditions; enter applies, esc clears")
        await press(pilot, "escape")
        assert screen_text(app).splitlines()[1].startswith(" / filter")


@pytest.mark.parametrize("keys", [[], ["s"], ["space"], ["space", "space"]])
async def test_keys_that_the_foot_has_no_room_for_are_named_whole_above_the_list(keys):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, *keys)
        named = app.screen.query_one(FilterInput).placeholder.removesuffix(" …").split("  ")
        assert len(named) > 1
        assert named == ["filter", *app.screen.query_one(KeyBar).left_out][: len(named)]


async def test_sorting_shows_the_top():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 14)) as pilot:
        await settle(pilot)
        first = app.screen.table.current.run_id
        await press(pilot, "S", "G", "S")
        assert app.screen.table.current.run_id == first
        assert (app.screen.table.cursor, app.screen.table.scroll_offset.y) == (0, 0)


async def test_the_best_run_is_one_key_away():
    app = explore(at_home("magnus-sweep"), columns='["metric.loss"]')
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "B")
        losses = [run.metrics["loss"].last for run in app.feed.rows(app.screen.table.row_ids) if "loss" in run.metrics]
        assert app.screen.table.current.metrics["loss"].last == min(loss for loss in losses if loss == loss)


async def test_the_value_under_the_cursor_narrows_the_filter():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"sweep", "enter", "0", "asterisk")
        assert app.screen.query_text == "sweep and status:FAIL"
        await press(pilot, "l", "asterisk")
        assert len(app.screen.table.row_ids) == 1
        assert app.screen.table.has_focus


async def test_all_that_is_listed_is_marked_at_once():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"sweep", "enter", "a")
        assert app.screen.table.marks == {run.run_id for run in app.feed.rows(app.screen.table.row_ids)}


async def test_from_a_run_whose_group_is_folded_the_cursor_goes_to_the_line_of_the_group():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        app.screen.question.group_by = "status"
        app.screen.select()
        await settle(pilot)
        table = app.screen.table
        table.cursor = next(place for place, row in enumerate(table.row_ids) if row == -2) + 2
        await press(pilot, "minus")
        assert table.current_group == table.groups[1]
        assert len(table.row_ids) == len(table.groups)


async def test_all_groups_fold_and_unfold_at_once():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "b", "enter")
        everything = len(app.screen.table.row_ids)
        await press(pilot, "minus")
        assert len(app.screen.table.row_ids) == len(app.screen.table.groups)
        await press(pilot, "plus")
        assert len(app.screen.table.row_ids) == everything


async def test_a_group_gives_the_mean_of_every_metric_that_is_a_column_below_its_heading():
    app = explore(at_home("magnus-sweep"), columns='["metric.loss", "param.lr", "metric.rows"]')
    async with app.run_test(size=(160, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "b", "enter")
        lines = [line.partition("▏")[0] for line in screen_text(app).splitlines()]
        heading, group = lines[2], next(line for line in lines if "sweep-2  " in line)
        assert "mean (n=3, 6 of 6)" in group
        for name, mean in (("loss", "0.3228"), ("rows", "12,000")):
            end = heading.index(name) + len(name)
            assert group[:end].endswith(f" {mean}")
        await press(pilot, "minus")
        folded = next(line for line in screen_text(app).splitlines() if "▸ sweep-2  " in line)
        assert "12,000" in folded


async def test_the_preview_of_a_group_tells_what_its_runs_come_to():
    app = explore(at_home("magnus-sweep"), columns='["metric.loss"]')
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        await press(pilot, "b", "enter")
        shown = [line.partition("▏")[2].strip() for line in screen_text(app).splitlines()]
        assert shown[2:4] == ["sweep-2", "grouped by tag · 6 runs"]
        assert shown[4] == "✔ 3 success  ✘ 2 fail  ◍ 1 stalled"
        assert {"first    2026-11-23 16:49:29", "last     2026-11-23 16:50:21"} <= set(shown)
        took = [run.duration for run in app.feed.rows([1 + place for place in range(15)]) if run.tag == "sweep-2"]
        ended = sorted(seconds for seconds in took if seconds is not None)
        assert f"median   {ended[2] * 1000:.1f} ms" in shown
        assert "n=5, 1 not ended" in shown
        assert "★ 0.05059  fixed-3" in shown
        place = next(place for place, line in enumerate(shown) if line.startswith("loss "))
        assert shown[place].endswith("mean 0.32280")
        assert shown[place + 1].split("  ")[0] == "n=3, 1 NaN, 2 missing"
        assert shown[place + 1].endswith("0.05059 … 0.45891")
        await press(pilot, "down")
        assert "grouped by" not in screen_text(app)


async def test_failed_runs_only_and_back():
    app = explore(at_home("runnable-0.20.0"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        everything = len(app.screen.table.row_ids)
        await press(pilot, "exclamation_mark")
        listed = app.feed.rows(app.screen.table.row_ids)
        assert {run.status for run in listed} == {"FAIL"}
        await press(pilot, "exclamation_mark")
        assert len(app.screen.table.row_ids) == everything


async def test_marks_stay_on_their_runs_and_can_be_cleared():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "space", "space")
        marked = set(app.screen.table.marks)
        await press(pilot, "S")
        assert app.screen.table.marks == marked
        assert len(marked) == 2
        await press(pilot, "u")
        assert not app.screen.table.marks


async def test_the_chosen_columns_are_remembered():
    project = at_home("magnus-sweep")
    app = explore(project, columns='["param.lr"]')
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        await press(pilot, "o", "down", "space", "enter")
        chosen = [column.name for column in app.screen.table.columns if column.name]
        assert len(chosen) == 2
    assert str(chosen[1]) in app.settings_file.read_text()


async def test_a_saved_query_is_recalled():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"tag:sweep-6", "enter", "Q", *"six", "enter")
        await press(pilot, "escape", "Q", "enter")
        assert app.screen.filter_bar.query_text == "tag:sweep-6"


async def test_every_unreadable_run_is_a_marked_row_and_nothing_reaches_the_terminal_raw(tmp_path):
    unreadable = make_bad_store(tmp_path / "project")
    app = explore(tmp_path / "project")
    async with app.run_test(size=(160, 60)) as pilot:
        await settle(pilot)
        rows = {run.run_id: run for run in app.feed.rows(app.screen.table.row_ids)}
        assert unreadable.keys() <= rows.keys()
        assert all(rows[run_id].error for run_id in unreadable)
        for _ in range(len(rows)):
            assert not BAD_BYTES.search(screen_text(app).replace("\n", ""))
            await press(pilot, "j")


async def test_a_mistake_in_the_settings_is_one_line_and_the_defaults_hold():
    app = explore(at_home("magnus-sweep"), preview="7")
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        await settle(pilot)
        assert "preview must be off, facts or charts" in screen_text(app).replace("\n", " ")
        assert len(app.screen.table.row_ids) == 15


async def test_a_failed_run_is_compared_with_the_last_success_of_its_pipeline():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        assert app.screen.table.current.run_id == "fixed-11"
        await press(pilot, "c")
        text = screen_text(app)
        assert "compare 2 runs" in text
        assert "fixed-9" in text
        assert "fixed-11" in text


@pytest.mark.parametrize(
    ("store", "sort"), [("runnable-0.20.0", "-started"), ("magnus-reruns", "-started"), ("magnus-reruns", "started")]
)
async def test_failures_are_a_key_apart_in_both_directions_from_the_first_row_to_the_last(store, sort):
    app = explore(at_home(store), sort=f'["{sort}"]')
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        table = app.screen.table
        failed = [place for place, run in enumerate(app.feed.rows(table.row_ids)) if run.status == "FAIL"]
        assert len(failed) > 2
        for key, way in (("n", [place for place in failed if place > 0]), ("N", failed[-2::-1])):
            for place in way:
                await press(pilot, key)
                assert table.cursor == place
            await press(pilot, key)
            assert table.cursor == way[-1]


def retried(*spans):
    return [{"start_time": f"2026-11-20 {start}", "end_time": f"2026-11-20 {end}"} for start, end in spans]


@pytest.mark.parametrize(
    ("padding", "said"), [(0, True), (9_000_000, False)], ids=["looked into", "too large for that"]
)
async def test_the_preview_says_that_no_reason_was_kept_only_where_it_looked_for_one(padding, said):
    store = Path.home() / "failed" / ".run_log_store"
    store.mkdir(parents=True)
    attempt = {"attempt_number": 1, "start_time": "2026-03-01 10:00:00", "end_time": "", "status": "FAIL"}
    step = {"name": "a", "internal_name": "a", "status": "FAIL", "step_type": "task", "attempts": [attempt]}
    log = {"run_id": "r", "status": "FAIL", "steps": {"a": step}, "parameters": {"padding": "x" * padding}}
    (store / "r.json").write_text(json.dumps(log))
    app = explore(store.parent)
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        assert "✘ a" in screen_text(app)
        assert ("no reason was kept" in screen_text(app)) == said


async def test_the_preview_shows_the_seconds_of_a_retried_step_from_its_first_start_to_its_last_end():
    twice = retried(("10:00:00", "10:00:05"), ("10:01:00", "10:01:30"))
    thrice = retried(("11:00:00", "11:00:01"), ("11:00:10", "11:00:11"), ("11:00:40", "11:00:42"))
    back = retried(("12:00:00", "12:00:05"), ("11:59:00", "12:01:00"))
    store = Path.home() / "retried" / ".run_log_store"
    store.mkdir(parents=True)
    steps = {
        name: {"name": name, "internal_name": name, "status": "SUCCESS", "step_type": "task", "attempts": attempts}
        for name, attempts in {"fetch": twice, "train": thrice, "evaluate": back, "report": twice[:1]}.items()
    }
    (store / "r.json").write_text(json.dumps({"run_id": "r", "status": "SUCCESS", "steps": steps}))
    app = explore(store.parent)
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        shown = [line.rpartition("▏")[2].split() for line in screen_text(app).splitlines()]
        listed = {line[1]: line[2:] for line in shown if len(line) > 1 and line[1] in steps}
        assert listed == {
            "fetch": ["↻1", "1m", "30s"],
            "train": ["↻2", "42.0", "s"],
            "evaluate": ["↻1", "?"],
            "report": ["5.0", "s"],
        }


async def test_where_the_preview_takes_the_place_of_the_list_keys_still_move_in_the_list():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "p", "down", "down")
        assert "fixed-8" in screen_text(app).splitlines()[2]
        await press(pilot, "end")
        assert "sweep-1" in screen_text(app).splitlines()[2]
        await press(pilot, "p", "p", "home", "enter")
        assert app.screen.run_id == "fixed-11"


async def test_the_preview_counts_the_metrics_that_it_does_not_list(tmp_path):
    write_run(tmp_path / ".run_log_store", Shape(metrics=103), "many")
    app = explore(tmp_path)
    async with app.run_test(size=(160, 140)) as pilot:
        await settle(pilot)
        shown = screen_text(app)
    assert "metric_96 " in shown
    assert "metric_97" not in shown
    assert "… 3 more: enter opens the run" in shown


def test_groups_whose_values_look_alike_have_different_titles():
    values = ["", None, True, "true", "a b", "a  b", 0.1]
    _, lines = arrange(
        [Group(value, (place,), {}) for place, value in enumerate(values)], "param.lr", (), None, frozenset(), {}
    )
    assert [line.title for line in lines] == ['""', "no lr", "true", '"true"', '"a b"', '"a␣␣b"', "0.1"]
    assert len({line.key for line in lines}) == len(lines)


async def test_pipelines_are_known_by_their_steps_and_by_their_hash_only_where_these_are_alike(store_copy):
    app = explore(store_copy("sample_runs"))
    async with app.run_test(size=(160, 60)) as pilot:
        await settle(pilot)
        await press(pilot, "b", "down", "enter", "minus")
        titles = [line.title for line in app.screen.table.groups]
        shown = screen_text(app)
    assert "generate_chunks → process_all → collect" in titles
    assert titles[:2] == [f"{hash} Setup → Create Content → Retrieve Content" for hash in ("540ea39", "7b12d64")]
    assert not [title for title in titles if len(title) == 40 and " " not in title]
    assert "540ea39 Setup → Create Content" in shown


async def test_a_parameter_that_is_called_like_a_field_is_told_from_it_when_groups_are_chosen(tmp_path):
    store = tmp_path / ".run_log_store"
    store.mkdir()
    (store / "r.json").write_text('{"run_id": "r", "status": "SUCCESS", "steps": {}, "parameters": {"tag": 1}}')
    app = explore(tmp_path)
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "b")
        assert "  param.tag  " in screen_text(app)


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
async def test_an_order_that_outlived_its_session_is_said_with_the_key_that_takes_it_back(size):
    project = at_home("magnus-sweep")
    app = explore(project, sort='["metric.loss"]')
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        assert "sorted by loss ↑ · esc newest first" in screen_text(app)
        await press(pilot, "escape")
        assert app.screen.table.sorted_by == ("started", True)
        assert "newest first" not in screen_text(app)


async def test_the_history_is_of_a_metric_that_the_run_under_the_cursor_has(store_copy):
    app = explore(store_copy("sample_runs"))
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        table = app.screen.table
        while table.current.run_id != "tracked-nested":
            await press(pilot, "j")
        await press(pilot, "v")
        assert "gini over the runs of this pipeline" in screen_text(app)
        assert "no run of this pipeline" not in screen_text(app)


async def test_the_history_shows_one_run_after_the_other_and_on_a_key_when_they_started(store_copy):
    app = explore(store_copy("sample_runs"))
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"id:fixed-3", "enter", "v")
        chart = app.screen.query_one(HistoryChart)
        shown = screen_text(app)
        places = [chart.window().column(index, 300) for index in chart.indexes]
        apart = [after - before for before, after in itertools.pairwise(places)]
        assert len(places) > 4
        assert max(apart) - min(apart) <= 1
        assert f"of {len(places)}" in shown
        await press(pilot, "x")
        assert chart.indexes == [time for time, _, _ in chart.points]
        assert ":50" in screen_text(app).splitlines()[-3]


async def test_the_order_is_told_by_the_heading_that_it_is_by():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        table = app.screen.table
        while table.column.key != "failing":
            await press(pilot, "l")
        await press(pilot, "s")
        assert screen_text(app).count("failing step") == 2


async def test_groups_tell_their_states_in_one_order_and_their_means_in_one_precision(store_copy):
    app = explore(store_copy("sample_runs"))
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        await press(pilot, "b", "enter", "minus")
        groups = app.screen.table.groups
        lines = [line for line in screen_text(app).splitlines() if "▸" in line]
        for line in lines:
            said = line.partition("▏")[0].partition(" run")[2]
            assert [glyph for glyph in said if glyph in "✔✘◍"] == [glyph for glyph in "✔✘◍" if glyph in said]
        means = [metric.mean for group in groups for metric in group.metrics if metric.name == "lr"]
        means += [metric.mean for group in groups for metric in group.metrics if metric.name == "loss"]
        decimals = {len(mean.partition(".")[2]) for mean in means if mean.replace(".", "").isdigit()}
        assert len(decimals) == 1


async def test_a_group_says_nothing_of_a_metric_that_none_of_its_runs_has():
    app = explore(at_home("runnable-examples"), columns='["metric.score"]')
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "b", "down", "enter")
        lines = [line for line in screen_text(app).splitlines() if "▾" in line]
        assert any("mean score" in line for line in lines)
        assert not any("n=0" in line for line in lines)


async def test_the_title_of_a_group_is_cut_before_its_counts():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "b", "down", "enter")
        line = next(line for line in screen_text(app).splitlines() if "▾" in line)
        assert "…   15 runs  7 ✔  2 ✘  6 ◍ stalled " in line


async def test_the_footer_of_the_columns_names_the_key_that_ticks():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "o")
        assert "space tick" in screen_text(app)
        await press(pilot, "space", "enter")
        assert len([column for column in app.screen.table.columns if column.name]) == 1


@pytest.mark.parametrize("unit", ["x", "漢"])
async def test_long_values_that_differ_at_their_ends_look_different_in_a_column(tmp_path, unit):
    values = {"a": f"{unit * 90}a", "b": f"{unit * 90}b", "c": 2**53, "d": 2**53 + 1}
    for run_id, value in values.items():
        log = {"run_id": run_id, "status": "SUCCESS", "steps": {}, "parameters": {"prompt": value}}
        (tmp_path / f"{run_id}.json").write_text(json.dumps(log))
    app = explore(tmp_path, columns='["param.prompt"]')
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        rows = [line.split("▏")[0].split() for line in screen_text(app).splitlines()]
        shown = {row[1]: row[-3] for row in rows if row and row[0] == "✔"}
        assert shown == {"a": f"…{unit * 4}a", "b": f"…{unit * 4}b", "c": str(2**53), "d": str(2**53 + 1)}


async def test_groups_of_values_that_look_alike_are_told_apart(tmp_path):
    values = {"a": "x" * 90 + "1", "b": "x" * 90 + "2", "c": "nan", "d": math.nan, "e": "plain"}
    for run_id, value in values.items():
        log = {"run_id": run_id, "status": "SUCCESS", "steps": {}, "parameters": {"k": value}}
        (tmp_path / f"{run_id}.json").write_text(json.dumps(log))
    app = explore(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "b", "/", "k", "enter", "enter")
        await settle(pilot)
        titles = [line.split()[1] for line in screen_text(app).splitlines() if line.strip().startswith("▾")]
        assert titles == ['"nan"', "plain", "…xxxx1", "…xxxx2", "NaN"]


@pytest.mark.parametrize("size", [(160, 45), (120, 30), (80, 24)])
async def test_runs_are_told_apart_by_their_ids_beside_charts_and_columns_of_ones_own(store_copy, size):
    columns = '["param.lr", "metric.loss", "metric.accuracy", "param.seed", "param.depth"]'
    app = explore(store_copy("sample_runs"), preview='"charts"', columns=columns)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        shown = screen_text(app)
    assert all(f"tracked-sweep-{number} " in shown for number in (1, 2, 3, 4))


async def test_a_run_of_a_history_is_gone_to_by_its_number():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "v", "colon", "2", "enter")
        assert "run 2 of 13" in screen_text(app)
        await press(pilot, "colon", "9", "9", "enter")
        assert "run 13 of 13" in screen_text(app)
        assert [one.message for one in app._notifications] == ["there is no run 99; this is run 13"]
