"""How the explorer leaves its terminal, on a pseudo-terminal: by keys, by signals, by a crash, and while it reads."""

import json
import random
import signal
import stat
import sys
from pathlib import Path

import pytest

from support.many_runs import make_many
from support.pseudo_terminal import PseudoTerminal, children_of
from support.stores import DATA_STORES
from support.tmux import EXPLORER
from support.waiting import until

pytestmark = pytest.mark.outside

SWEEP = DATA_STORES / "magnus-sweep"
PROMPT = "ready> "
SOON = 10.0
"""Seconds for an end that takes less than one where nothing else uses the machine."""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
@pytest.mark.parametrize("keys", ["", "\r", "/", "?", "f"], ids=["list", "run", "filter", "help", "failures"])
def test_a_signal_ends_it_with_its_number_and_the_terminal_as_it_was(number, keys):
    with PseudoTerminal([EXPLORER, SWEEP]) as terminal:
        at = terminal.wait_for("15 runs")
        terminal.type(keys)
        if keys:
            until(lambda: len(terminal.written) > at, "something painted")
        terminal.process.send_signal(number)
        assert terminal.ended(SOON) == 128 + number
        assert terminal.differences() == {}


@pytest.mark.parametrize(
    "number",
    [signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGVTALRM, signal.SIGXCPU],
    ids=lambda one: one.name,
)
def test_the_signals_of_schedulers_end_it_as_others_do(number):
    with PseudoTerminal([EXPLORER, SWEEP]) as terminal:
        terminal.wait_for("15 runs")
        terminal.process.send_signal(number)
        assert terminal.ended(SOON) == 128 + number
        assert terminal.differences() == {}


def test_bytes_that_are_not_utf_8_are_keys_without_a_meaning():
    with PseudoTerminal([EXPLORER, SWEEP]) as terminal:
        terminal.wait_for("15 runs")
        terminal.type("\udce9\udcff\udcc3")
        terminal.type("/caf\udce9")
        terminal.wait_for_screen("caf")
        terminal.type("\x11")
        assert terminal.ended(SOON) == 0
        assert "crashed" not in terminal.text()


@pytest.mark.parametrize("key", ["q", "\x11"], ids=["q", "ctrl+q"])
def test_the_keys_that_quit_leave_the_terminal_as_it_was(key):
    with PseudoTerminal([EXPLORER, SWEEP]) as terminal:
        terminal.wait_for("15 runs")
        terminal.type(key)
        assert terminal.ended(SOON) == 0
        assert terminal.differences() == {}


def test_many_signals_at_once_end_it_as_one_does():
    for _ in range(5):
        with PseudoTerminal([EXPLORER, SWEEP]) as terminal:
            terminal.wait_for("15 runs")
            for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGCONT) * 20:
                terminal.process.send_signal(number)
            assert terminal.ended(SOON) - 128 in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
            assert terminal.differences() == {}


@pytest.mark.parametrize("ignored", [False, True], ids=["", "nohup"])
def test_a_terminal_that_is_closed_ends_it(ignored):
    command = [EXPLORER, SWEEP]
    with PseudoTerminal(["sh", "-c", 'trap "" HUP; exec "$@"', "sh", *command] if ignored else command) as terminal:
        terminal.wait_for("15 runs")
        terminal.hang_up()
        assert terminal.process.wait(SOON) == 128 + signal.SIGHUP


def test_it_ends_although_its_loop_is_stuck():
    sleeping = "import time\ndef raising(*_):\n    time.sleep(1000)\n"
    with PseudoTerminal(explorer_with(sleeping + FAULTS["key"])) as terminal:
        terminal.wait_for("15 runs")
        terminal.type(" ")
        terminal.process.terminate()
        assert terminal.ended(SOON) == 128 + signal.SIGTERM
        assert terminal.differences() == {}


def explorer_with(code):
    """The command that opens the explorer with a fault in it."""
    run = "import sys\nfrom magnus_tui.__main__ import main\nsys.exit(main())"
    return [sys.executable, "-c", f"{code}\n{run}", SWEEP]


FAULTS = {
    "key": "from magnus_tui.runs.screen import RunsScreen\nRunsScreen.action_mark = raising",
    "paint": "from magnus_tui.runs.run_table import RunTable\nRunTable.render_line = raising",
    "worker": "from magnus_tui.feed.feed import Feed\nFeed.refresh = raising",
    "mount": "from magnus_tui.runs.screen import RunsScreen\nRunsScreen.on_mount = raising",
    "start": "from magnus_tui.runs.screen import RunsScreen\nRunsScreen.__init__ = raising",
    "style": "from magnus_tui.app.explorer import ExplorerApp\nExplorerApp.CSS = '}}{'",
    "end": "from magnus_tui.app.explorer import ExplorerApp\nExplorerApp.on_unmount = raising",
}


