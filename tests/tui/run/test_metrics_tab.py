"""The metrics of a run as their user meets them: a grid of curves, a table, one full chart."""

import math

import pytest
from textual.events import MouseScrollUp

from magnus_tracking.runlog.metrics import Series
from magnus_tui.charts.metric_entries import prepare
from magnus_tui.charts.window import Window
from magnus_tui.run.metric_grid import MetricGrid
from magnus_tui.widgets.metric_chart import MetricChart
from support.explorer import SIZE_NAMES, SIZES, at_home, explore, open_run, press, screen_text, settle
from support.metrics_app import Metrics, curve, falling, real

MIXED = [
    falling(),
    curve("gap", [math.inf if step == 12 else math.nan if step > 200 else math.sin(step / 20) for step in range(300)]),
    curve("same", [3.0] * 50),
    curve("sparse", [1.0, 100.0, 2.0], (-5, 10**15, 10**15 + 1)),
    curve("[bold]\x1b[31mred\u202e\n[/]", [0.0, 1e-300, 5e-324]),
    Series("train", 1, "phase", range(100), tuple("warm-up" if step < 30 else "steady" for step in range(100))),
    Series("train", 1, "improved", range(100), tuple(step % 25 == 0 for step in range(100))),
    Series("train", 1, "seed", (0,), (11,)),
    Series("evaluate", 1, "f1 score", (0,), (0.91234567,)),
    Series("evaluate", 1, "verdict", (0,), ("good [i]enough[/i]",)),
]


def with_keys(*keys):
    async def before(pilot):
        await settle(pilot)
        await press(pilot, *keys)

    return before


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
@pytest.mark.parametrize("keys", [[], ["v", "end"], ["enter", *["right"] * 3]], ids=["grid", "table", "chart"])
def test_a_run_that_diverged(snap_compare, size, keys):
    assert snap_compare(Metrics(real("fixed-9")), terminal_size=size, run_before=with_keys(*keys))


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
@pytest.mark.parametrize(
    "keys",
    [[], ["pagedown"], ["v"], ["space", "right", "space", "enter", "m", "L", "right"]],
    ids=["grid", "last-page", "table", "two-together"],
)
def test_metrics_of_every_kind(snap_compare, size, keys):
    assert snap_compare(Metrics(MIXED), terminal_size=size, run_before=with_keys(*keys))


@pytest.mark.parametrize("size", [(160, 45), (80, 24), (40, 12), (12, 4), (3, 2), (1, 1)])
async def test_any_size_shows_all_three_ways_without_escapes(size):
    app = Metrics(MIXED)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        for keys in (["pagedown"], ["v", "down", "right"], ["v", "home", "enter", "right", "plus", "minus", "L", "m"]):
            await press(pilot, *keys)
            assert "\x1b" not in screen_text(app)
            assert "\u202e" not in screen_text(app)


@pytest.mark.parametrize("width", [80, 100, 120, 160])
async def test_the_keys_of_a_chart_are_named_whole_below_it(width):
    app = Metrics(MIXED)
    async with app.run_test(size=(width, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        foot = next(line for line in screen_text(app).splitlines() if "crosshair" in line)
        known = {"step", "zoom", "step/time", "log", "outliers", "log x", "smooth", "back", "crosshair"}
        named = foot.strip().removesuffix(" …").split("   ")
        assert len(named) > 4
        assert {one.split(" ", 2 if one.startswith("←") else 1)[-1] for one in named} <= known


async def test_every_curve_is_on_some_page():
    app = Metrics([curve(f"metric {number:02}", [0.0, float(number)]) for number in range(40)])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        seen = set()
        for _ in range(40):
            seen |= {number for number in range(40) if f"metric {number:02}" in screen_text(app)}
            await press(pilot, "pagedown")
        assert seen == set(range(40))


async def test_the_crosshair_reads_exact_values():
    app = Metrics([curve("loss", [0.1 * step for step in range(11)])])
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "right", "right", "right", "right")
        assert app.chart.cursor == 3
        assert "step 3" in screen_text(app)
        assert "0.3" in screen_text(app)
        await press(pilot, "y")
        assert "0.3" in app.copied[0]


async def test_home_and_end_go_to_the_ends_also_before_there_is_a_crosshair():
    app = Metrics([falling()])
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "home")
        assert app.chart.cursor == 0
        await press(pilot, "end")
        assert app.chart.cursor == 299
        app.chart.cursor = None
        await press(pilot, "end")
        assert app.chart.cursor == 299


