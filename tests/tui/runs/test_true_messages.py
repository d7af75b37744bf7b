"""What the explorer says of runs, names and empty lists is true in the state in which it says it."""

import json
import shutil

import pytest
from rich.cells import cell_len

from magnus_tracking.errors import QueryError
from magnus_tracking.query import parse
from magnus_tracking.query.unknown_names import in_store
from magnus_tui.feed.messages import RunsChanged
from magnus_tui.runs.list_query import FirstLook
from magnus_tui.runs.screen import RunsScreen
from support.explorer import at_home, explore, open_run, press, screen_text, settle, until_shown
from support.stores import DATA_STORES, SAMPLE_RUNS


def store_of(tmp_path, *run_ids, name="magnus-sweep"):
    """A store with some runs of a real one."""
    folder = tmp_path / "project" / ".run_log_store"
    folder.mkdir(parents=True)
    for run_id in run_ids:
        found = DATA_STORES / name / ".run_log_store" / f"{run_id}.json"
        shutil.copy(found, folder / found.name)
    return tmp_path / "project"


def toasts(app):
    return [notification.message for notification in app._notifications]


@pytest.fixture
def sweep():
    return at_home("magnus-sweep")


async def test_inside_the_only_run_which_succeeded_no_other_has_succeeded(tmp_path):
    project = tmp_path / "project"
    folder = project / ".run_log_store"
    folder.mkdir(parents=True)
    source = at_home("magnus-examples") / ".run_log_store"
    run = next(
        path for path in sorted(source.glob("*.json")) if json.loads(path.read_text()).get("status") == "SUCCESS"
    )
    shutil.copy(run, folder / run.name)
    app = explore(project)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_run(pilot, run.stem)
        await press(pilot, "c")
        assert toasts(app)[-1] == "no other run with just these steps has succeeded"
        await press(pilot, "escape", "c")
        assert toasts(app)[-1] == "there is no other run to compare with"


async def test_a_failed_script_is_told_which_runs_might_have_been_its_success(tmp_path):
    folder = tmp_path / "project" / ".run_log_store"
    folder.mkdir(parents=True)
    for run_id in ("tracked-failed", "tracked-retried"):
        shutil.copy(SAMPLE_RUNS / ".run_log_store" / f"{run_id}.json", folder)
    app = explore(folder.parent)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_run(pilot, "tracked-failed")
        await press(pilot, "c")
        assert toasts(app)[-1] == "no run tagged digits that begins with these steps has succeeded"


@pytest.mark.parametrize("status", ["SUCCESS", "FAIL", "PROCESSING"])
@pytest.mark.parametrize("keys", [["c"], ["space", "c"]], ids=["not marked", "marked"])
async def test_c_on_the_only_run_says_that_there_is_no_other(tmp_path, status, keys):
    project = store_of(tmp_path, "fixed-1")
    path = project / ".run_log_store" / "fixed-1.json"
    path.write_text(path.read_text().replace("SUCCESS", status))
    app = explore(project)
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, *keys)
        assert toasts(app) == ["there is no other run to compare with"]


async def test_c_in_an_empty_store_says_that_there_is_no_run(tmp_path):
    app = explore(store_of(tmp_path))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "c")
        assert toasts(app) == ["no run is listed here"]


async def test_c_on_the_only_marked_run_says_that_one_is_marked(sweep):
    app = explore(sweep)
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "space", "up", "c")
        assert toasts(app) == ["one run is marked: move to another, then press c"]


async def test_c_compares_the_only_marked_run_with_that_under_the_cursor(sweep):
    app = explore(sweep)
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        marked = app.screen.table.current.run_id
        await press(pilot, "space", "down")
        other = app.screen.table.current.run_id
        await press(pilot, "c")
        assert app.screen.source.run_ids == (marked, other)
        assert toasts(app) == []


async def test_a_list_of_failed_runs_alone_says_which_key_shows_the_others(sweep):
    app = explore(sweep)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "exclamation_mark")
        assert "2 of 15 · failed only (!) · sorted by started" in screen_text(app)
        await press(pilot, "exclamation_mark")
        assert "failed only" not in screen_text(app)


