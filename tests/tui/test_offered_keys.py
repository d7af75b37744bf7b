"""Whatever key a screen offers, something answers it there."""

from support.explorer import at_home, explore, press, settle, show_charts
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
                answers |= hasattr(app if owner == "app" else node, f"action_{name}")
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
