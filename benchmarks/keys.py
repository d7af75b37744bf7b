"""Whether a key is answered within a frame on every screen: 100,000 runs, runs of 4,000 curves, a log of 200,000 lines.

A frame is a sixtieth of a second. A key is answered with the first bytes that it sends to the terminal. That may take
a frame longer than in a bare Textual application: of a key that shows something else on the same screen than there one
that changes a line of text, of a key that opens a screen or a dialog than there one that opens a list of a few lines.

Beside that stands how long a key keeps the event loop from the next one: the processor time of the first thread until
nothing more is painted, which other work on the machine does not lengthen.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from benchmarks.corpus import make_store
from benchmarks.first_paint import BARE, EXPLORER, fill_index
from benchmarks.report import Finding
from benchmarks.shapes import Shape, write_run
from benchmarks.terminal import ANYTHING, PaintedProgram

RUNS, CURVES, VALUES, BRANCHES, LINES = 100_000, 4_000, 100, 10_000, 200_000
FRAME_MS = 1000 / 60
PRESSES = 6
_QUIET, _IDLE = 0.25, 0.15
"""Seconds without a byte, and the share of a processor below which nothing is worked out in them, that make a rest."""
_PATIENCE = 8.0
_RUN_PAINTED = rb"curves-1"
_ENTER, _ESCAPE, _TAB = b"\r", b"\x1b", b"\t"
_UP, _DOWN, _RIGHT, _LEFT = b"\x1b[A", b"\x1b[B", b"\x1b[C", b"\x1b[D"
_PAGE_DOWN, _PAGE_UP = b"\x1b[6~", b"\x1b[5~"


@dataclass(frozen=True, slots=True)
class _Keys:
    """Keys that are pressed in turn on one screen, each of them measured.

    Attributes:
        question: what they do, for the table.
        keys: which, again and again until there are `PRESSES`.
        before: keys that lead there, which are not measured.
        after: keys that lead back, likewise.
        once: whether each is pressed once.
        opens: whether they open a screen or a dialog, or a pane that is made for them; each is pressed once, too.
    """

    question: str
    keys: tuple[bytes, ...]
    before: tuple[bytes, ...] = ()
    after: tuple[bytes, ...] = ()
    once: bool = False
    opens: bool = False

    def pressed(self) -> Iterator[bytes]:
        """The keys that are measured, one after the other."""
        return iter(self.keys) if self.once or self.opens else islice(cycle(self.keys), PRESSES)


def _letters(text: str) -> tuple[bytes, ...]:
    return tuple(letter.encode() for letter in text)


def _opened(run: str) -> tuple[bytes, ...]:
    """The keys that open a run from the list."""
    return (b"/", f"id:{run}".encode(), _ENTER, _ENTER)


SCREENS: dict[str, tuple[_Keys, ...]] = {
    "list": (
        _Keys("cursor", (_DOWN,)),
        _Keys("page", (_PAGE_DOWN,)),
        _Keys("last, first", (b"G", b"g")),
        _Keys("column", (b"l", b"h")),
        _Keys("mark", (b" ",)),
        _Keys("next failure", (b"n",)),
        _Keys("best run", (b"B", b"g")),
        _Keys("sort, reverse", (b"s", b"S")),
        _Keys("failed only, all", (b"!",)),
        _Keys("mark all, unmark", (b"a", b"u"), after=(b"u",)),
        _Keys("filter opened", (b"/",), once=True),
        _Keys("letter in the filter", _letters("status:fail"), once=True),
        _Keys("letter taken back", (b"\x7f",), after=(_ESCAPE,)),
        _Keys("groups offered", (b"b",), opens=True),
        _Keys("grouped", (_ENTER,), before=(_DOWN,), once=True),
        _Keys("cursor in groups", (_DOWN,)),
        _Keys("groups folded, unfolded", (b"-", b"+"), after=(b"b", b"g", _ENTER)),
        _Keys("history", (b"v",), after=(_ESCAPE,), opens=True),
        _Keys("help", (b"?",), opens=True),
        _Keys("page of the help", (_PAGE_DOWN, _PAGE_UP)),
        _Keys("letter in the help", _letters("sort"), before=(b"/",), after=(_ESCAPE, _ESCAPE), once=True),
        _Keys("palette", (b"\x10",), opens=True),
        _Keys("letter in the palette", _letters("curves"), once=True),
        _Keys("cursor in the palette", (_DOWN, _UP), after=(_ESCAPE,)),
        _Keys("dialog to save", (b"w",), after=(_ESCAPE,), opens=True),
        _Keys("dialog of columns", (b"o",), after=(_ESCAPE,), opens=True),
        _Keys("charts beside", (b"p",), opens=True),
        _Keys("cursor with charts beside", (_DOWN,)),
    ),
    f"run of {BRANCHES:,} branches": (
        _Keys("opened", (_ENTER,), before=_opened("wide")[:-1], opens=True),
        _Keys("cursor", (_DOWN,)),
        _Keys("page", (_PAGE_DOWN,)),
        _Keys("last, first", (b"G", b"g")),
        _Keys("next failure", (b"n",)),
        _Keys("slowest", (b"B",)),
        _Keys("hide finished", (b"H",)),
        _Keys("filter", _letters("666"), before=(b"/",), after=(_ESCAPE,), once=True),
        _Keys("tab", (b"3", b"4", b"5", b"6", b"7", b"8", b"9", b"1"), opens=True),
        _Keys("timeline", (b"t",), opens=True),
        _Keys("cursor in the timeline", (_UP, _DOWN)),
        _Keys("page in the timeline", (_PAGE_DOWN, _PAGE_UP)),
        _Keys("zoom in the timeline", (b"+", b"-")),
        _Keys("slowest in the timeline", (b"B",)),
    ),
    f"run of {CURVES:,} curves": (
        _Keys("opened", (_ENTER,), before=_opened("curves-1")[:-1], opens=True),
        _Keys("page of curves", (b"2",), opens=True),
        _Keys("cursor in the curves", (_RIGHT, _DOWN)),
        _Keys("next page of curves", (_PAGE_DOWN,)),
        _Keys("last, first curves", (b"G", b"g")),
        _Keys("axis, smoothing of curves", (b"L", b"m")),
        _Keys("filter of curves", _letters("39"), before=(b"/",), after=(_ESCAPE,), once=True),
        _Keys("curves marked", (b" ",)),
        _Keys("table of values", (b"v",), opens=True),
        _Keys("cursor in the table", (_DOWN, _RIGHT)),
        _Keys("page of the table", (_PAGE_DOWN, _PAGE_UP)),
        _Keys("ends of the table", (b"$", b"0", b"G", b"g"), after=(b"v",)),
        _Keys("all curves marked, unmarked", (b"a", b"u")),
        _Keys("one curve opened", (_ENTER,), opens=True),
        _Keys("crosshair", (_LEFT,)),
        _Keys("zoom", (b"+", b"-")),
        _Keys("axis, smoothing of a chart", (b"L", b"m"), after=(_ESCAPE,)),
        _Keys("all curves opened as one chart", (_ENTER,), before=(b"a",), opens=True),
        _Keys("crosshair in all of them", (_LEFT,), after=(_ESCAPE, b"u")),
        _Keys("raw JSON", (b"9",), opens=True),
    ),
    f"comparison of {CURVES:,} metrics": (
        _Keys("opened", (b"c",), before=(b"/", b"id:curves*", _ENTER, b"a"), opens=True),
        _Keys("cursor", (_DOWN,)),
        _Keys("page", (_PAGE_DOWN,)),
        _Keys("last, first", (b"G", b"g")),
        _Keys("column", (_RIGHT, _LEFT)),
        _Keys("all rows, differences", (b"d",)),
        _Keys("sorted", (b"s",)),
        _Keys("filter", _letters("39"), before=(b"/",), after=(_ESCAPE,), once=True),
        _Keys("cursor in the charts", (_RIGHT, _DOWN), before=(_TAB,)),
        _Keys("page of the charts", (_PAGE_DOWN,)),
        _Keys("chart", (_ENTER,), opens=True),
        _Keys("crosshair", (_LEFT,)),
        _Keys("next metric", (_DOWN,)),
    ),
    f"failures of {RUNS:,} runs": (
        _Keys("opened", (b"f",), opens=True),
        _Keys("cursor", (_DOWN, _UP)),
        _Keys("filter", _letters("exception"), before=(b"/",), after=(_ESCAPE,), once=True),
        _Keys("cause entered", (_ENTER,), before=(b"g",), once=True),
        _Keys("attempt", (_DOWN,)),
        _Keys("page of attempts", (_PAGE_DOWN,)),
        _Keys("last, first", (b"G", b"g"), after=(_ESCAPE,)),
        _Keys("flaky", (b"2", b"1")),
    ),
    f"log of {LINES:,} lines": (
        _Keys("opened", (b"5",), before=_opened("logged"), opens=True),
        _Keys("cursor", (_UP,)),
        _Keys("page", (_PAGE_UP,)),
        _Keys("last, first", (b"G", b"g")),
        _Keys("right", (_RIGHT, _LEFT)),
        _Keys("next error", (b"n", b"N")),
        _Keys("search", _letters("777"), before=(b"/",), once=True),
        _Keys("next match", (b"n",), before=(_ENTER,)),
    ),
}
"""What is pressed, one after the other, in an explorer of its own for each."""


def measure(folder: Path) -> Iterator[Finding]:
    """What each key takes until it is answered, and how long it holds the event loop.

    Args:
        folder: where the store is made.
    """
    store = _make_store(folder)
    places = {f"XDG_{kind.upper()}_HOME": str(folder / f"keys-{kind}") for kind in ("config", "cache")}
    environment = {**os.environ, **places}
    fill_index(store, environment)
    for screen, actions in SCREENS.items():
        # What is remembered of one list, its order, say, is not where the next one begins.
        shutil.rmtree(places["XDG_CONFIG_HOME"], ignore_errors=True)
        with PaintedProgram([sys.executable, str(BARE)], environment) as program:
            program.wait_for(b"bare-application-painted")
            floors = {
                False: [_pressed(program, key) for key in (b"a", b"b") * PRESSES],
                True: [_pressed(program, key) for key in (b"o", _ESCAPE) * PRESSES][::2],
            }
        with PaintedProgram([EXPLORER, str(store)], environment, answers=True) as program:
            program.wait_for(_RUN_PAINTED)
            _rest(program)
            for action in actions:
                _press_all(program, action.before)
                times, held = zip(*(_pressed(program, key) for key in action.pressed()), strict=True)
                _press_all(program, action.after)
                bare, bare_held = zip(*floors[action.opens], strict=True)
                question = f"{screen}: {action.question}"
                within = [time + FRAME_MS for time in bare]
                yield Finding(question, times, "a bare app's key and a frame", within, 1.0)
                yield Finding(f"{question}, held the event loop", held, "a bare app's", bare_held)


def _press_all(program: PaintedProgram, keys: Sequence[bytes]) -> None:
    for key in keys:
        program.press(key)
        _rest(program)


def _pressed(program: PaintedProgram, key: bytes) -> tuple[float, float]:
    """Milliseconds until a key is answered, and those of processor time that the event loop takes for it in all."""
    before = program.loop_seconds()
    pressed = program.press(key)
    answered = program.wait_for(ANYTHING, _PATIENCE)
    _rest(program)
    return (answered - pressed) * 1000, (program.loop_seconds() - before) * 1000


def _rest(program: PaintedProgram) -> None:
    """Wait until nothing is painted and next to nothing is worked out, also where other work lets both wait."""
    end = time.perf_counter() + _PATIENCE
    working = True
    while working and time.perf_counter() < end:
        sent, taken = program.sent, program.processor_seconds()
        program.settle_for(_QUIET)
        working = program.sent != sent or program.processor_seconds() - taken > _IDLE * _QUIET


def _make_store(folder: Path) -> Path:
    """A store with the runs of the other parts, as links, and below them what is large; its folder."""
    store = folder / "keys" / ".run_log_store"
    if store.exists():
        return store
    runs = make_store(folder / f"runs-{RUNS}", RUNS)
    making = store.with_name(f"{store.name}-{os.getpid()}")
    making.mkdir(parents=True)
    for run in runs.iterdir():
        os.link(run, making / run.name)
    write_run(making, Shape(branches=BRANCHES), "wide")
    for name, values in (("curves-1", VALUES), ("curves-2", VALUES + 1)):
        write_run(making, Shape(metrics=CURVES, values=values), name)
    write_run(making, Shape(), "logged")
    log = folder / "keys" / ".catalog" / "logged" / "prepare_0.execution.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("".join(f"2026-11-23 08:00:00 line {line}: {'x' * (line % 97)}\n" for line in range(LINES)))
    making.rename(store)
    return store