async def test_marks_of_runs_that_are_gone_are_gone(sweep):
    app = explore(sweep)
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        run_id = app.screen.table.current.run_id
        await press(pilot, "space")
        assert app.screen.table.marks == {run_id}
        store = sweep / ".run_log_store"
        found = store / f"{run_id}.json"
        if found.exists():
            found.unlink()
        else:
            shutil.rmtree(store / run_id)
        app.updates.verify()
        await settle(pilot)
        assert app.screen.table.marks == set()


async def test_a_name_that_no_run_has_is_said_with_the_one_that_was_probably_meant(sweep):
    app = explore(sweep)
    async with app.run_test(size=(160, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"metric.lozz<0.3")
        shown = screen_text(app)
        assert "no run has metric.lozz; did you mean metric.loss?" in shown
        assert "no runs match the filter; esc clears it" in shown
        await press(pilot, "escape")
        assert "metric.lozz" not in screen_text(app)
        await press(pilot, "slash", *"status:failed")
        assert "no run has status failed; did you mean status:fail?" in screen_text(app)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("status:stalled", "no run has status stalled; did you mean liveness:stalled?"),
        ("dirty", "no run has dirty in its id, tag, failing step or message; did you mean code:dirty?"),
        ("loss<0.1", "there is no field 'loss': did you mean metric.loss? (the fields are"),
        ("depth<3", "there is no field 'depth': did you mean param.depth? (the fields are"),
        ("has:zzz", "there is no field 'zzz': no run has a parameter or metric of this name (the fields are"),
        ("foo:x", "there is no field 'foo': no run has a parameter or metric of this name (the fields are"),
        ("tok:1h", "there is no field 'tok': did you mean took? (the fields are"),
    ],
)
async def test_what_is_proposed_is_there_and_is_said_once(sweep, query, said):
    app = explore(sweep)
    async with app.run_test(size=(160, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *query)
        assert screen_text(app).count(said) == 1


async def test_a_list_that_a_filter_leaves_empty_says_whether_runs_are_still_being_read(sweep):
    app = explore(sweep)
    async with app.run_test(size=(160, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"metric.loss<-1")
        app.post_message(RunsChanged(frozenset(), frozenset(), 1, 5))
        await settle(pilot)
        assert "no runs read so far match the filter; esc clears it" in screen_text(app)
        app.post_message(RunsChanged(frozenset(), frozenset(), 5, 5))
        await settle(pilot)
        assert "no runs match the filter; esc clears it" in screen_text(app)


async def test_sort_keys_and_columns_of_the_settings_that_no_run_has_are_said_once(sweep):
    app = explore(sweep, sort='["metric.lozz"]', columns='["param.lrr"]')
    async with app.run_test(size=(160, 40)) as pilot:
        await settle(pilot)
        assert sorted(toasts(app)) == [
            "no run has metric.lozz; did you mean metric.loss?",
            "no run has param.lrr; did you mean param.lr?",
        ]
        await press(pilot, "exclamation_mark", "exclamation_mark")
        assert len(toasts(app)) == 2


async def test_nothing_is_said_of_columns_that_nobody_chose_when_their_runs_are_replaced(tmp_path):
    project = store_of(tmp_path, "fixed-1")
    run = project / ".run_log_store" / "fixed-1.json"
    app = explore(project)
    async with app.run_test(size=(160, 40)) as pilot:
        await settle(pilot)
        assert "depth" in screen_text(app).splitlines()[2]
        log = json.loads(run.read_text())
        run.unlink()
        (run.parent / "other.json").write_text(
            json.dumps({**log, "run_id": "other", "parameters": {"alpha": 1}, "steps": {}})
        )
        app.updates.verify()
        await settle(pilot)
        assert "other" in screen_text(app)
        assert toasts(app) == []


async def test_a_query_that_is_none_stays_told_while_the_list_is_asked_again(sweep):
    app = explore(sweep)
    async with app.run_test(size=(160, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"status:fail loss<3")
        assert "there is no field 'loss': did you mean metric.loss" in screen_text(app)
        assert len(app.screen.table.row_ids) == 2
        app.updates.verify()
        await settle(pilot)
        assert "there is no field 'loss': did you mean metric.loss" in screen_text(app)


async def test_an_empty_list_of_failed_runs_says_which_key_shows_all(tmp_path):
    app = explore(store_of(tmp_path))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "exclamation_mark", "c", "n")
        assert "no runs in" in await until_shown(pilot, "A run appears here")
        assert "obeys" not in screen_text(app)


async def test_failed_only_without_a_failed_run(sweep):
    for path in (sweep / ".run_log_store").iterdir():
        text = path.read_text() if path.is_file() else ""
        if '"status": "FAIL"' in text:
            path.unlink()
    app = explore(sweep)
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "exclamation_mark")
        if not app.screen.table.row_ids:
            assert "no runs have failed; ! shows all runs" in screen_text(app)


async def test_what_is_typed_stays_visible_beside_what_is_said_of_it_where_there_is_little_room(sweep):
    app = explore(sweep)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"status:fail loss<3")
        asked, caret, said = screen_text(app).splitlines()[1:4]
        assert "status:fail loss<3" in asked
        assert "2 of 15" in asked
        assert caret.index("^") == asked.index("loss<3")
        assert "there is no field 'loss': did you mean metric.loss" in said


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("tag~sweep", "~"),
        ("param.lr<0.1 and tag:a and metric.loss<0.5 and colour:red and status:fail", "colour"),
        ("tag:größe and colour:red", "colour"),
        ("tag:日本語 and colour:red", "colour"),
    ],
)
@pytest.mark.parametrize("width", [160, 80])
async def test_the_caret_stands_below_the_fault_and_the_right_form_is_on_the_screen_in_full(sweep, query, fault, width):
    app = explore(sweep)
    async with app.run_test(size=(width, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "slash")
        app.screen.filter_bar.query_text = query
        await settle(pilot)
        lines = screen_text(app).splitlines()
        below = next(place for place, line in enumerate(lines) if line.strip().startswith("^"))
        assert cells_before(lines[below - 1], fault) == lines[below].index("^")
        with pytest.raises(QueryError) as raised:
            parse(query)
        shown = " ".join(" ".join(lines[below:]).split())
        assert " ".join(str(in_store(raised.value, app.feed.fields())).split()) in shown


def cells_before(line, part):
    return cell_len(line[: line.index(part, 3)])


async def test_the_caret_follows_a_query_that_is_scrolled_to_the_side(sweep):
    app = explore(sweep)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "slash")
        app.screen.filter_bar.query_text = "colour:red and " + "status:fail and " * 6 + "tag:a"
        await settle(pilot)
        await press(pilot, "end", "space")
        lines = screen_text(app).splitlines()
        assert "colour" not in lines[1]
        assert lines[3].index("^") == lines[2].index("colour")
        await press(pilot, "home")
        asked, caret = screen_text(app).splitlines()[1:3]
        assert caret.index("^") == asked.index("colour")