@pytest.mark.parametrize("place", FAULTS)
def test_a_crash_is_one_line_that_names_the_file_with_its_details(place, user_folders):
    raising = "def raising(*_):\n    raise KeyError('\\x1b[2J\\n[red]')\n"
    with PseudoTerminal(explorer_with(raising + FAULTS[place]), width=400) as terminal:
        if place in ("key", "end"):
            terminal.wait_for("15 runs")
            terminal.type(" " if place == "key" else "q")
        assert terminal.ended(SOON) == 1
        assert terminal.differences() == {}
        after = terminal.text(terminal.written.rindex(b"\x1b[?1049l") if place not in ("start", "style") else 0)
    (line,) = after.strip().splitlines()
    assert line.startswith("magnus-tui: it crashed (")
    report = Path(line.partition("the details are in ")[2])
    assert report.is_relative_to(user_folders)
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert "Traceback" in report.read_text()


FAILING_WHILE_ENDING = """
from magnus_tui.app.explorer import ExplorerApp
end = ExplorerApp.exit
def end_and_fail(self, *given, **named):
    end(self, *given, **named)
    self.screen.call_later(lambda: self.screen.query_one("#not-there"))
ExplorerApp.exit = end_and_fail
"""


@pytest.mark.parametrize("leaving", ["q", signal.SIGINT, signal.SIGTERM], ids=["q", "SIGINT", "SIGTERM"])
def test_what_fails_because_it_is_ending_changes_nothing(leaving):
    with PseudoTerminal(explorer_with(FAILING_WHILE_ENDING)) as terminal:
        terminal.wait_for("15 runs")
        if leaving == "q":
            terminal.type("q")
        else:
            terminal.process.send_signal(leaving)
        assert terminal.ended(SOON) == (0 if leaving == "q" else 128 + leaving)
        assert terminal.differences() == {}
        assert "crashed" not in terminal.text()


SLOW_PAINTING = """
import queue, time
from textual.drivers import _writer_thread
class SlowQueue(queue.Queue):
    def get(self, *given):
        time.sleep(0.2)
        return super().get(*given)
_writer_thread.Queue = SlowQueue
"""


@pytest.mark.parametrize("leaving", ["q", signal.SIGINT], ids=["q", "SIGINT"])
def test_it_restores_a_terminal_that_is_painted_slowly(leaving):
    with PseudoTerminal(explorer_with(SLOW_PAINTING)) as terminal:
        terminal.wait_for("15 runs")
        if leaving == "q":
            terminal.type("q")
        else:
            terminal.process.send_signal(leaving)
        assert terminal.ended(SOON) == (0 if leaving == "q" else 128 + leaving)
        assert terminal.differences() == {}


SLOW_STARTS = {
    "opening the store": "import magnus_tracking.stores as stores\nstores.open_stores = waiting",
    "reading its index": "import magnus_tui.runs.list_query as question\nquestion.look_first = waiting",
}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("place", SLOW_STARTS)
def test_a_signal_ends_it_while_it_starts(place, number):
    code = "import time\ndef waiting(*_):\n    print('it waits', flush=True)\n    time.sleep(1000)\n"
    with PseudoTerminal(explorer_with(code + SLOW_STARTS[place])) as terminal:
        terminal.wait_for("it waits")
        terminal.process.send_signal(number)
        assert terminal.ended(SOON) == 128 + number
        assert terminal.differences() == {}
        assert "Traceback" not in terminal.text()


@pytest.fixture(scope="module")
def heavy(tmp_path_factory):
    """A store with one run of 50 MB, and one with many runs."""
    big = tmp_path_factory.mktemp("big")
    (big / ".run_log_store").mkdir()
    model = json.loads((SWEEP / ".run_log_store" / "fixed-3.json").read_text())
    chance = random.Random(3)
    step = next(iter(model["steps"].values()))
    step["user_defined_metrics"] = {f"m{k}": {str(i): chance.random() for i in range(100_000)} for k in range(16)}
    (big / ".run_log_store" / "fixed-3.json").write_text(json.dumps(model, indent=1))
    return {"huge run": big, "many runs": make_many(tmp_path_factory.mktemp("many"), 20_000)}


