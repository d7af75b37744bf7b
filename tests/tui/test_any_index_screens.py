"""Each screen shows the same with an index as without one, whatever has become of the index."""

import pytest

from magnus_tracking.index import RunIndex
from magnus_tracking.stores import open_store
from support.explorer import at_home, explore, screen_text, settle
from support.index_states import put_into

WALK = {
    "runs": [],
    "filtered and sorted": ["slash", *"s:fail", "enter", "S"],
    "grouped": ["escape", "b", "enter"],
    "history": ["b", "up", "enter", "v"],
    "compared": ["escape", "home", "space", "end", "space", "c"],
    "failures": ["escape", "u", "home", "f"],
    "run": ["escape", "end", "enter"],
    "metrics": ["2"],
    "timeline": ["escape", "t"],
}
"""What is pressed, one after the other, to come to each screen."""
SCREENS = [
    *["RunsScreen"] * 3,
    "HistoryScreen",
    "CompareScreen",
    "FailuresScreen",
    *["RunScreen"] * 2,
    "TimelineScreen",
]
FOUND = [("magnus-sweep", "warm"), ("runnable-examples", "warm"), ("magnus-reruns", "corrupt")]
"""Stores with the state in which their index is found; the commands are held to the same on every store."""


def fill_index(project):
    index = RunIndex.open(open_store(project))
    index.refresh()
    index.close()


async def seen(project):
    """The text of each screen."""
    app = explore(project)
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        shown, screens = {}, []
        for name, keys in WALK.items():
            for key in keys:
                await pilot.press(key)
                if key not in "s:fail":
                    await settle(pilot)
            app.clear_notifications()
            await pilot.pause()
            shown[name] = screen_text(app)
            screens.append(type(app.screen).__name__)
        assert screens == SCREENS
        return shown


@pytest.mark.parametrize(("store", "state"), FOUND)
async def test_the_screens_show_the_same_whatever_index_they_find(store, state, tmp_path, monkeypatch):
    project, cache, no_folder = at_home(store), tmp_path / "cache", tmp_path / "a-file"
    no_folder.write_text("")
    monkeypatch.setenv("MAGNUS_TUI_CACHE", str(no_folder))
    without = await seen(project)
    monkeypatch.setenv("MAGNUS_TUI_CACHE", str(cache))
    fill_index(project)
    put_into(state, cache)
    assert await seen(project) == without
