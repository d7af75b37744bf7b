"""The run screen as its user meets it."""

import json
import re

import pytest
from textual.events import Key

from magnus_tui.feed.messages import RunsChanged
from magnus_tui.run.log_view import LogView
from magnus_tui.run.metric_grid import MetricGrid
from magnus_tui.run.metric_table import MetricTable
from magnus_tui.run.metrics_tab import MetricsView
from magnus_tui.run.screen import RunScreen
from magnus_tui.run.tabs import TAB_NAMES
from support.bad_input import make_bad_store
from support.explorer import SIZE_NAMES, SIZES, at_home, explore, open_run, press, screen_text, settle

BAD_BYTES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


def opened_on(run_id, *keys):
    async def before(pilot):
        await open_run(pilot, run_id)
        await press(pilot, *keys)

    return before


async def test_only_the_tab_that_is_shown_is_mounted():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await open_run(pilot, "fixed-11")
        assert not screen.query(MetricsView)
        assert not screen.query(LogView)
        await press(pilot, "2")
        assert screen.query_one(MetricsView).query_one(MetricGrid).has_focus
        assert not screen.query(MetricTable)
        await press(pilot, "v")
        assert screen.query_one(MetricTable).has_focus


async def test_keys_pressed_with_the_key_of_a_tab_wait_until_it_is_there():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await open_run(pilot, "fixed-11")
        for key in ("2", "v", "right"):
            app.post_message(Key(key, key if len(key) == 1 else None))
        await settle(pilot)
        await settle(pilot)
        assert screen.query_one(MetricTable).column == 1


SHOWN = [
    ("magnus-sweep", "fixed-11"),
    ("magnus-reruns", "lr-too-high-rerun"),
    ("runnable-examples", "swarm-raman-1645"),
]


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
@pytest.mark.parametrize(("store", "run_id"), SHOWN, ids=[run_id for _, run_id in SHOWN])
def test_a_run_as_it_opens(snap_compare, size, store, run_id):
    assert snap_compare(explore(at_home(store)), terminal_size=size, run_before=opened_on(run_id))


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
@pytest.mark.parametrize("tab", range(2, 10), ids=TAB_NAMES[1:])
def test_each_tab_of_a_failed_run(snap_compare, size, tab):
    before = opened_on("lr-too-high-rerun", str(tab))
    assert snap_compare(explore(at_home("magnus-reruns")), terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
def test_the_attempts_of_a_step_that_was_retried_in_a_map(snap_compare, size):
    before = opened_on("swarm-raman-1645", "n", "4")
    assert snap_compare(explore(at_home("runnable-examples")), terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
def test_the_curves_of_a_run(snap_compare, size):
    assert snap_compare(explore(at_home("magnus-sweep")), terminal_size=size, run_before=opened_on("fixed-2", "2"))


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
def test_what_the_keys_do(snap_compare, size):
    before = opened_on("fixed-11", "question_mark")
    assert snap_compare(explore(at_home("magnus-sweep")), terminal_size=size, run_before=before)


FAILED = [
    ("magnus-sweep", "fixed-11", "train model", "ValueError: loss diverged: nan at step 201"),
    ("magnus-reruns", "lr-too-high", "train model", "ValueError: loss diverged: nan at step 201"),
    ("magnus-examples", "chocolaty-murdock-1640", "step 1", "Command failed"),
    ("runnable-examples", "neat-turing-1647", "", "Exception: This is an exception"),
    ("runnable-0.20.0", "current-keller-1803", "", "Exception: This is an exception"),
    ("runnable-0.36.1", "persistent-wozniak-1804", "", "Exception: This is a failure"),
]


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
@pytest.mark.parametrize(("store", "run_id", "step", "cause"), FAILED, ids=[case[1] for case in FAILED])
async def test_a_failed_run_opens_on_its_failing_attempt_and_why_it_failed(size, store, run_id, step, cause):
    app = explore(at_home(store))
    async with app.run_test(size=size) as pilot:
        await open_run(pilot, run_id)
        text = screen_text(app)
        assert step in text
        assert "attempt 1" in text
        assert cause in text
        traceback_is_kept = ":" in cause
        assert ("end of traceback in" in text) == traceback_is_kept
        assert ("no traceback" in text) != traceback_is_kept


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
@pytest.mark.parametrize(("run_id", "name"), [("fixed-2", "loss"), ("fixed-11", "valid")])
async def test_a_tab_asked_for_while_the_run_is_being_read_is_shown_and_has_the_keys(run_id, name, size):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        screen = RunScreen(app.feed, run_id)
        app.push_screen(screen)
        screen.action_show_tab(TAB_NAMES.index("metrics"))
        await settle(pilot)
        assert screen.details.tab == "metrics"
        assert screen.details.has_focus_within
        assert name in screen_text(app)


async def test_any_curve_of_a_run_is_a_key_and_cursor_moves_away():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await open_run(pilot, "fixed-2")
        await press(pilot, "2")
        shown = screen_text(app)
        for _ in range(4):
            await press(pilot, "pagedown")
            shown += screen_text(app)
        for name in ("loss", "accuracy", "lr", "grad_norm"):
            assert re.search(rf"\b{name}\b", shown)


async def test_escape_goes_out_one_layer_at_a_time():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, "fixed-11")
        run = app.screen
        await press(pilot, "5", "slash", *"loss", "enter", "escape")
        assert run.details.has_focus_within
        await press(pilot, "escape")
        assert run.steps.has_focus
        await press(pilot, "escape")
        assert app.screen is not run


async def test_on_a_small_terminal_tab_goes_to_the_steps_and_escape_to_the_runs():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await open_run(pilot, "fixed-11")
        run = app.screen
        assert not run.steps.display
        await press(pilot, "tab")
        assert run.steps.display
        assert run.details.size.height == len(["the tabs"])
        assert "prepare" in screen_text(app)
        await press(pilot, "escape")
        assert app.screen is not run


async def test_escape_leaves_a_run_that_opened_on_its_details_at_once():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await open_run(pilot, "fixed-11")
        run = app.screen
        await press(pilot, "escape")
        assert app.screen is not run


async def test_failures_and_attempts_are_a_key_apart():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, "swarm-raman-1645")
        seen = []
        for _ in range(3):
            await press(pilot, "n")
            seen.append(app.screen.steps.current.key)
        assert seen == [f"map_state.{branch}.execute_python#1" for branch in (1, 2, 3)]
        await press(pilot, "N")
        assert app.screen.steps.current.key == "map_state.2.execute_python#1"
        await press(pilot, "right_square_bracket")
        assert app.screen.steps.current.key == "map_state.2.execute_python#2"
        assert "attempt 2 of 2" in screen_text(app)
        await press(pilot, "left_square_bracket")
        assert "attempt 1 of 2" in screen_text(app)


