"""The metrics of a run on the run screen, and what they do with long and hostile series."""

import math
from array import array

import pytest

from magnus_tracking.runlog.metrics import Series
from magnus_tui.charts.metric_entries import prepare
from magnus_tui.run.metric_grid import MetricGrid
from magnus_tui.run.metric_table import MetricTable
from magnus_tui.run.metrics_tab import MetricsView
from magnus_tui.widgets.metric_chart import MetricChart
from support.explorer import SIZE_NAMES, SIZES, at_home, explore, open_run, press, screen_text, settle

SWEEP, EXAMPLES = "magnus-sweep", "magnus-examples"
STATES = {
    "grid-with-nan": (SWEEP, "fixed-9", []),
    "grid": (SWEEP, "fixed-1", []),
    "table": (SWEEP, "fixed-9", ["v", "down", "right", "right"]),
    "chart-with-crosshair": (SWEEP, "fixed-9", ["enter", "right", "pagedown"]),
    "chart-zoomed": (SWEEP, "fixed-1", ["enter", "end", "left", "plus", "plus", "plus"]),
    "chart-logarithmic-and-smoothed": (SWEEP, "fixed-1", ["enter", "L", "m"]),
    "charts-together": (SWEEP, "fixed-1", ["space", "right", "space", "enter"]),
    "spans": (EXAMPLES, "daring-cori-1648", []),
    "spans-of-nested-values": (EXAMPLES, "grating-swanson-1648", ["v"]),
    "no-metrics": (EXAMPLES, "acidic-meitner-1648", []),
}


async def open_metrics(pilot, run_id, *keys):
    await open_run(pilot, run_id)
    await press(pilot, "2", *keys)
    return pilot.app.screen.query_one(MetricsView)


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
@pytest.mark.parametrize("state", STATES)
def test_the_metrics_of_a_run(snap_compare, size, state):
    store, run_id, keys = STATES[state]

    async def before(pilot):
        await open_metrics(pilot, run_id, *keys)

    assert snap_compare(explore(at_home(store)), terminal_size=size, run_before=before)


def curve(name, length):
    return Series("train", 1, name, range(length), array("d", [math.sin(step / 50) for step in range(length)]))


def show(view, *series):
    view.show(prepare(series))


async def test_two_keys_and_paging_show_every_curve_of_a_run():
    app = explore(at_home(SWEEP))
    async with app.run_test(size=(80, 24)) as pilot:
        view = await open_metrics(pilot, "fixed-9")
        grid, seen = view.query_one(MetricGrid), ""
        for _ in grid.charts:
            seen += screen_text(app)
            await press(pilot, "pagedown")
        for name in ("loss", "accuracy", "lr", "grad_norm", "phase", "checkpoint"):
            assert name in seen


async def test_enter_opens_a_curve_and_escape_goes_back_to_it():
    app = explore(at_home(SWEEP))
    async with app.run_test(size=(120, 30)) as pilot:
        view = await open_metrics(pilot, "fixed-9", "right", "enter")
        assert view.mode == "chart"
        assert "● accuracy" in screen_text(app)
        await press(pilot, "escape")
        assert view.mode == "grid"
        assert view.query_one(MetricGrid).current.series.name == "accuracy"


async def test_values_are_copied_exactly():
    app = explore(at_home(SWEEP))
    copied = []
    app.copy_and_say = copied.append
    async with app.run_test(size=(120, 30)) as pilot:
        view = await open_metrics(pilot, "fixed-9")
        show(view, Series("train", 1, "loss", (0, 5), (0.1, 1 / 3)))
        await settle(pilot)
        await press(pilot, "y", "v", "y", "down", "y", "v", "enter", "end", "y")
        assert copied[:3] == [repr(1 / 3), "0.1", repr(1 / 3)]
        assert copied[3].startswith("step 5")
        assert "0.3333333" in copied[3]


