"""A key means one thing everywhere, and the settings give it another meaning everywhere."""

import importlib
import pkgutil
import subprocess
import sys
import tomllib

import pytest
from textual.dom import DOMNode

import magnus_tui
from magnus_tui import keys
from support.explorer import at_home, explore, open_run, press, screen_text, settle
from support.stores import TESTS


def bound():
    """Every binding of ours, with the class that has it."""
    for module in pkgutil.walk_packages(magnus_tui.__path__, "magnus_tui."):
        # The command line binds no keys, and its server needs an extra.
        if not module.name.startswith(("magnus_tui.cli.", "magnus_tui.__main__")):
            importlib.import_module(module.name)
    classes = [DOMNode]
    for one in classes:
        classes += one.__subclasses__()
        if one.__module__.startswith("magnus_tui."):
            yield from ((one, binding) for binding in one.__dict__.get("BINDINGS", ()))


def test_a_key_has_one_verb_on_all_screens():
    verbs = {}
    for owner, binding in bound():
        for key in binding.key.split(","):
            verb = "quit" if binding is keys.QUIT_ANYWHERE else binding.id
            verbs.setdefault((keys.VERBS[verb].typed, key), {}).setdefault(verb, owner.__name__)
    assert len(verbs) > 50
    assert {key: found for key, found in verbs.items() if len(found) > 1} == {}
    assert keys.clashes({}) == []


def test_what_a_key_does_is_a_sentence():
    tables = [table for name, table in vars(keys).items() if name.isupper() and isinstance(table, tuple)]
    for sentence in [*(verb.help for verb in keys.VERBS.values()), *(key.help for table in tables for key in table)]:
        assert sentence[0].isupper()
        assert not sentence.endswith(".")
        assert len(sentence.split()) > 1, sentence


def test_the_page_of_keys_is_up_to_date():
    checked = subprocess.run([sys.executable, TESTS.parent / "docs" / "make_keys.py", "--check"], check=False)
    assert checked.returncode == 0


def test_the_example_of_other_keys_is_accepted():
    page = (TESTS.parent / "docs" / "keys.md").read_text(encoding="utf-8")
    example = "\n".join(line.strip() for line in page.splitlines() if line.startswith("    "))
    chosen, wrong = keys.chosen_in(tomllib.loads(example)["keys"])
    assert wrong == []
    assert chosen == {"sort": "ctrl+s", "mark": "space,f2"}


async def test_a_key_from_the_settings_is_pressed_and_named_everywhere():
    app = explore(at_home("magnus-sweep"), keys='{ failed_only = "Z", sort = ["ctrl+s", "?"], help = "f1" }')
    async with app.run_test(size=(160, 50)) as pilot:
        await settle(pilot)
        assert "Z failed" in screen_text(app).splitlines()[-1]
        await press(pilot, "exclamation_mark")
        assert len(app.screen.table.row_ids) == 15
        await press(pilot, "Z")
        assert len(app.screen.table.row_ids) == 2
        await press(pilot, "f1")
        assert "ctrl+s ?" in screen_text(app)


async def test_messages_name_the_keys_that_are_in_force():
    app = explore(at_home("magnus-sweep"), keys='{ failed_only = "Z", mark = "ctrl+j", compare = "ctrl+k" }')
    async with app.run_test(size=(160, 50)) as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+j", "up", "ctrl+k")
        said = [notification.message for notification in app._notifications]
        assert said == ["one run is marked: move to another, then press ctrl+k"]
        await press(pilot, "Z", "slash", *"status:success")
        assert "no failed runs match the filter; Z shows all runs, esc clears the filter" in screen_text(app)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('{ sort = "o" }', "keys: 'o' would mean both sort and columns: give one of them another key"),
        ('{ sorting = "o" }', "keys: 'sorting' is not a verb"),
        ("{ sort = 3 }", "keys must be a table of keys by verb"),
    ],
)
async def test_a_wrong_key_in_the_settings_is_one_line_and_the_others_hold(given, said):
    app = explore(at_home("magnus-sweep"), keys=given)
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        assert said in next(iter(app._notifications)).message
        await press(pilot, "exclamation_mark")
        assert len(app.screen.table.row_ids) == 2


async def test_vims_and_lesss_keys_move():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 12)) as pilot:
        await settle(pilot)
        table = app.screen.table
        places = []
        for key in ("ctrl+f", "ctrl+b", "ctrl+d", "ctrl+u", "G", "g", "g", "dollar_sign", "0"):
            await press(pilot, key)
            places.append((table.cursor, table.column_cursor))
        last = len(table.columns) - 1
        half = table.visible_rows // 2
        rows = [table.visible_rows, 0, half, 0, len(table.row_ids) - 1, 0, 0]
        assert places == [*((row, 3) for row in rows), (0, last), (0, 0)]


async def test_a_number_behind_a_colon_goes_to_a_row_a_step_and_a_line():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "colon", "7", "enter")
        assert app.screen.table.cursor == 6
        await press(pilot, "colon", "9", "escape")
        assert app.screen.table.cursor == 6
        await press(pilot, "enter", "2", "enter", "colon", *"120", "enter")
        assert "step 120" in screen_text(app)


async def test_the_runs_before_and_after_of_the_pipeline_are_one_key_away():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await open_run(pilot, "fixed-9")
        order = [run.run_id for run in app.feed.runs_of_pipeline(screen.loaded.opened.summary)]
        here = order.index("fixed-9")
        await press(pilot, "right_curly_bracket")
        assert app.screen.run_id == order[here + 1]
        await press(pilot, "left_curly_bracket", "left_curly_bracket")
        assert app.screen.run_id == order[here - 1]
        await press(pilot, "escape")
        assert app.screen.table.has_focus


async def test_one_key_shows_the_pane_with_the_focus_alone():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await open_run(pilot, "fixed-9")
        both = screen.steps.size.width
        await press(pilot, "z")
        assert screen.steps.size.width > 150
        await press(pilot, "tab")
        assert screen.details.size.width > 150
        await press(pilot, "z")
        assert (screen.steps.size.width, screen.details.display) == (both, True)


async def test_a_number_that_is_not_there_is_said_with_the_one_that_was_gone_to():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        await press(pilot, "colon", *"999", "enter")
        assert said_last(app) == "there is no row 999; this is row 15"
        await open_run(pilot, "fixed-3")
        await press(pilot, "2", "enter")
        assert ": step" in screen_text(app).splitlines()[-1]
        await press(pilot, "colon", *"1234", "enter")
        assert said_last(app) == "there is no step 1,234; this is step 299"
        app.clear_notifications()
        await press(pilot, "colon", *"120", "enter")
        assert not app._notifications


def said_last(app):
    return list(app._notifications)[-1].message
