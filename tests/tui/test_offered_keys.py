"""Whatever key a screen offers, something answers it there."""

import pytest

from magnus_tracking import start_run
from support.explorer import SIZE_NAMES, SIZES, at_home, explore, press, screen_text, settle, show_charts
from support.places import PLACES


def unanswered(app):
    """The keys on the bar at the bottom that no part of the screen knows what to do with."""
    found = []
    for key, active in app.screen.active_bindings.items():
        if not (active.binding.show and active.enabled):
            continue
        answers = False
        for node, bindings in app.screen._modal_binding_chain:
            for binding in bindings.key_to_bindings.get(key, ()):
                owner, _, name = binding.action.partition("(")[0].rpartition(".")
                answers |= hasattr({"app": app, "screen": app.screen}.get(owner, node), f"action_{name}")
        if not answers:
            found.append(key)
    return found


async def test_each_key_that_is_offered_is_answered():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        seen = []
        for place, keys in PLACES.items():
            await press(pilot, *keys)
            assert unanswered(app) == [], place
            seen.append((type(app.screen).__name__, type(app.focused).__name__))
        assert len(set(seen)) >= len(PLACES) - 2, seen


async def test_each_key_that_is_offered_in_charts_beside_the_list_is_answered():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        await press(pilot, "down")
        curves = await show_charts(pilot)
        assert unanswered(app) == []
        curves.focus_content()
        await press(pilot, "enter")
        assert curves.shows_one
        assert unanswered(app) == []


LIST_KEYS = ["space", "u", "a", "c", "v", "*", "y", "e", "n", "N", "B", "M", "-", "+", "s", "S", "!"]
PRESSED = {"*": "asterisk", "-": "minus", "+": "plus", "!": "exclamation_mark"}


async def unheard(pilot, said):
    """The keys of the list that neither change the screen nor say why they do nothing."""
    app, silent = pilot.app, []
    for key in LIST_KEYS:
        before = screen_text(app), len(said)
        await press(pilot, PRESSED.get(key, key))
        if (screen_text(app), len(said)) == before:
            silent.append(key)
        while len(app.screen_stack) > 1 or app.screen.table.sorted_by != ("started", True):
            await press(pilot, "escape")
        if key == "!":
            await press(pilot, "exclamation_mark")
    return silent


def listen(app):
    """Every text that the application says in passing from now on."""
    said, notify = [], app.notify
    app.notify = lambda message, **how: (said.append(message), notify(message, **how))
    return said


async def test_every_key_of_the_list_acts_on_a_group_row_or_says_why_not():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "b", "enter", "home")
        assert app.screen.table.current_group is not None
        assert await unheard(pilot, listen(app)) == []


async def test_every_key_of_an_empty_list_says_why_it_does_nothing(tmp_path):
    (tmp_path / ".run_log_store").mkdir()
    app = explore(tmp_path)
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        assert await unheard(pilot, listen(app)) == []


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ([], "/ filter  B best  b group  o columns  p preview"),
        ([], "space mark  c compare  ! failed  s sort  f failures  q quit  ? help"),
        (["space", "space"], "2 marked: fixed-11, fixed-9"),
        (["home", "space", "down", "space", "c"], "p charts"),
        (["end", "enter", "2", "enter"], ": step"),
        (["end", "enter"], "C attempts"),
    ],
)
async def test_what_is_most_useful_is_named_on_a_small_screen(keys, shown):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, *keys)
        assert shown in screen_text(app)


@pytest.mark.parametrize(
    "opened", [["b"], ["b", "slash"], ["o"], ["Q"], ["slash", "a", "enter", "Q"], ["w"], ["question_mark"]]
)
async def test_dialogs_keep_their_hints_on_the_smallest_screen(opened):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(40, 10)) as pilot:
        await settle(pilot)
        await press(pilot, *opened)
        bar = app.screen.query_one("KeyBar")
        assert app.screen.region.contains_region(bar.region)
        assert bar.region.height == 1
        assert len(bar.shown_keys()) >= 2


@pytest.mark.parametrize("opened", [["b"], ["o"], ["Q"], ["w"]])
@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
async def test_dialogs_are_as_high_as_what_they_hold(opened, size, tmp_path):
    parameters = {f"p{number}": number for number in range(60)}
    with start_run(parameters=parameters, store=tmp_path / ".run_log_store"):
        pass
    app = explore(tmp_path)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, *opened)
        bar = app.screen.query_one("KeyBar")
        assert bar.region.bottom == bar.parent.content_region.bottom
