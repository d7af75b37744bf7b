"""What stands above a chart of several runs, and who is who."""

import math
from array import array

import pytest
from rich.style import Style

from magnus_tui.charts.line_chart import ChartStyle, ChartView
from magnus_tui.charts.overlays import OverlayLooks, legend, overlays_of
from magnus_tui.charts.prepared_series import PreparedSeries

LOOKS = OverlayLooks(Style(), Style())


def curve(label, values, indexes=None):
    return PreparedSeries(label, indexes or range(len(values)), array("d", values)).ready()


def overlay(metric, *runs):
    names = [f"run-{place}" for place in range(len(runs))]
    found = [{metric: curve(name, values)} if values else {} for name, values in zip(names, runs, strict=True)]
    return overlays_of(names, found)[0]


def drawn(shown, width=60, height=12, view=None, looks=LOOKS):
    lines = shown.draw(width, height, ChartStyle(), view or ChartView(), looks)
    return ["".join(segment.text for segment in line) for line in lines]


def test_the_title_says_what_each_run_reads_in_the_end_and_which_is_best():
    assert drawn(overlay("loss", [3.0, 0.5], [2.0, 0.25], [1.0, math.nan]))[0].split() == (
        ["loss", "●", "0.5", "■", "★", "0.25", "◆", "NaN"]
    )


@pytest.mark.parametrize("runs", [([1.0, 0.5], [2.0, 0.5]), ([1.0, 0.5], [])])
def test_nothing_is_best_where_nothing_differs(runs):
    assert "★" not in drawn(overlay("loss", *runs))[0]


def test_nothing_is_best_where_neither_the_name_nor_the_user_says_what_is():
    shown = overlay("lr", [1.0, 0.5], [2.0, 0.25])
    assert "★" not in drawn(shown)[0]
    assert "■ ★ 0.25" in drawn(shown, looks=OverlayLooks(Style(), Style(), "min"))[0]


def test_at_a_step_each_run_reads_its_value_there_or_the_last_one_before_and_where_that_is():
    shown = overlay("loss", [3.0, 2.0, 1.5], [2.0, 1.0])
    title = drawn(shown, view=ChartView(cursor=2))[0]
    assert "● 1.5" in title
    assert "■ 1 @ 1" in title
    assert "★" not in title


def test_a_run_without_the_metric_leaves_the_others_their_colours():
    shown = overlay("loss", [], [2.0, 0.25])
    assert [place for place, _ in shown.readings(None)] == [1]
    assert "■ 0.25" in drawn(shown)[0]


def test_readings_go_on_below_the_name_where_they_do_not_fit_beside_it():
    lines = drawn(overlay("validation loss", [1.0, 0.111111], [1.0, 0.222222], [1.0, 0.333333]), width=38)
    assert len(lines) == 12
    assert [text for text in ("0.1111", "0.2222", "0.3333") if text in lines[0] + lines[1]] == [
        "0.1111",
        "0.2222",
        "0.3333",
    ]
    assert all(len(line) == 38 for line in lines)


def test_of_very_many_runs_the_best_and_the_range_are_said():
    shown = overlay("accuracy", *([0.1, 0.5 + place / 1000] for place in range(200)))
    assert drawn(shown)[0].split() == ["accuracy", "★", "0.699", "run-199", "0.5", "…", "0.699", "200", "runs"]


@pytest.mark.parametrize(("width", "height"), [(8, 3), (12, 4), (35, 8), (120, 40)])
@pytest.mark.parametrize("count", [1, 2, 7, 200])
@pytest.mark.parametrize("view", [ChartView(), ChartView(cursor=1), ChartView(axis="clock"), ChartView(log=True)])
def test_every_line_has_the_width_that_it_is_given(width, height, count, view):
    lines = drawn(overlay("[bold]\x1b[31mloss", *([1.0, 2.0 + place] for place in range(count))), width, height, view)
    assert len(lines) == height
    assert {len(line) for line in lines} == {width}


def test_the_legend_counts_the_runs_that_it_has_no_room_for():
    lines = legend([f"run-{place}" for place in range(200)], 40, 2, ChartStyle(), Style())
    texts = ["".join(segment.text for segment in line).rstrip() for line in lines]
    assert texts[0].startswith("● run-0  ■ run-1")
    assert texts[1].endswith("more")
    named = sum(text.count("run-") for text in texts)
    assert texts[1].endswith(f"+{200 - named} more")
    assert all(len(text) <= 40 for text in texts)


def plot_of(shown, width=60, height=12):
    """The rows of the chart itself, without axes and what stands above it."""
    return [line.partition("│")[2] or line.partition("┤")[2] for line in drawn(shown, width, height)]


def test_each_curve_carries_its_glyph_at_its_end_also_where_no_colour_tells_it():
    rising, falling = [float(step) for step in range(300)], [float(-step) for step in range(300)]
    rows = [row for row in plot_of(overlay("loss", rising, falling)) if row]
    assert rows[0].rstrip().endswith("●")
    assert rows[-1].rstrip().endswith("■")
    assert "".join(rows).count("●") > 1
    assert "".join(rows).count("■") > 1


def test_curves_that_lie_on_one_another_are_told_one_beside_the_other():
    same = [math.sin(step / 20) for step in range(300)]
    plot = "\n".join(plot_of(overlay("loss", same, same, same, [0.5] * 300)))
    assert all(glyph in plot for glyph in "●■◆✚")


def test_a_single_curve_and_very_many_carry_no_glyphs():
    curves = [[float(step * slope) for step in range(300)] for slope in range(30)]
    for shown in (overlay("loss", curves[3]), overlay("loss", *curves)):
        assert not set("●■◆✚") & set("".join(plot_of(shown)))


def test_few_values_carry_glyphs_where_they_lie_and_nowhere_else():
    plot = "".join(plot_of(overlay("loss", [1.0, 2.0, 4.0], [3.0, 1.0, 1.5])))
    assert (plot.count("●"), plot.count("■")) == (3, 3)
