"""From a point of a curve to the log lines around it, and back; curves along time; what was chosen is remembered."""

import itertools
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from textual.events import MouseDown, MouseMove, MouseUp

from magnus_tracking import start_run, track_this
from magnus_tracking.recorder import sink
from magnus_tracking.runlog.times import UNKNOWN
from magnus_tui.charts.chart_options import ChartLook
from magnus_tui.run.metrics_tab import MetricsView
from magnus_tui.settings import load_settings
from magnus_tui.widgets.metric_chart import MetricChart
from support.explorer import explore, open_run, press, screen_text, settle
from support.metrics_app import Metrics, curve, falling


@pytest.fixture
def timed(monkeypatch):
    """A run that tracked a value a second and logged it."""
    monkeypatch.chdir(Path.home())
    # The lines tell whole seconds, so that the values are tracked at whole ones, too.
    began = float(int(time.time()))
    seconds = itertools.count()
    monkeypatch.setattr(sink, "_now", lambda: began + next(seconds))
    with start_run(run_id="timed", parameters={"lr": 0.1, "layers": 3}) as run:
        with run.step("prepare"):
            run.set_parameters(rows=100)
        with run.step("train"):
            for step in range(60):
                stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(began + step))
                print(f"{stamp} step {step} is done")
                track_this(step=step, loss=1 / (step + 1))
            run.set_parameters(lr=0.05)
    return Path.home()


async def test_enter_on_a_curve_shows_the_log_around_the_point_and_enter_there_the_point(timed):
    app = explore(timed)
    async with app.run_test(size=(140, 30)) as pilot:
        screen = await open_run(pilot, "timed")
        await press(pilot, "2", "enter", "colon", *"40", "enter", "enter")
        lines = screen.details.query_one("LogLines")
        assert screen.details.tab == "log"
        assert lines.copy_text().endswith(("step 39 is done", "step 40 is done"))
        lines.cursor = 10
        await press(pilot, "enter")
        assert screen.details.tab == "metrics"
        assert screen.query_one(MetricsView).mode == "chart"
        assert screen.query_one(MetricChart).cursor in (10, 11)


async def test_a_curve_can_be_drawn_along_the_time_since_the_start_and_the_clock(timed):
    app = explore(timed)
    async with app.run_test(size=(140, 30)) as pilot:
        screen = await open_run(pilot, "timed")
        await press(pilot, "2", "enter", "colon", *"30", "enter")
        chart = screen.query_one(MetricChart)
        assert re.search(r"\+(29|30)\.\d+ s", screen_text(app))
        await press(pilot, "x")
        assert "by time since the start" in screen_text(app)
        assert 29_000 <= chart.cursor < 32_000
        await press(pilot, "x")
        assert "by clock" in screen_text(app)
        assert "step 30" in screen_text(app)
        await press(pilot, "x")
        assert chart.cursor == 30


async def test_how_charts_are_drawn_is_remembered(timed):
    app = explore(timed)
    async with app.run_test(size=(140, 30)) as pilot:
        await open_run(pilot, "timed")
        await press(pilot, "2", "x", "L", "m", "O", "X")
        await settle(pilot)
        wanted = ChartLook(log=True, log_x=True, smoothing=0.6, clip=0.01, axis="elapsed")
        assert ChartLook.of(app.settings.charts) == wanted
        screen = await open_run(pilot, "timed")
        await press(pilot, "2", "enter")
        assert screen.query_one(MetricChart).look == wanted
    assert ChartLook.of(load_settings(app.settings_file).charts) == wanted


async def test_a_run_without_times_stays_along_steps_and_says_why():
    app = Metrics([falling()])
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "plus")
        zoomed = app.chart.window
        await press(pilot, "x")
        said = "no times of these values were kept: they are drawn along steps"
        assert [one.message for one in app._notifications] == [said]
        assert app.chart.look.axis == "step"
        assert app.chart.window == zoomed is not None


async def test_a_run_without_times_says_so_where_charts_are_drawn_along_them():
    app = Metrics([falling()])
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        app.view.take_look(ChartLook(axis="elapsed"))
        await press(pilot, "enter")
        assert "no times" in screen_text(app)
        assert app.chart.shown_look.axis == "step"
        await press(pilot, "right", "enter")
        assert app.view.mode == "chart"


async def test_a_drag_zooms_to_what_was_dragged_over():
    app = Metrics([falling()])
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        await pilot._post_mouse_events([MouseDown], MetricChart, (30, 10), button=1)
        await pilot._post_mouse_events([MouseMove], MetricChart, (60, 10), button=1)
        await pilot._post_mouse_events([MouseUp], MetricChart, (60, 10), button=1)
        await settle(pilot)
        window = app.chart.window
        assert window is not None
        assert 40 < window.first < 80
        assert 120 < window.last < 170
        assert app.chart.cursor is None


async def test_the_parameters_of_a_run_say_which_step_set_them(timed):
    app = explore(timed)
    async with app.run_test(size=(140, 30)) as pilot:
        await open_run(pilot, "timed")
        await press(pilot, "3")
        lines = screen_text(app).splitlines()
        for name, value, setter in (
            ("lr", "0.05", "set by train"),
            ("layers", "3", "given"),
            ("rows", "100", "set by prepare"),
        ):
            assert any(name in line and value in line and setter in line for line in lines)


async def test_the_readings_stand_beside_the_crosshair():
    app = Metrics([falling()])
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        app.chart.cursor = 100
        await settle(pilot)
        line = next(line for line in screen_text(app).splitlines() if "0.00990099" in line)
        assert "│" in line.partition("●")[0][-4:] or "│" in line.partition("0.00990099")[2][:4]


def timed_curve(name, step, times):
    return replace(curve(name, [1.0, 0.5, 0.25], step=step), times=times)


async def test_enter_on_a_curve_leads_to_its_own_step_while_others_beside_it_are_filtered_away():
    app = Metrics([timed_curve("first_loss", "first", (1, 2, 3)), timed_curve("second_loss", "second", (4, 5, 6))])
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "space", "right", "space", "enter")
        assert len(app.chart.curves) == 2
        app.view.filter_lines("second")
        await press(pilot, "right", "enter")
        assert app.wanted == ["second"]


async def test_a_step_whose_time_is_not_known_leads_to_the_nearest_that_has_one():
    app = Metrics([timed_curve("loss", "train", (UNKNOWN, 1000, 2000))])
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "x")
        app.chart.go_to_number(0)
        assert app.chart.shown[0].steps[app.chart.shown[0].nearest(app.chart.cursor)] == 1