async def test_a_screen_can_open_on_a_step_an_attempt_and_a_line_of_its_log():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, "swarm-raman-1645", step="map_state.2.execute_python", attempt=1, tab="log", line=3)
        run = app.screen
        assert run.steps.current.key == "map_state.2.execute_python#1"
        assert run.details.tab == "log"
        assert app.focused.cursor == 3
        await press(pilot, "escape")
        assert app.screen is not run


async def test_a_large_run_says_from_its_first_frame_that_it_is_being_read():
    project = at_home("magnus-sweep")
    path = project / ".run_log_store" / "fixed-1.json"
    run = json.loads(path.read_text())
    run["steps"]["train model"]["user_defined_metrics"]["long"] = {str(step): step / 2 for step in range(100_000)}
    path.write_text(json.dumps(run))
    app = explore(project)
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        frames = []
        screen = RunScreen(app.feed, "fixed-1")
        screen.call_after_refresh(lambda: frames.append(screen_text(app)))
        app.push_screen(screen)
        await settle(pilot)
        assert "reading fixed-1 …" in frames[0]
        assert "train model" in screen_text(app)


async def test_an_empty_log_says_which_steps_have_one_and_a_key_goes_there():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        run = await open_run(pilot, "fixed-1", tab="log")
        assert run.steps.current.key == "evaluate"
        assert "empty · v goes to the log of train model" in screen_text(app)
        await press(pilot, "v")
        assert run.steps.current.key == "train model"
        assert "train_model.execution.log" in screen_text(app)


async def test_every_failed_attempt_has_its_cause_whichever_is_selected():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(160, 45)) as pilot:
        run = await open_run(pilot, "lazy-yonath-1645", step="check_envvar_task", tab="attempts")
        assert run.selection.attempt.status == "SUCCESS"
        assert "ValueError: Environment variable check failed!" in screen_text(app)


async def test_comparing_inside_a_step_without_attempts_says_what_it_needs_where_you_are():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        run = await open_run(pilot, "fixed-1")
        await press(pilot, "C")
        assert app.screen is run
        assert any("C needs a step with two branches or two attempts" in said.message for said in app._notifications)


async def test_only_what_a_pane_can_do_is_offered():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, "lazy-yonath-1645")
        await press(pilot, "2")
        bar = screen_text(app).splitlines()[-1]
        assert not {"table", "log", "smooth", "mark"} & set(bar.split())
        await press(pilot, "5")
        bar = screen_text(app).splitlines()[-1]
        assert "curve" not in bar.split()


async def test_what_has_finished_well_can_be_hidden():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, "fixed-11")
        await press(pilot, "H")
        assert [item.name for item in app.screen.steps.rows] == ["train model", "attempt 1"]
        await press(pilot, "H")
        assert "prepare" in [item.name for item in app.screen.steps.rows]