async def test_the_crosshair_takes_a_zoomed_chart_along():
    app = Metrics([falling()])
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "home", "plus", "plus", "plus")
        width = app.chart.window.last - app.chart.window.first
        assert app.chart.window.last < 100
        for _ in range(30):
            await pilot.press("pagedown")
        await settle(pilot)
        assert app.chart.window.first > 0
        assert app.chart.window.first <= app.chart.cursor <= app.chart.window.last
        assert app.chart.cursor > width
        await press(pilot, "end")
        assert app.chart.cursor == 299
        assert app.chart.window.last == pytest.approx(299)
        assert app.chart.window.last - app.chart.window.first == pytest.approx(width)
        await press(pilot, "home")
        assert app.chart.cursor == 0
        assert app.chart.window.first == pytest.approx(0)


async def test_zooming_out_or_0_shows_the_whole_again():
    app = Metrics([falling()])
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "plus")
        assert app.chart.window is not None
        await press(pilot, "minus")
        assert app.chart.window is None
        await press(pilot, "plus", "plus", "0")
        assert app.chart.window is None


async def test_a_far_step_can_be_reached_from_a_zoomed_chart():
    app = Metrics([curve("loss", [1.0, 2.0, 3.0, 4.0], (0, 1, 2, 1_000_000))])
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "home")
        app.chart.window = Window(0, 4)
        await press(pilot, "right", "right", "right")
        assert app.chart.cursor == 1_000_000
        assert "4" in app.chart.readout_text()


async def test_every_step_can_be_read_once_the_chart_is_zoomed_in():
    values = [0.0] * 100_000
    values[50_007] = 9.0
    app = Metrics([curve("spiky", values)])
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        app.chart.window = Window(49_990, 50_030)
        app.chart.cursor = 50_006
        await press(pilot, "right")
        assert app.chart.cursor == 50_007
        assert "9" in app.chart.readout_text()


async def test_marked_curves_open_together():
    app = Metrics(MIXED)
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        await press(pilot, "space", "right", "space", "right", "enter")
        assert app.view.mode == "chart"
        assert [one.label.rpartition(" ")[2] for one in app.chart.curves] == ["loss", "gap"]


async def test_escape_goes_out_one_layer_at_a_time():
    app = Metrics([falling()])
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "escape")
        assert app.view.mode == "grid"
        assert app.left == 0
        await press(pilot, "escape")
        assert app.left == 1


async def test_a_click_on_a_curve_chooses_it_and_a_second_one_opens_it():
    app = Metrics([curve(f"m{number}", [1.0, 2.0]) for number in range(4)])
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        await pilot.click(MetricGrid, offset=(100, 30))
        assert app.grid.current.label == "m3"
        await pilot.click(MetricGrid, offset=(100, 30))
        await settle(pilot)
        assert app.view.mode == "chart"


async def test_a_click_puts_the_crosshair_under_the_mouse():
    app = Metrics([curve("loss", [*[0.0] * 299, 1.0])])
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        for x in (20, 61, 110):
            await pilot.click(MetricChart, offset=(x, 6))
            await settle(pilot)
            line = screen_text(app).splitlines()[8]
            assert line[x] == "│"


async def test_a_click_in_the_table_puts_the_cursor_on_the_value():
    app = Metrics([curve(f"m{number}", [100.0 * number + step for step in range(50)]) for number in range(4)])
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "v")
        text = screen_text(app).splitlines()
        y = next(number for number, line in enumerate(text) if "207" in line and "107" in line and number > 5)
        await pilot.click(offset=(text[y].index("207") + 1, y))
        await press(pilot, "y")
        assert app.copied == ["207.0"]


