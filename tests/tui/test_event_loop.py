"""The thread that answers keys never waits for a file, a database, a process or a module of ours."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.explorer import at_home

WALKS = {
    "the list": "down pagedown end up home right left u y F F s S p p n N exclamation_mark n exclamation_mark "
    "@narrow p p @wide @theme escape",
    "charts beside the list": "p down down space space tab right m L enter left right plus escape colon 5 0 enter y "
    "escape escape less_than_sign greater_than_sign @narrow p p down escape @wide p p p a u tab z z tab end enter "
    "escape",
    "the list followed": "@settled @another-run down y",
    "a filter": "slash l r less_than_sign 0 period 1 tab backspace escape slash t a g down up tab colon tab "
    "enter escape",
    "groups": "b down enter down enter enter minus plus b slash l r enter escape escape",
    "columns": "o space down space slash l r enter enter M B s S asterisk a u",
    "saved queries": "slash l o s s enter Q t r y enter escape Q enter escape Q delete escape",
    "help and palette": "question_mark down slash t a g enter escape escape colon 3 enter f question_mark "
    "escape escape ctrl+p l o g escape",
    "a run": "enter tab z z B right_curly_bracket left_curly_bracket f escape tab down up enter escape escape n "
    "N H y e right_square_bracket left_square_bracket enter "
    "1 3 4 5 6 7 8 9 1 y e tab @narrow tab escape @wide escape",
    "a run's log": "enter 5 down up end home slash e r r enter n N escape v y e left right escape escape",
    "a run's metrics": "enter 2 down right space space enter left right plus minus 0 L m m m y escape "
    "v down right pagedown end y v u slash l o enter escape escape escape",
    "a run's json": "enter 9 down right left enter end y slash l r enter escape e 8 down enter escape",
    "a run over time": "enter t down plus minus 0 left right asterisk B y enter t escape escape",
    "comparisons": "space space space c down right d space s i i I I M y p p tab left right escape slash l r enter "
    "escape enter escape escape u c escape down c escape",
    "comparisons inside": "enter c escape C down right D n N y escape escape escape",
    "failures": "f down up y enter down y enter escape escape 2 y enter escape slash t enter escape 1 escape",
    "history": "v left right L y enter escape escape",
    "the editor": "e down e enter e 5 e",
    "leaving at once": "S q",
    "what is seen, saved": "w enter w down down enter w up enter w y w tab x enter w tab x enter enter w escape "
    "enter w enter escape f w y escape escape",
    "what is seen of a run": "enter w y 1 w y 2 w y v w y enter w y escape 3 w y 5 w y 6 w y 8 w y 9 w y w enter "
    "escape t w y escape escape",
    "what is seen beside each other": "space space c w enter tab w y escape escape enter c escape C D w y escape "
    "escape escape v w y",
}

HELD = {
    "the list": "@settled @hold down up pagedown home right space end slash l r escape question_mark escape @release",
    "charts beside the list": "@settled p down @settled @hold down tab right enter left escape escape "
    "less_than_sign p @release",
    "an order that is not known": "@settled @hold S p p @release",
    "a run that is being read": "@settled @hold enter escape down enter escape @release",
    "a run": "@settled enter @hold 2 3 4 5 6 7 8 9 1 tab down up t escape question_mark escape escape @release",
    "a run's metrics": "slash i d colon s w e e p minus 1 enter enter @settled 2 @settled @hold down space "
    "space enter "
    "left y escape v down y escape @release",
    "what there is nothing to be copied of": "@settled enter 2 @settled @hold y @release",
    "the failures": "f @settled @hold y enter y question_mark escape escape 2 y 1 escape @release",
    "what is saved": "@settled @hold w down tab x enter escape w y escape @release",
    "a comparison": "@settled space space c @hold down right p d slash l escape escape @release",
}


def _walked(project, steps):
    tests = Path(__file__).parents[1]
    command = [sys.executable, "-m", "support.loop_walk", str(project), *steps.split()]
    environment = {**os.environ, "PYTHONWARNINGS": "default", "PYTHONPATH": str(tests)}
    # What is saved without a folder comes to lie at home.
    done = subprocess.run(command, cwd=Path.home(), capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("walk", WALKS)
@pytest.mark.parametrize("store", ["magnus-sweep", "runnable-examples"])
def test_the_event_loop_opens_no_file_runs_no_query_and_starts_no_process(walk, store):
    found = _walked(at_home(store), WALKS[walk])
    assert not found, "\n".join(found)


@pytest.mark.parametrize("walk", HELD)
def test_keys_are_answered_while_all_reading_and_writing_stands_still(walk):
    assert _walked(at_home("magnus-sweep"), HELD[walk]) == []


def test_keys_in_a_log_that_is_too_long_to_be_held_are_answered_before_it_is_read():
    project = at_home("magnus-sweep")
    for log in (project / ".catalog").rglob("*.log"):
        log.write_text("".join(f"line {number} of many\n" for number in range(200_000)))
    keys = (
        "@settled enter 5 @settled @hold up home @release @settled @hold down end @release @settled @hold home @release"
    )
    assert _walked(project, keys) == []


def test_nor_does_it_where_there_is_no_store(tmp_path):
    found = _walked(tmp_path, "question_mark escape ctrl+p q u i t escape q")
    assert not found, "\n".join(found)


def test_what_was_chosen_last_is_written_also_by_who_leaves_at_once():
    project = at_home("magnus-sweep")
    assert _walked(project, "S q") == []
    assert 'sort = ["started"]' in (Path(os.environ["XDG_CONFIG_HOME"]) / "magnus-tui" / "settings.toml").read_text()