async def test_the_parameters_tell_what_a_step_changed():
    app = explore(at_home("magnus-examples"))
    async with app.run_test(size=(120, 30)) as pilot:
        await open_run(pilot, "acidic-meitner-1648", step="Modify")
        await press(pilot, "3")
        text = screen_text(app)
        assert "changed by Modify" in text
        assert re.search(r"spam +Hello → World", text)


async def test_the_catalog_tells_which_files_are_unchanged_altered_or_gone():
    project = at_home("magnus-sweep")
    folder = project / ".catalog" / "fixed-3"
    (folder / "train_model.execution.log").write_text("something else")
    (folder / "evaluate.execution.log").unlink()
    app = explore(project)
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, "fixed-3")
        await press(pilot, "6")
        text = screen_text(app)
        assert re.search(r"prepare\.execution\.log .*unchanged", text)
        assert re.search(r"train_model\.execution\.log .*altered", text)
        assert re.search(r"evaluate\.execution\.log .*missing", text)


async def test_the_code_tells_the_commit_its_remote_and_what_was_not_committed():
    app = explore(at_home("magnus-reruns"))
    async with app.run_test(size=(120, 30)) as pilot:
        await open_run(pilot, "lr-too-high-rerun")
        await press(pilot, "7")
        text = screen_text(app)
        for shown in ("c1c90e353faf40e6a78017d0973de441fe516c8d", "https://github.com/acme/sweep.git", "train.py"):
            assert shown in text


async def test_a_run_that_changes_is_read_again_and_everything_stays_in_its_place():
    project = at_home("magnus-sweep")
    file = project / ".run_log_store" / "fixed-3.json"
    app = explore(project)
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, "fixed-3")
        await press(pilot, "home", "down", "3")
        log = json.loads(file.read_text())
        log["parameters"]["brand_new"] = 17
        file.write_text(json.dumps(log))
        app.post_message(RunsChanged(frozenset({"fixed-3"}), frozenset(), 1, 1))
        await settle(pilot)
        assert app.screen.steps.current.name == "train model"
        assert app.screen.details.tab == "params"
        assert re.search(r"brand_new +17", screen_text(app))


async def test_an_unreadable_run_is_one_clear_text_that_names_the_file(tmp_path):
    make_bad_store(tmp_path)
    app = explore(tmp_path)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_run(pilot, "half")
        text = screen_text(app)
        assert "this run can't be read" in text
        assert "half.json" in text
        assert "Traceback" not in text
        await press(pilot, "5", "n", "tab", "y", "escape")
        assert not isinstance(app.screen, RunScreen)


@pytest.mark.parametrize("key", ["c", "C", "t", "left_curly_bracket", "right_curly_bracket"])
async def test_keys_that_need_a_run_say_that_this_one_can_not_be_read(tmp_path, key):
    make_bad_store(tmp_path)
    app = explore(tmp_path)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_run(pilot, "half")
        await press(pilot, key)
        assert [one.message for one in app._notifications] == ["this run can't be read"]


async def test_the_file_of_a_run_that_can_not_be_read_can_be_edited(tmp_path):
    make_bad_store(tmp_path)
    app = explore(tmp_path)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_run(pilot, "half")
        await press(pilot, "e")
        await settle(pilot)
        # The terminal of tests can't be: an editor would have been started.
        assert [one.message for one in app._notifications] == ["this terminal can't be handed to an editor"]


async def test_a_run_that_is_gone_says_so():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await open_run(pilot, "never-was")
        assert "no run 'never-was'" in screen_text(app)


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
async def test_a_run_that_goes_while_it_is_open_stays_and_its_title_says_so_until_it_is_back(store_copy, size):
    project = store_copy("sample_runs")
    path = project / ".run_log_store" / "tracked-failed.json"
    app = explore(project)

    async def verify(pilot):
        app.updates.verify()
        await settle(pilot)
        return screen_text(app).splitlines()[0]

    async with app.run_test(size=size) as pilot:
        await open_run(pilot, "tracked-failed")
        content = path.read_bytes()
        path.unlink()
        assert "no longer in the store" in await verify(pilot)
        await press(pilot, "t")
        await press(pilot, "escape", "1")
        assert "no longer in the store" in screen_text(app)
        assert app.screen.steps.items
        path.write_bytes(b"{")
        assert "unreadable now, as last read" in await verify(pilot)
        path.write_bytes(content)
        title = await verify(pilot)
        assert "no longer" not in title
        assert "unreadable" not in title