async def test_window_and_crosshair_stay_while_the_series_grow():
    app = explore(at_home(SWEEP))
    async with app.run_test(size=(160, 45)) as pilot:
        view = await open_metrics(pilot, "fixed-9")
        show(view, curve("loss", 400), curve("accuracy", 400))
        await settle(pilot)
        await press(pilot, "home", "right", "enter", "end", *["left"] * 9, "plus", "plus")
        chart = view.query_one(MetricChart)
        window, cursor = chart.window, chart.cursor
        assert window is not None
        show(view, curve("gradient", 3), curve("loss", 500), curve("accuracy", 500))
        await settle(pilot)
        assert (chart.window, chart.cursor) == (window, cursor)
        assert "● accuracy" in screen_text(app)


async def test_the_cursor_of_the_table_stays_on_its_step_and_series():
    app = explore(at_home(SWEEP))
    async with app.run_test(size=(120, 30)) as pilot:
        view = await open_metrics(pilot, "fixed-9")
        show(view, curve("loss", 400))
        await settle(pilot)
        await press(pilot, "v", "pagedown", "pagedown")
        table = view.query_one(MetricTable)
        step, scrolled = table.steps[table.cursor], table.scroll_offset.y
        show(view, curve("accuracy", 400), curve("loss", 500))
        await settle(pilot)
        assert (table.steps[table.cursor], table.scroll_offset.y) == (step, scrolled)
        assert table.current.label == "loss"


async def test_a_table_of_a_hundred_thousand_steps_writes_only_what_is_seen(monkeypatch):
    written = []
    write = MetricTable.render_line
    monkeypatch.setattr(MetricTable, "render_line", lambda table, y: written.append(y) or write(table, y))
    app = explore(at_home(SWEEP))
    async with app.run_test(size=(80, 24)) as pilot:
        view = await open_metrics(pilot, "fixed-9")
        show(view, curve("loss", 100_000), Series("train", 1, "rare", (5, 200_000), (1.0, 2.0)))
        await press(pilot, "v")
        written.clear()
        await press(pilot, "end")
        assert "99,999" in screen_text(app)
        assert "200,000" in screen_text(app)
        assert 0 < len(written) < 10 * 24


async def test_long_curves_are_smoothed_too():
    app = explore(at_home(SWEEP))
    async with app.run_test(size=(120, 30)) as pilot:
        view = await open_metrics(pilot, "fixed-9")
        show(view, curve("loss", 20_000))
        await settle(pilot)
        await press(pilot, "enter", "m")
        assert "smoothing 0.6" in screen_text(app)
        await press(pilot, "m", "m", "m")
        assert view.query_one(MetricChart).look.smoothing == 0


async def test_names_and_values_from_a_log_are_text():
    app = explore(at_home(SWEEP))
    async with app.run_test(size=(120, 30)) as pilot:
        view = await open_metrics(pilot, "fixed-9")
        show(
            view,
            Series("train", 1, "[bold]x[/]\x1b[31m", (0, 1), ("[red]a\x1b[2J", "b\n")),
            Series("train", 1, "\x1b]0;y\x07", (0, 1), (1.0, math.nan)),
        )
        await settle(pilot)
        assert "[red]a" in screen_text(app)
        for keys in (("v",), ("v", "enter")):
            await press(pilot, *keys)
            assert not {"\x1b", "\x07"} & set(screen_text(app))


async def test_a_full_chart_says_the_last_value_the_best_and_the_range_of_its_only_curve_as_the_grid_does():
    app = explore(at_home(SWEEP))
    async with app.run_test(size=(80, 24)) as pilot:
        await open_metrics(pilot, "fixed-1", "enter")
        assert "loss  0.45891  ★ 0.45886 @ 297  0.45886 … 1.075" in screen_text(app)
        await press(pilot, "L", "m", "O")
        assert "loss  0.45891   logarithmic · smoothing 0.6" in screen_text(app)


async def test_a_full_chart_says_the_last_value_of_each_of_several_curves():
    app = explore(at_home(SWEEP))
    async with app.run_test(size=(80, 24)) as pilot:
        await open_metrics(pilot, "fixed-1", "a", "enter")
        assert "● loss  0.4589   ■ accuracy  0.847" in screen_text(app)