async def test_what_was_said_of_a_query_goes_with_it(sweep):
    app = explore(sweep)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        before = screen_text(app).splitlines()[2]
        await press(pilot, "slash", *"colour:red")
        assert "^" in screen_text(app).splitlines()[2]
        await press(pilot, "escape")
        assert screen_text(app).splitlines()[2] == before


@pytest.mark.parametrize(("setting", "text"), [("sort", '["colour"]'), ("columns", '["colour"]')])
async def test_a_setting_that_names_no_field_is_said_and_the_default_holds(sweep, setting, text):
    app = explore(sweep, **{setting: text})
    async with app.run_test(size=(160, 40)) as pilot:
        await settle(pilot)
        (said,) = toasts(app)
        assert f"{setting}: 'colour'" in said
        assert "\n" not in said
        assert "sorted by started ↓" in screen_text(app)
        assert "lr" in screen_text(app)


async def test_the_failures_of_a_store_tell_of_runs_that_can_not_be_read(tmp_path):
    project = store_of(tmp_path, "fixed-9")
    (project / ".run_log_store" / "broken.json").write_text("{")
    app = explore(project)
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "f")
        assert "no attempt in this store has failed · 1 of 2 runs can't be read" in screen_text(app)


async def test_without_saved_queries_the_dialog_says_how_to_save_one(sweep):
    app = explore(sweep)
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "Q")
        assert "nothing is saved yet: type a filter (/), then save it here" in screen_text(app)
        assert "forgets" not in screen_text(app)
        await press(pilot, "escape", "slash", *"tag:x", "enter", "Q")
        assert "nothing is saved yet: type a name" in screen_text(app)
        await press(pilot, *"mine", "enter", "Q")
        assert "mine   tag:x" in screen_text(app)
        assert "nothing is saved yet" not in screen_text(app)
        assert "enter recall" in screen_text(app)