async def test_the_wheel_zooms():
    app = Metrics([falling()])
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        await pilot._post_mouse_events([MouseScrollUp], MetricChart, (50, 10))
        await settle(pilot)
        assert app.chart.window is not None


async def test_the_block_that_sums_up_stays_while_the_table_scrolls():
    app = Metrics([curve("loss", [5.0, -7.5, *[0.0] * 99_998])])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "v", "end")
        text = screen_text(app)
        assert "99,999" in text
        assert "-7.5 @ 1" in text
        assert "5.0 @ 0" in text


async def test_the_table_shows_what_is_not_finite_and_what_is_missing():
    app = Metrics([curve("a", [1.0, math.nan, math.inf]), curve("b", [4.0], (2,)), curve("c", [1.0, 2.0], (0, 7))])
    async with app.run_test(size=(120, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "v")
        text = screen_text(app)
        assert "NaN" in text
        assert "∞" in text
        assert [int(step) for step in app.table.steps] == [0, 1, 2, 7]


async def test_the_table_says_which_of_its_series_are_seen():
    app = Metrics([curve(f"m{number}", [1.0, 2.0]) for number in range(10)])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "v")
        assert "1–3 of 10" in screen_text(app)
        await press(pilot, *["right"] * 9)
        assert "8–10 of 10" in screen_text(app)
        assert "m9" in screen_text(app)


async def test_what_is_looked_at_stays_when_values_arrive():
    app = Metrics([falling(), curve("accuracy", [0.5, 0.6])])
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "right", "right", "plus")
        window, cursor = app.chart.window, app.chart.cursor
        app.view.show(prepare([curve("new", [1.0, 2.0]), falling(400), curve("accuracy", [0.5, 0.6, 0.7])]))
        await settle(pilot)
        assert app.view.mode == "chart"
        assert (app.chart.window, app.chart.cursor) == (window, cursor)
        assert len(app.chart.curves[0]) == 400
        await press(pilot, "escape")
        assert app.grid.current.label == "loss"


async def test_a_curve_that_has_no_positive_values_stays_readable_on_a_logarithmic_axis():
    app = Metrics([curve("gain", [-3.0, -2.0, -1.0])])
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "L")
        assert "no positive values" in screen_text(app)


async def test_without_metrics_it_says_how_to_record_one():
    app = Metrics([])
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        assert "no metrics" in screen_text(app)
        await press(pilot, "enter", "space", "v", "down", "right", "y", "v", "end")


async def test_a_chart_takes_as_many_marked_curves_as_can_be_told_apart():
    app = Metrics([curve(f"metric {number}", [1.0, float(number), 3.0]) for number in range(70)])
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        await press(pilot, "a", "enter")
        assert len(app.query_one(MetricChart).curves) == 64
        assert [told.message for told in app._notifications] == ["the first 64 of 70 marked curves"]


async def test_up_and_down_stay_where_there_is_no_row_of_charts_beyond():
    app = Metrics([curve(name, [1.0, 2.0, 1.5]) for name in ("a", "b", "c")])
    async with app.run_test(size=(160, 20)) as pilot:
        await settle(pilot)
        assert len(app.grid.boxes) == 1
        await press(pilot, "j")
        assert app.grid.cursor == 0
        await press(pilot, "l", "l", "k")
        assert app.grid.cursor == 2


@pytest.mark.parametrize(("best", "said"), [('{ loss = "max" }', "★ 256.1 @ 200"), ("{}", "★ 0.04087 @ 26")])
async def test_the_star_of_a_chart_follows_what_the_user_said_is_best(best, said):
    app = explore(at_home("magnus-sweep"), best=best)
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, "fixed-9")
        await press(pilot, "2")
        await settle(pilot)
        assert said in screen_text(app)
        await press(pilot, "enter")
        await settle(pilot)
        assert said in screen_text(app)
