"""The line behind `/`: what it offers, and what it filters."""

import pytest

from magnus_tui.run.metric_grid import MetricGrid
from support.explorer import at_home, explore, open_run, press, screen_text, settle


def last_line(app):
    return screen_text(app).splitlines()[-1]


async def test_the_bar_opens_with_examples_and_what_can_be_asked():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "slash")
        offers, examples = screen_text(app).splitlines()[2:4]
        assert "status:" in offers
        assert "metric." in examples
        assert last_line(app).startswith(" enter keep  tab complete  esc clear  ↓ ↑ choose ")
        assert "ctrl+q quit" in last_line(app)
        await press(pilot, "escape")
        assert "such as" not in screen_text(app)


async def test_runs_with_uncommitted_code_are_eight_keys_away():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"dirty", "tab", "enter")
        assert app.screen.query_text == "code:dirty"
        assert app.screen.table.has_focus


async def test_arrows_choose_what_enter_and_tab_put_in():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"tag:", "down", "down", "enter")
        assert app.screen.query_text == "tag:sweep-6"
        await press(pilot, "enter")
        assert app.screen.table.has_focus
        assert "of 15" in screen_text(app).splitlines()[1]


async def test_what_is_wrong_stands_on_a_line_of_its_own():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"loss<3")
        assert screen_text(app).splitlines()[2].strip() == "^"
        assert "did you mean metric.loss" in screen_text(app)


@pytest.mark.parametrize(
    ("keys", "words", "left", "gone"),
    [
        (["tab"], "prepare", "prepare", "train model"),
        (["3"], "seed", "seed", "depth"),
        (["9"], "parameters.lr", "steps.prepare.attempts.0.parameters.lr", "dag_hash"),
        (["8"], "executor", "executor", "▸ pipeline"),
    ],
    ids=["steps", "parameters", "raw", "configuration"],
)
async def test_the_pane_with_the_focus_is_filtered(keys, words, left, gone):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 30)) as pilot:
        screen = await open_run(pilot, "fixed-9", tab="overview")
        await press(pilot, *keys)
        pane = app.focused
        await press(pilot, "slash", *(("space" if key == " " else key) for key in words), "enter")
        assert left in screen_text(app)
        assert gone not in screen_text(app).partition("raw")[2]
        assert app.focused is pane
        await press(pilot, "escape")
        assert screen.query_one("FilterBar").display is False


async def test_curves_are_filtered_by_their_names():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, "fixed-9", tab="metrics")
        await press(pilot, "slash", *"accur", "enter")
        assert [entry.series.name for entry in app.screen.query_one(MetricGrid).charts] == ["accuracy"]


async def test_the_help_is_searched_and_has_the_language_and_the_signs():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "question_mark", "slash", *"stalled")
        shown = screen_text(app)
        assert "liveness:stalled" in shown
        assert "◍ stalled" in shown
        assert "Compare" not in shown
        await press(pilot, "escape", "escape")
        assert app.screen.table.has_focus


async def test_what_is_ticked_stays_ticked_while_it_is_filtered_away():
    app = explore(at_home("magnus-sweep"), columns='["param.lr"]')
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "o", "slash", *"seed", "enter", "space", "enter")
        assert app.settings.columns == ("param.lr", "param.seed")


async def test_what_was_chosen_for_another_place_in_the_query_is_not_put_in():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"tag:", *["down"] * 3)
        bar = app.screen.filter_bar
        app.screen.table.focus()
        await settle(pilot)
        bar.query_text = "metric.accur"
        bar.action_complete()
        await settle(pilot)
        assert bar.query_text.startswith("metric.accuracy")


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
@pytest.mark.parametrize(
    "opened", [["enter"], *(["enter", str(tab)] for tab in (1, 2, 3, 4, 6, 8, 9)), ["f"], ["o"], ["b"]]
)
async def test_a_filter_that_finds_nothing_says_what_it_looked_for_and_how_to_leave(opened, size):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, *opened, "slash", *"zzzz")
        assert "no match for “zzzz” · esc shows all" in screen_text(app)
        await press(pilot, "escape")
        assert "zzzz" not in screen_text(app)


async def test_the_pane_that_is_filtered_stays_in_view_on_a_small_screen():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "end", "enter", "9", "slash", *"seed")
        assert "parameters.seed" in screen_text(app)
