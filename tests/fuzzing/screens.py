"""A walk through the explorer: every screen, with the keys that a curious user would press."""

import asyncio
import contextlib

from textual.events import Key
from textual.keys import _character_to_key
from textual.worker import WorkerCancelled

from fuzzing.following import change_live
from fuzzing.projects import change_again
from magnus_tracking.stores import open_store
from magnus_tui.app.explorer import ExplorerApp

LIST = (
    "down",
    "up",
    "p",
    "p",
    "s",
    "S",
    "exclamation_mark",
    "exclamation_mark",
    "o",
    "escape",
    "b",
    "escape",
    "n",
    "N",
)
RUN = ("1", "2", "v", "v", "enter", "L", "plus", "escape", "escape", "3", "4", "5", "6", "7", "8", "9", "enter", "down")
STEPS = ("down", "down", "n", "right_square_bracket", "H", "H", "C", "escape", "c", "escape")
TIMELINE = ("t", "down", "plus", "minus", "0", "escape")
FAILURES = ("f", "down", "enter", "escape", "2", "escape")
COMPARE = ("space", "down", "space", "c", "d", "down", "s", "i", "p", "D", "escape", "escape", "u")
HISTORY = ("v", "enter", "left", "L", "escape", "escape")
NAMED = (
    *("enter", "escape", "tab", "shift+tab", "up", "down", "left", "right", "pageup", "pagedown", "home", "end"),
    *("space", "backspace", "ctrl+p", "ctrl+u", "ctrl+d", "ctrl+f", "ctrl+b", "ctrl+l"),
)
"""Keys that have names."""
TYPED = "".join(chr(place) for place in range(33, 127) if chr(place) not in "qeQ")
"""Keys of one character, but those that end the explorer or open an editor."""
_GOES_ON = {"follow", "zoom", "verify"}


def walk(project, chance, watch):
    """Walk through the screens of a project."""
    asyncio.run(_walk(project, chance, watch))


@contextlib.asynccontextmanager
async def _opened(project, chance, sizes):
    """The explorer of a project on a terminal of one of the sizes; it is to end well."""
    settings = project / "settings.toml"
    settings.write_text(f"follow = {'true' if chance.random() < 0.5 else 'false'}\n")
    app = ExplorerApp(open_store(project), settings_file=settings)
    async with app.run_test(size=chance.choice(sizes)) as pilot:
        await _settle(pilot)
        yield pilot
    if app.return_code not in (None, 0):
        raise AssertionError(f"the explorer ended with {app.return_code}")


async def _walk(project, chance, watch):
    async with _opened(project, chance, ((160, 45), (80, 24), (40, 12))) as pilot:
        parts = [LIST, FAILURES, COMPARE, HISTORY]
        chance.shuffle(parts)
        for part in parts[:2]:
            await _press(pilot, part, watch)
            _change(project, chance)
        await _press(pilot, ("g", *(["down"] * chance.randrange(3)), "enter"), watch)
        for part in chance.sample([RUN, STEPS, TIMELINE], 2):
            await _press(pilot, part, watch)
            _change(project, chance)
        while len(pilot.app.screen_stack) > 1:
            before = len(pilot.app.screen_stack)
            await _press(pilot, ("escape", "escape"), watch)
            if len(pilot.app.screen_stack) >= before:
                break


def press_anything(project, chance, watch):
    """Press keys at random, many of them faster than they can be answered, while the runs change."""
    asyncio.run(_press_anything(project, chance, watch))


async def _press_anything(project, chance, watch):
    async with _opened(project, chance, ((160, 45), (80, 24), (40, 12), (20, 6), (3, 2))) as pilot:
        for _ in range(chance.randrange(5, 25)):
            keys = [chance.choice(NAMED) if chance.random() < 0.5 else chance.choice(TYPED) for _ in range(8)]
            with watch(f"keys {' '.join(keys)}"):
                for key in keys:
                    pilot.app.post_message(_pressed(key))
                    if chance.random() < 0.3:
                        await pilot.pause()
                await _settle(pilot)
            _change(project, chance)


def _pressed(key):
    """What a terminal tells of a key, by its name or its one character."""
    if len(key) == 1:
        return Key(_character_to_key(key), key)
    return Key(key, " " if key == "space" else None)


def _change(project, chance):
    """Change the run, or a journal of it, that may be on the screen."""
    if chance.random() < 0.5:
        change_again(project, chance)
    if chance.random() < 0.5:
        change_live(project / ".run_log_store", chance)


async def _press(pilot, keys, watch):
    for key in keys:
        with watch(f"key {key}"):
            await pilot.press(key)
            await _settle(pilot)


async def _settle(pilot):
    for _ in range(3):
        await pilot.pause()
        running = [one for one in pilot.app.workers if not one.is_finished and one.group not in _GOES_ON]
        for one in running:
            with contextlib.suppress(WorkerCancelled, TimeoutError):
                await asyncio.wait_for(asyncio.shield(one.wait()), 10)
