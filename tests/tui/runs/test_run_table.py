import json
import random
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from magnus_tracking.runlog.summary import RunSummary
from magnus_tui.runs.column_layout import ColumnLayout
from magnus_tui.runs.columns import Row, all_columns
from magnus_tui.runs.drawing import GAP, LOOKS, RunLines, RunLooks
from magnus_tui.runs.run_table import RunTable
from support.explorer import at_home, explore, press, screen_text, settle
from support.many_runs import add_run

TEXTS = st.text(st.sampled_from("ab 1…✔é漢字👍"), max_size=30)


@given(st.data(), st.integers(12, 200), st.booleans(), st.booleans())
def test_every_line_fills_the_list_whatever_its_cells_hold(data, width, marked, at_cursor):
    columns = all_columns(())
    shown = data.draw(st.lists(st.sampled_from(columns), min_size=1, unique_by=lambda column: column.key))
    widths = [data.draw(st.integers(1, max(width // len(shown) - GAP, 1))) for _ in shown]
    looks = RunLooks.of(Style(), lambda name, _: Style(bold=name in LOOKS[:3]), {})
    lines = RunLines(shown, widths, looks, width)
    row = Row(RunSummary(run_id="run", error="gone"), None, datetime(2026, 1, 1))
    line = lines.run(row, [data.draw(TEXTS) for _ in shown], marked=marked, at_cursor=at_cursor)
    for strip in (line, lines.heading((shown[0].key, True), 0)):
        assert cell_len(strip.text) == strip.cell_length == width


async def test_without_colours_the_list_is_drawn_in_greys(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        strips = app.screen.query_one(RunTable).render_lines(app.screen.query_one(RunTable).size.region)
    colours = {
        colour.triplet
        for strip in strips
        for _, style, _ in strip
        if style
        for colour in (style.color, style.bgcolor)
        if colour and colour.triplet
    }
    assert len(colours) > 2
    assert all(len(set(colour)) == 1 for colour in colours)


@pytest.mark.parametrize("size", [(160, 45), (80, 24)], ids=["160x45", "80x24"])
async def test_a_mark_is_seen_at_once_and_goes_again(size):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        before = screen_text(app)
        await press(pilot, "space", "up")
        assert screen_text(app).count("▌") == before.count("▌") + 1
        await press(pilot, "u")
        assert screen_text(app).count("▌") == before.count("▌")


def heading(app):
    return app.screen.table.render_line(0).text


async def test_columns_that_have_no_room_come_with_the_keys_and_the_edges_count_them():
    app = explore(at_home("magnus-sweep"), columns='["param.lr", "metric.loss"]')
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        table = app.screen.table
        beyond = len(table.columns) - len(table.shown_columns)
        assert heading(app).rstrip().endswith(f" {beyond}›")
        seen = {column.title for column in table.shown_columns}
        await press(pilot, "dollar_sign")
        assert heading(app).startswith("‹")
        assert "›" not in heading(app)
        assert "size" in heading(app)
        for _ in table.columns:
            seen |= {column.title for column in table.shown_columns}
            assert "run" in heading(app)
            await press(pilot, "h")
        assert seen == {column.title for column in table.columns}
        await press(pilot, "0")
        assert heading(app).startswith("  ")


@pytest.mark.parametrize("size", [(80, 24), (120, 30)], ids=["80x24", "120x30"])
async def test_what_was_chosen_and_what_is_sorted_by_stay_where_others_give_way(size):
    chosen = '["param.lr", "param.depth", "metric.accuracy"]'
    app = explore(at_home("magnus-sweep"), columns=chosen, sort='["steps"]')
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        for title in ("lr", "depth", "accuracy", "steps↑", "took"):
            assert title in heading(app)


async def test_a_column_beyond_the_edge_is_sorted_by_like_any_other():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "size" not in heading(app)
        await press(pilot, "dollar_sign", "s")
        assert "size↓" in heading(app)
        await press(pilot, "0")
        assert "size↓" in heading(app)


async def test_a_column_without_a_value_takes_no_room_from_one_that_has_some():
    app = explore(at_home("magnus-sweep"), preview='"off"')
    async with app.run_test(size=(150, 24)) as pilot:
        await settle(pilot)
        assert "↻" in screen_text(app)
        for width in range(60, 110, 3):
            await pilot.resize_terminal(width, 24)
            await settle(pilot)
            headings = screen_text(app).splitlines()[2]
            assert ("↻" in headings) <= ("steps" in headings), headings


async def test_a_chosen_column_without_a_value_goes_before_one_that_has_some():
    app = explore(at_home("magnus-sweep"), columns='["metric.precision", "metric.loss"]')
    async with app.run_test(size=(150, 24)) as pilot:
        await settle(pilot)
        assert "precision" in screen_text(app)
        await pilot.resize_terminal(60, 24)
        await settle(pilot)
        assert "loss" in screen_text(app)
        assert "precision" not in screen_text(app)


async def test_a_value_of_hundreds_of_characters_leaves_room_for_the_columns_after_it():
    project = at_home("magnus-sweep")
    path = project / ".run_log_store" / "fixed-9.json"
    run = json.loads(path.read_text())
    run["parameters"]["note"] = "a long note " * 30
    path.write_text(json.dumps(run))
    app = explore(project, columns='["param.note", "metric.loss"]')
    async with app.run_test(size=(160, 24)) as pilot:
        await settle(pilot)
        lines = screen_text(app).splitlines()
        assert {"note", "loss"} <= set(lines[2].split())
        assert any("a long note a long note" in line and "…" in line for line in lines)


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_runs_whose_ids_differ_only_far_behind_look_different(tmp_path, width):
    root = tmp_path / ".run_log_store"
    root.mkdir()
    ids = [f"resnet50-imagenet-cosine-2026-11-23-night-{name}-of-12" for name in ("one", "two", "six")]
    for name in (*ids, "baseline-1"):
        add_run(root, name, 1_600_000_000, random.Random(7))
    app = explore(tmp_path)
    async with app.run_test(size=(width, 24)) as pilot:
        await settle(pilot)
        shown = [line.split()[1] for line in screen_text(app).splitlines()[3:7]]
        assert len(set(shown)) == 4
        assert sum(one.startswith("resnet50-") for one in shown) == 3


async def test_without_colours_an_empty_list_says_why_it_is_empty(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"nothing", "enter")
        assert "no runs match the filter" in screen_text(app)


async def test_the_cursor_stays_on_top_until_the_rows_come_that_were_asked_for_since():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        table = app.screen.query_one(RunTable)
        order = list(table.row_ids)
        asked_before = table.tops
        table.show_top()
        table.set_rows(order[::-1], tops=asked_before)
        table.set_rows(order, tops=table.tops)
        assert table.cursor == 0
        table.set_rows(order[1:] + order[:1], tops=table.tops)
        assert table.cursor == len(order) - 1


@pytest.mark.parametrize(("scrolled", "cursor", "expected"), [(0, 0, 0), (0, 5, 0), (0, 8, 2), (4, 6, 6)])
async def test_new_runs_are_seen_where_the_top_is_and_move_nothing_elsewhere(scrolled, cursor, expected):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 13)) as pilot:
        await settle(pilot)
        table = app.screen.query_one(RunTable)
        order = list(table.row_ids)
        assert table.visible_rows == 9
        table.set_rows(order[2:])
        table.put_cursor(cursor)
        table.scroll_to(y=scrolled, animate=False, force=True, immediate=True)
        table.set_rows(order)
        assert (table.cursor, table.scroll_offset.y) == (cursor + 2, expected)


def test_a_column_keeps_its_decimals_as_other_rows_are_scrolled_to():
    layout = ColumnLayout([])
    layout.use(all_columns(["param.lr"]))
    place = next(place for place, column in enumerate(layout.columns) if column.title == "lr")
    rows = [Row(RunSummary(run_id=f"{lr}", parameters={"lr": lr}), None, datetime(2026, 1, 1)) for lr in (0.5, 0.025)]
    assert layout.write(rows[:1])[place] == ["0.5"]
    assert layout.write(rows)[place] == ["0.500", "0.025"]
    assert layout.write(rows[:1])[place] == ["0.500"]
    assert layout.write([])[place] == []
    layout.forget_widths()
    assert layout.write(rows[:1])[place] == ["0.5"]
