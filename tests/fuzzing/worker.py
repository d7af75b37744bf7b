"""A process that makes inputs and drives them: a line of its input is an input, a line of its output what was found."""

import contextlib
import faulthandler
import json
import os
import shutil
import signal
import sys
import threading
import time
import traceback
from pathlib import Path

SLOW_SECONDS = 2.0
"""Of the processor, for one thing that a user asks for."""

MOST_KB = 500_000
"""Kilobytes of memory at the peak of an input."""

_REPORTED = 4000
_STATUS = Path("/proc/self/status")
_RESET = Path("/proc/self/clear_refs")


class Watch:
    """Times each thing that is done, and collects what was found."""

    def __init__(self):
        self.found = []

    @contextlib.contextmanager
    def __call__(self, what):
        began = time.process_time()
        try:
            yield
        except Exception as error:
            error.add_note(f"while: {what}")
            raise
        took = time.process_time() - began
        if took > SLOW_SECONDS:
            self.found.append(("hang", f"{what} took {took:.1f} s of the processor"))

    def escaped(self, error, where=""):
        """Take in an exception that escaped."""
        text = "".join(traceback.format_exception(error))
        self.found.append(
            (
                "escape",
                f"{where}{text[:_REPORTED]}\n…\n{text[-_REPORTED:]}" if len(text) > 2 * _REPORTED else where + text,
            )
        )


def run(target, number, folder):
    """Make and drive one input; what was found, as (kind, text) pairs, and the peak of memory in kilobytes."""
    from fuzzing import driving

    watch = Watch()
    threading.excepthook = lambda failed: watch.escaped(failed.exc_value, "in a thread: ")
    os.environ["MAGNUS_TUI_CACHE"] = str(folder / "cache")
    project = folder / "input"
    _reset_peak()
    try:
        chance = driving.make(target, number, project)
        driving.drive(target, project, chance, watch)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        watch.escaped(error)
    peak = _peak()
    if peak > MOST_KB:
        watch.found.append(("memory", f"{peak >> 10} MB at the peak"))
    return watch.found, peak


def _reset_peak():
    with contextlib.suppress(OSError):
        _RESET.write_text("5")


def _peak():
    try:
        lines = _STATUS.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def write_case(cases, target, number, found):
    """Keep an input and what was found with it, and how to repeat it; the folder."""
    from fuzzing import driving

    case = cases / f"{target}-{number}"
    shutil.rmtree(case, ignore_errors=True)
    case.mkdir(parents=True)
    with contextlib.suppress(Exception):
        driving.make(target, number, case / "input")
    command = f".venv/bin/python -m fuzzing --only {target} --seed {number} --inputs 1"
    text = "\n\n".join(f"{kind}:\n{what}" for kind, what in found)
    (case / "finding.txt").write_text(f"Repeat it with: {command}\n\n{text}\n", "utf-8", "backslashreplace")
    return case


def main():
    """Answer until there are no more inputs."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="backslashreplace")
    os.dup2(2, 1)
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    home = Path(sys.argv[2])
    os.environ.update(HOME=str(home), XDG_CONFIG_HOME=str(home), XDG_CACHE_HOME=str(home), COLUMNS="100", LINES="40")
    os.environ.pop("MAGNUS_TUI_CONFIG", None)
    cases = Path(sys.argv[1])
    for count, line in enumerate(sys.stdin):
        target, number = line.split()
        folder = home / str(count)
        folder.mkdir()
        os.chdir(folder)
        found, peak = run(target, int(number), folder)
        if found:
            write_case(cases, target, int(number), found)
        answers.write(json.dumps({"found": found, "peak": peak}) + "\n")
        answers.flush()
        os.chdir(home)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