async def test_without_parameters_and_metrics_the_dialog_of_columns_says_so(tmp_path):
    app = explore(store_of(tmp_path))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "o")
        assert "no run that has been read has a parameter or a metric" in screen_text(app)
        assert "ticks" not in screen_text(app)


async def test_a_history_without_a_number_offers_no_key_that_moves_or_opens(sweep):
    app = explore(sweep, columns='["metric.lozz"]')
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        while app.screen.table.column.name != "metric.lozz":
            await press(pilot, "l")
        await press(pilot, "v")
        shown = screen_text(app)
        assert "no run of this pipeline has a numeric last value of lozz" in shown
        assert "open" not in shown.splitlines()[-1]
        await press(pilot, "enter", "left", "y")
        assert app.screen.check_action("back", ())


async def test_the_best_of_a_metric_is_said_in_each_direction(sweep):
    app = explore(sweep, columns='["metric.loss"]')
    async with app.run_test(size=(160, 40)) as pilot:
        await settle(pilot)
        for said in ("best loss: lowest", "best loss: highest"):
            await press(pilot, "M")
            assert said in toasts(app)


async def test_b_without_a_metric_column_says_which_key_chooses_one(sweep):
    app = explore(sweep, columns='["param.lr"]')
    async with app.run_test(size=(160, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "M")
        assert toasts(app)[-1] == "add a metric as a column first (o)"


@pytest.mark.parametrize(
    ("status", "mock", "said"),
    [
        ("SUCCESS", True, "this step was skipped, so it has no attempt"),
        ("FAIL", False, "no attempt was written"),
        ("PROCESSING", False, "no attempt was written"),  # nothing was heard of the run for days
    ],
)
async def test_a_step_without_attempts_says_why(sweep, status, mock, said):
    path = sweep / ".run_log_store" / "fixed-9.json"
    run = json.loads(path.read_text())
    first = next(iter(run["steps"].values()))
    run["status"], first["attempts"], first["mock"] = status, [], mock
    path.write_text(json.dumps(run))
    app = explore(sweep)
    async with app.run_test(size=(160, 40)) as pilot:
        await open_run(pilot, "fixed-9", step=first["internal_name"], tab="attempts")
        assert said in screen_text(app)


async def test_of_a_run_that_is_not_read_yet_only_its_name_and_the_age_of_its_file_are_told(sweep):
    app = explore(sweep)
    async with app.run_test(size=(160, 40)) as pilot:
        await settle(pilot)
        by_files = dict(enumerate(app.feed.provisional()))
        app.push_screen(RunsScreen(app.feed, FirstLook(range(len(by_files)), by_files, (), {}, provisional=True)))
        await settle(pilot)
        title, *lines = screen_text(app).splitlines()
        assert title.split("  ")[-1].strip() == "reading …"
        row = next(line.partition("▏")[0] for line in lines if line.startswith("  · "))
        glyph, name, *_age, took, steps, reading, more = row.split()[:-2]
        assert (glyph, name) == ("·", by_files[0].run.run_id)
        assert (took, steps, reading, more) == ("–", "–", "reading", "…")
        assert " ~" in row
        app.screen.runs_changed(RunsChanged(frozenset(), frozenset(), 3, 20))
        await settle(pilot)
        assert screen_text(app).splitlines()[0].split("  ")[-1].strip() == "reading … 3 of 20"


async def test_the_title_says_with_which_key_changes_are_taken_in_again_where_they_are_not_any_more():
    app = explore(at_home("magnus-sweep"), follow="true")
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        assert "follow" in screen_text(app).splitlines()[0]
        await press(pilot, "F")
        assert "paused (F)" in screen_text(app).splitlines()[0]
        await press(pilot, "F")
        assert "paused" not in screen_text(app).splitlines()[0]