async def test_hostile_names_are_shown_as_data_in_every_tab(tmp_path):
    make_bad_store(tmp_path)
    app = explore(tmp_path)
    async with app.run_test(size=(160, 45)) as pilot:
        hostile = [run.run_id for run in app.feed.store.runs() if run.run_id.startswith("hostile")]
        assert len(hostile) == 6
        for run_id in hostile:
            await open_run(pilot, run_id)
            for tab in range(1, 10):
                await press(pilot, str(tab))
                assert not BAD_BYTES.search(screen_text(app))
            await press(pilot, "escape", "escape")


async def test_reading_a_run_leaves_the_store_as_it_was():
    project = at_home("magnus-reruns")

    def state():
        return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(project.rglob("*"))}

    before = state()
    app = explore(project)
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, "lr-too-high")
        await press(pilot, *"123456789")
    assert state() == before


async def test_a_failed_run_is_compared_with_the_last_success_of_its_pipeline():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, "fixed-11")
        await press(pilot, "c")
        assert not isinstance(app.screen, RunScreen)
        assert "fixed-11" in screen_text(app)


async def test_what_the_branches_of_a_map_returned_was_set_by_the_map():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, "messy-bell-1645")
        await press(pilot, "3")
        line = next(line for line in screen_text(app).splitlines() if "[10, 20, 30]" in line)
        assert "set by map_state from its 3 branches" in line


async def test_files_that_were_checked_for_the_log_before_say_nothing_of_the_entries_of_a_changed_one():
    project = at_home("magnus-sweep")
    file = project / ".run_log_store" / "fixed-3.json"
    app = explore(project)
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await open_run(pilot, "fixed-3")
        before = screen.selection
        log = json.loads(file.read_text())
        log["steps"]["prepare"]["data_catalog"].clear()
        file.write_text(json.dumps(log))
        app.post_message(RunsChanged(frozenset({"fixed-3"}), frozenset(), 1, 1))
        await settle(pilot)
        screen._reader.check_catalog(before)
        await settle(pilot)
        assert screen.details.files == {}
        await press(pilot, "6")
        assert re.search(r"evaluate\.execution\.log .*unchanged", screen_text(app))


async def test_the_overview_tells_since_when_a_metric_of_a_failed_step_is_no_number(store_copy):
    app = explore(store_copy("sample_runs"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, "tracked-diverged")
        assert "loss NaN from 186" in screen_text(app)


async def test_failures_without_a_known_reason_are_not_said_to_be_alike(store_copy):
    app = explore(store_copy("sample_runs"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, "asymptotic-wiles-1802")
        text = " ".join(screen_text(app).split())
        assert "failed this way" not in text
        assert "4 other attempts at a step of this name failed without a known reason" in text
        assert "persistent-wozniak-1804, this run · f lists them" in text


@pytest.mark.parametrize("width", [160, 80, 40])
async def test_a_step_whose_name_is_in_several_branches_is_told_with_its_path(store_copy, width):
    app = explore(store_copy("sample_runs"))
    async with app.run_test(size=(width, 24)) as pilot:
        await open_run(pilot, "tracked-nested", step="per depth.8.folds.second.fit")
        await press(pilot, "1")
        said = "✔ per depth.8.folds.second.fit" if width > 40 else "✔ ….folds.second.fit"
        assert said in screen_text(app)


async def test_on_a_small_terminal_the_tabs_stand_above_the_steps_and_a_click_opens_one():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        run = await open_run(pilot, "fixed-2")
        lines = screen_text(app).splitlines()
        assert "1overview 2metrics" in lines[1]
        assert "steps" in lines[2]
        await pilot.click(offset=(lines[1].index("params"), 1))
        await settle(pilot)
        assert run.details.tab == "params"
        assert run.details.has_focus_within
        assert "steps" not in screen_text(app).splitlines()[2]


@pytest.mark.parametrize("run_id", ["lazy-yonath-1645", "swarm-raman-1645"])
async def test_the_title_says_that_code_was_uncommitted_also_where_only_some_attempts_ran_it(run_id):
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, run_id)
        assert "(uncommitted changes)" in screen_text(app).splitlines()[0]


async def test_a_step_with_several_values_is_said_where_its_metric_is_shown(tmp_path):
    store = tmp_path / ".run_log_store"
    store.mkdir()
    step = {"name": "train", "internal_name": "train", "status": "SUCCESS", "step_type": "task"}
    step["user_defined_metrics"] = {"loss": {"0": 3, "1": 2, "01": 4, "2": 1}}
    (store / "one.json").write_text(json.dumps({"run_id": "one", "status": "SUCCESS", "steps": {"train": step}}))
    app = explore(tmp_path)
    async with app.run_test(size=SIZES[0]) as pilot:
        await open_run(pilot, "one")
        assert "metric loss has several values at step 1" in screen_text(app)
        await press(pilot, "2")
        assert "metric loss has several values at step 1: the last one counts" in screen_text(app)
