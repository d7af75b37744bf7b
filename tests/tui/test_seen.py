"""What is seen on any screen is saved whole: what a command writes of the same, and every row of it."""

import csv
import io
import json

import pytest
from benchmarks.shapes import Shape, write_run
from click.testing import CliRunner

from magnus_tui.cli.group import commands
from support.explorer import at_home, explore, open_run, press, settle
from support.hostile import HOSTILE, make_hostile_store


@pytest.fixture(autouse=True)
def here(monkeypatch, tmp_path):
    """The folder in which files come to lie."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def said_by(*command):
    done = CliRunner().invoke(commands, [*map(str, command)])
    assert done.exit_code == 0, done.output
    return done.output


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


async def saved(pilot, here, *formats_down):
    """Save what is seen, in the format so many lines below the one that is offered; its text."""
    await press(pilot, "w", *formats_down, "enter")
    assert len(pilot.app.screen_stack) == 1 or "SaveScreen" not in type(pilot.app.screen).__name__
    (file,) = here.iterdir()
    text = file.read_text(encoding="utf-8")
    file.unlink()
    return text


async def test_the_runs_that_are_listed_filtered_and_sorted_also_those_below_the_screen(here):
    project = at_home("magnus-sweep")
    app = explore(project)
    async with app.run_test(size=(80, 10)) as pilot:
        await settle(pilot)
        await press(pilot, "s", "slash", *"status:success", "enter")
        rows = rows_of(await saved(pilot, here))
        told = json.loads(await saved(pilot, here, "down"))
        people = (await saved(pilot, here, "down", "down")).splitlines()
    expected = said_by("runs", project, "--where", "status:success", "--sort", "started", "--format", "csv")
    same = ("run_id", "status", "tag", "started", "duration", "param.lr", "metric.loss")
    assert len(rows) == 7
    assert [[row[name] for name in same] for row in rows] == [[row[name] for name in same] for row in rows_of(expected)]
    assert [row["size"] for row in rows] == [str(row["size"]) for row in told]
    assert [row["metric.loss"] != row["metric.loss"] for row in told].count(True) == 1  # NaN, as commands write it
    assert len(people) == 2 + 7
    assert "✔ SUCCESS | fixed-1 |" in people[2]


async def test_a_folded_group_is_a_row_and_the_runs_of_others_name_their_group(here):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        await press(pilot, "b", "enter", "home", "enter")
        rows = rows_of(await saved(pilot, here))
    assert [row["run_id"] for row in rows if row["group"] == "sweep-2"] == [""]
    assert rows[0]["runs"] == "6"
    assert float(rows[0]["mean loss"]) == pytest.approx(0.3228, abs=1e-4)
    assert {row["tag"] for row in rows if row["group"] == "sweep-6"} == {"sweep-6"}
    assert len(rows) == 1 + 9


async def test_the_metrics_of_a_run_and_what_a_zoomed_chart_shows_of_them(here):
    project = at_home("magnus-sweep")
    app = explore(project)
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, "fixed-9", tab="metrics")
        grid = await saved(pilot, here)
        await press(pilot, "v")
        table = await saved(pilot, here)
        await press(pilot, "enter", "end", "plus", "plus")
        chart = rows_of(await saved(pilot, here))
    assert grid == table
    assert rows_of(table) == rows_of(said_by("metrics", "fixed-9", "-s", project, "--format", "csv"))
    window = [int(row["index"]) for row in chart]
    assert window == list(range(window[0], 300))
    assert 50 < len(window) < 150
    whole = {row["index"]: row["loss"] for row in rows_of(table)}
    assert [row["loss"] for row in chart] == [whole[row["index"]] for row in chart]


async def test_the_steps_the_parameters_the_catalog_and_the_timeline_of_a_run(here):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, "fixed-11", step="prepare")
        steps = rows_of(await saved(pilot, here))
        await press(pilot, "3")
        parameters = json.loads(await saved(pilot, here, "down"))
        await press(pilot, "slash", *"depth", "enter")
        filtered = json.loads(await saved(pilot, here, "down"))
        await press(pilot, "escape", "6")
        catalog = rows_of(await saved(pilot, here))
        await press(pilot, "t")
        bars = rows_of(await saved(pilot, here))
    assert [row["key"] for row in steps] == ["prepare", "train model", "train model#1", "fail"]
    assert [float(row["duration"]) for row in steps[:2]] == [0.002489, 0.088429]
    of_run = {row["name"]: row["value"] for row in parameters if row["of"] == "the run"}
    assert of_run == {"lr": 0.9, "depth": 2, "seed": 11}
    assert {row["name"] for row in filtered} == {"depth"}
    assert {row["file"] for row in catalog} == {"unchanged"}
    assert all(len(row["hash"]) == 64 for row in catalog)
    assert [row["key"] for row in bars] == ["prepare", "train model", "fail"]


async def test_the_json_of_a_run_and_what_a_search_finds_in_it(here):
    project = at_home("magnus-sweep")
    app = explore(project)
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, "fixed-11", tab="raw")
        whole = json.loads(await saved(pilot, here))
        await press(pilot, "slash", *"attempt_number", "enter")
        found = rows_of(await saved(pilot, here))
    assert whole == json.loads((project / ".run_log_store" / "fixed-11.json").read_text())
    assert {row["path"].rpartition(".")[2] for row in found} == {"attempt_number"}
    assert len(found) == 3


async def test_the_whole_log_of_a_step_also_where_a_few_pages_are_held(here):
    project = at_home("magnus-sweep")
    lines = [f"line {number} ``` of many" for number in range(200_000)]
    (project / ".catalog" / "fixed-11" / "train_model.execution.log").write_text("\n".join(lines) + "\n")
    app = explore(project)
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, "fixed-11", step="train model", tab="log")
        people = (await saved(pilot, here)).splitlines()
        rows = rows_of(await saved(pilot, here, "up", "up"))
    assert people == ["````", *lines, "````"]
    assert [row["text"] for row in rows] == lines
    assert [rows[0]["line"], rows[-1]["line"]] == ["1", "200000"]


async def test_a_comparison_with_differences_only_and_with_all_rows(here):
    project = at_home("magnus-sweep")
    app = explore(project)
    command = ("compare", "fixed-1", "fixed-9", "-s", project)
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        app.screen.table.marks = {"fixed-1", "fixed-9"}
        await press(pilot, "s", "c")
        changed = await saved(pilot, here)
        people = await saved(pilot, here, "down", "down")
        await press(pilot, "d")
        everything = await saved(pilot, here)
        await press(pilot, "tab")
        curves = rows_of(await saved(pilot, here))
    assert changed == said_by(*command, "--changed", "--format", "csv")
    assert people == said_by(*command, "--changed", "--format", "markdown")
    assert everything == said_by(*command, "--format", "csv")
    loss = {
        row["index"]: row["loss"] for row in rows_of(said_by("metrics", "fixed-9", "-s", project, "--format", "csv"))
    }
    (column,) = (name for name in curves[0] if "loss" in name and "fixed-9" in name)
    assert {row["index"]: row[column] for row in curves} == loss


async def test_the_failures_by_cause_the_attempts_of_one_and_the_flaky_steps(here):
    project = at_home("runnable-examples")
    app = explore(project)
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        await press(pilot, "f")
        causes = await saved(pilot, here)
        await press(pilot, "enter")
        attempts = rows_of(await saved(pilot, here))
        await press(pilot, "2")
        flaky = await saved(pilot, here)
    assert causes == said_by("failures", "-s", project, "--format", "csv")
    assert flaky == said_by("failures", "--flaky", "-s", project, "--format", "csv")
    assert len(attempts) == int(rows_of(causes)[0]["count"])
    assert {row["run_id"] for row in attempts} == set(json.loads(rows_of(causes)[0]["runs"]))


async def test_the_history_of_a_metric(here):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        await press(pilot, "v")
        rows = rows_of(await saved(pilot, here))
    assert [row["started"] for row in rows] == sorted(row["started"] for row in rows)
    assert {row["run_id"]: row["metric.loss"] for row in rows}["fixed-3"] == "0.05059153919619562"


async def test_what_a_hostile_store_holds_is_data_in_csv_and_json_and_harmless_elsewhere(here, tmp_path):
    make_hostile_store(tmp_path, "magnus-sweep")
    app = explore(tmp_path)
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        rows, told = rows_of(await saved(pilot, here)), json.loads(await saved(pilot, here, "down"))
        people, picture = [await saved(pilot, here, *keys) for keys in (["down", "down"], ["up"])]
        await press(pilot, "enter", "1", "w")
        assert app.screen.query_one("FileName").value == "overview-of-train-model-red-1-of-fixed-11-red.md"
        await press(pilot, "enter")
        (text_of_run,) = here.iterdir()
    assert {row["tag"] for row in rows} == {f"{tag}{HOSTILE}" for tag in ("sweep-2", "sweep-6")}
    assert [row["tag"] for row in told] == [row["tag"] for row in rows]
    for text in (people, picture, text_of_run.read_text(), text_of_run.name):
        assert "\x1b" not in text
        assert "\x9b" not in text


async def test_every_entry_of_a_catalog_also_those_that_are_not_listed(here, tmp_path):
    write_run(tmp_path / "large" / ".run_log_store", Shape(catalog=500), "many-files")
    app = explore(tmp_path / "large")
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, "many-files", tab="catalog")
        rows = rows_of(await saved(pilot, here))
        await press(pilot, "slash", *"part-39", "enter")
        filtered = rows_of(await saved(pilot, here))
    assert len({row["name"] for row in rows}) == 500
    assert {row["name"] for row in filtered} == {"part-39.csv", *(f"part-39{digit}.csv" for digit in range(10))}