@pytest.mark.parametrize("keys", ["", "\r", "\r2", "f"], ids=["list", "run", "metrics", "failures"])
@pytest.mark.parametrize("kind", ["huge run", "many runs"])
def test_it_leaves_while_it_reads_and_leaves_no_process_behind(heavy, kind, keys):
    with PseudoTerminal([EXPLORER, heavy[kind]]) as terminal:
        terminal.wait_for("quit")
        terminal.type(keys)
        children = children_of(terminal.process.pid)
        terminal.type("q")
        assert terminal.ended(SOON) == 0
        assert terminal.differences() == {}
        until(lambda: not any(Path(f"/proc/{child}/exe").exists() for child in children), "the end of its processes")


def test_stopped_it_gives_the_terminal_to_the_shell_and_paints_itself_again():
    with PseudoTerminal(["bash", "--norc", "-i"], environment={"PS1": PROMPT}) as terminal:
        terminal.wait_for(PROMPT)
        terminal.type(f"{EXPLORER} {SWEEP}\n")
        at = terminal.wait_for("15 runs")
        for marked, stop in enumerate(("\x1a", signal.SIGTSTP, signal.SIGSTOP), 1):
            if isinstance(stop, str):
                terminal.type(stop)
            else:
                (child,) = children_of(terminal.process.pid)
                terminal.signal(child, stop)
            at = terminal.wait_for("Stopped", at)
            terminal.type("stty -a; echo s''een\n")
            end = terminal.wait_for("seen", at)
            assert " echo " in terminal.text(at)
            if stop != signal.SIGSTOP:
                modes = terminal.modes()
                assert {number: modes[number] for number in (1049, 1000, 1003, 1006, 25)} == {
                    **dict.fromkeys((1049, 1000, 1003, 1006), "l"),
                    25: "h",
                }
            terminal.type("fg\n")
            at = terminal.wait_for("sweep-10", end)
            assert terminal.modes()[1049] == "h"
            terminal.type(" ")
            at = terminal.wait_for("▌", at)
            terminal.wait_for_screen(f"{marked} marked")
        terminal.type("q")
        terminal.wait_for(PROMPT, at)
        terminal.type("stty -a; echo status $?\n")
        terminal.wait_for("status 0", at)
        assert terminal.modes()[1049] == "l"


@pytest.mark.parametrize("opens", ["o", "?", "w"], ids=["columns", "help", "save"])
def test_it_is_stopped_from_a_dialog_too(opens):
    with PseudoTerminal(["bash", "--norc", "-i"], environment={"PS1": PROMPT}) as terminal:
        terminal.wait_for(PROMPT)
        terminal.type(f"{EXPLORER} {SWEEP}\n")
        at = terminal.wait_for("15 runs")
        terminal.type(opens)
        at = terminal.wait_for("esc", at)
        terminal.type("\x1a")
        at = terminal.wait_for("Stopped", at)
        terminal.type("fg\n")
        at = terminal.wait_for("esc", at)
        terminal.type("\x11")
        terminal.wait_for(PROMPT, at)


def test_without_a_shell_to_return_to_it_is_not_stopped():
    with PseudoTerminal([EXPLORER, SWEEP]) as terminal:
        terminal.wait_for("15 runs")
        terminal.type("\x1a")
        terminal.wait_for("no shell is waiting")
        terminal.type("q")
        assert terminal.ended(SOON) == 0
        assert terminal.differences() == {}


@pytest.mark.parametrize("stream", ["stdin", "stdout"])
def test_with_half_a_terminal_it_is_one_line_and_status_2(stream):
    with Path("/dev/null").open("r+b", 0) as other, PseudoTerminal([EXPLORER, SWEEP], **{stream: other}) as terminal:
        assert terminal.ended(SOON) == 2
        assert len(terminal.text().strip().splitlines()) == 1
        assert b"\x1b" not in terminal.written


@pytest.mark.parametrize("term", ["dumb", "", "unknown"])
def test_a_terminal_that_can_draw_nothing_is_one_line_and_status_2(term):
    with PseudoTerminal([EXPLORER, SWEEP], environment={"TERM": term}) as terminal:
        assert terminal.ended(SOON) == 2
        assert "TERM is" in terminal.text()
        assert b"\x1b" not in terminal.written


def test_its_errors_may_go_to_a_file(tmp_path):
    with (tmp_path / "errors").open("w") as errors, PseudoTerminal([EXPLORER, SWEEP], stderr=errors) as terminal:
        terminal.wait_for("15 runs")
        terminal.type("q")
        assert terminal.ended(SOON) == 0
        assert terminal.differences() == {}
    assert (tmp_path / "errors").read_text() == ""
