"""Bytes that the explorer sends to its terminal, beside what W&B's LEET sends for the same runs.

Both draw on a pseudo-terminal that answers what xterm does, and each key is pressed once nothing more comes. What is
given is the most of several presses, since that is what a slow line shows. LEET comes as for the part `leet`; its
screen has the charts of the run under its cursor beside the list, so that its cursor key is that of both.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.leet import offline, peer_python
from benchmarks.processes import Marked
from benchmarks.report import Finding
from benchmarks.shapes import Shape, run_of
from benchmarks.terminal import PaintedProgram

EXPLORER = str(Path(sys.executable).with_name("magnus-tui"))
SIZES = ((160, 45), (80, 24))
RUNS, METRICS, VALUES = 60, 12, 200
REST_SECONDS, LIVE_SECONDS = 5.0, 20.0
_KB = 1000.0
_QUIET, _STARTED, _BEGINS = 1.0, 3.0, 6.0
"""Seconds without a byte after which a key has been answered, a start is over, and a live run has been opened."""
_LIVE_ID = "being-tracked"
_RUN_ID = rb"run-\d{3}"
_TOP, _ENTER, _DOWN, _PAGE_DOWN, _ESCAPE = b"g", b"\r", b"\x1b[B", b"\x1b[6~", b"\x1b"

# Tracks a value of two metrics twice a second, until its input ends.
_TRACKER = """
import select, sys
from magnus_tracking import start_run, track_this
with start_run(store=sys.argv[1], run_id=sys.argv[2]) as run, run.step("train"):
    print("ready", flush=True)
    step = 0
    while not select.select([sys.stdin], [], [], 0.5)[0]:
        step += 1
        track_this(step=step, loss=7 / (step + 3))
"""

_LOGGER = """
import json, pathlib, sys
import wandb
for path in sorted(pathlib.Path(sys.argv[1]).glob("run-*.json")):
    document = json.loads(path.read_text())
    (step,) = document["steps"].values()
    metrics = step["user_defined_metrics"]
    settings = wandb.Settings(x_disable_stats=True, x_disable_meta=True, console="off")
    settings.run_name = path.stem
    run = wandb.init(project="benchmark", config=document["parameters"], dir=sys.argv[2], settings=settings)
    for index in next(iter(metrics.values())):
        run.log({name: values[index] for name, values in metrics.items()}, step=int(index))
    run.finish()
"""

_LIVE_LOGGER = """
import select, sys
import wandb
run = wandb.init(project="live", dir=sys.argv[1], settings=wandb.Settings(x_disable_stats=True, console="off"))
print("ready", flush=True)
step = 0
while not select.select([sys.stdin], [], [], 0.5)[0]:
    step += 1
    run.log({"loss": 7 / (step + 3)}, step=step)
"""


@dataclass(frozen=True, slots=True)
class _Action:
    """What is done on a screen, again and again.

    Attributes:
        question: what it is, for the table.
        keys: pressed one after the other, each of them measured.
        most: kilobytes that are asked for at most.
        theirs: the keys that do the same in LEET, where it can.
        before: keys that lead there, which are not measured.
        theirs_before: likewise in LEET.
        after: keys that lead back, which are not measured either.
        least: columns of the terminal below which it can't be done.
    """

    question: str
    keys: tuple[bytes, ...]
    most: float
    theirs: tuple[bytes, ...] = ()
    before: tuple[bytes, ...] = ()
    theirs_before: tuple[bytes, ...] = ()
    after: tuple[bytes, ...] = ()
    least: int = 0


ACTIONS = (
    _Action("cursor key, facts beside the list", (_DOWN,) * 6, 2, (b"s",) * 6),
    _Action("page-down in the list", (_PAGE_DOWN,), 9, (b"d",)),
    _Action(
        "cursor key, charts beside the list", (_DOWN,) * 6, 6, (b"s",) * 6, (_TOP, b"p"), after=(b"p", b"p"), least=110
    ),
    _Action("letter in the filter", (b"0", b"4", b"2"), 8, (b"0", b"4", b"2"), (_TOP, b"/"), (b"f",)),
    _Action("run opened", (_ENTER,), 12, (_ENTER,), (_ESCAPE, _TOP), (_ESCAPE, _ESCAPE)),
    _Action("page of curves", (b"2",), 28),
    _Action("crosshair step in a chart", (b"h",) * 5, 1, (), (_ENTER,)),
)
"""In this order, on one screen after the other."""


def measure(folder: Path) -> Iterator[Finding]:
    """What each action sends at two sizes.

    Args:
        folder: where the runs are made.
    """
    store = make_runs(folder / "wire" / ".run_log_store")
    peer = make_peer(store, folder / "wire-wandb")
    for width, height in SIZES:
        ours = _ours(store, folder, (width, height))
        theirs = _theirs(peer, folder, (width, height)) if peer is not None else {}
        for question, most in _bounds((width, height)).items():
            about = f"{question}, {width}×{height}, bytes{' a second' if question.startswith('live') else ''}"
            if most is None:
                # Each value stretches the axis, and so moves the whole curve.
                yield Finding(about, [ours[question]])
            elif most:
                yield Finding(about, [ours[question]], f"{most:g} KB", [most * _KB], 1.0)
            else:
                yield Finding(about, [ours[question]], "one byte", [1.0], 0.0)
            if theirs.get(question):
                yield Finding(about, [ours[question]], "LEET", [theirs[question]])


def _possible(size: tuple[int, int]) -> list[_Action]:
    return [action for action in ACTIONS if size[0] >= action.least]


def _bounds(size: tuple[int, int]) -> dict[str, float | None]:
    """Kilobytes that are asked for at most, by question."""
    keys = {action.question: action.most for action in _possible(size)}
    return {"start": 36.0, **keys, "at rest": 0.0, "live run, two values a second": 1.0, "live run, its curves": None}


def _ours(store: Path, folder: Path, size: tuple[int, int]) -> dict[str, float]:
    places = {f"XDG_{kind.upper()}_HOME": str(folder / f"wire-{kind}") for kind in ("config", "cache")}
    environment = {**os.environ, **places}
    with _on(size, [EXPLORER, str(store)], environment) as program:
        program.wait_for(_RUN_ID)
        sent = {"start": _after(program, _STARTED)}
        for action in _possible(size):
            for key in action.before:
                program.press(key)
                program.settle(_QUIET)
            sent[action.question] = max(_pressed(program, key) for key in action.keys)
            for key in action.after:
                program.press(key)
                program.settle(_QUIET)
        sent["at rest"] = _during(program, REST_SECONDS)
    with (
        _process(_TRACKER, [str(store), _LIVE_ID], environment, sys.executable),
        _on(size, [EXPLORER, str(store)], environment) as program,
    ):
        program.wait_for(_RUN_ID)
        # The list shows every value, too, and so never rests.
        program.settle_for(_STARTED)
        for question, keys in (("live run, two values a second", (_TOP, _ENTER)), ("live run, its curves", (b"2",))):
            for key in keys:
                program.press(key)
                program.settle_for(_BEGINS)
            sent[question] = _during(program, LIVE_SECONDS) / LIVE_SECONDS
    _remove_live(store)
    return sent


def _theirs(peer: tuple[str, Path], folder: Path, size: tuple[int, int]) -> dict[str, float]:
    python, project = peer
    environment = {**os.environ, **offline(folder)}
    with _on(size, [python, "-m", "wandb", "leet", str(project / "wandb")], environment) as program:
        program.wait_for(b"metric_0")
        sent = {"start": _after(program, _STARTED)}
        for action in _possible(size):
            if action.theirs:
                for key in action.theirs_before:
                    program.press(key)
                    program.settle(_QUIET)
                sent[action.question] = max(_pressed(program, key) for key in action.theirs)
        sent["at rest"] = _during(program, REST_SECONDS)
    live = project / f"live-{time.time_ns()}"
    live.mkdir()
    with _process(_LIVE_LOGGER, [str(live)], environment, python):
        run = next(live.glob("wandb/offline-run-*"))
        with _on(size, [python, "-m", "wandb", "leet", "run", str(run)], environment) as program:
            program.wait_for(b"loss")
            program.settle_for(_BEGINS)
            sent["live run, its curves"] = _during(program, LIVE_SECONDS) / LIVE_SECONDS
    return sent


def _on(size: tuple[int, int], command: list[str], environment: Mapping[str, str]) -> PaintedProgram:
    return PaintedProgram(command, environment, *size, answers=True)


def _pressed(program: PaintedProgram, key: bytes) -> float:
    before = program.sent
    program.press(key)
    program.settle(_QUIET)
    return float(program.sent - before)


def _after(program: PaintedProgram, quiet: float) -> float:
    program.settle(quiet)
    return float(program.sent)


def _during(program: PaintedProgram, seconds: float) -> float:
    before = program.sent
    program.settle_for(seconds)
    return float(program.sent - before)


def make_runs(root: Path) -> Path:
    """Runs of one pipeline with curves that differ, each a day after the one before."""
    root.mkdir(parents=True, exist_ok=True)
    _remove_live(root)
    for number in range(RUNS):
        path = root / f"run-{number:03}.json"
        if path.exists():
            continue
        chance = random.Random(number)
        document = run_of(Shape(parameters=6), path.stem)
        (step,) = document["steps"].values()
        step["user_defined_metrics"] = {f"metric_{index}": _curve(index, chance) for index in range(METRICS)}
        document["parameters"] = {f"parameter_{index}": round(chance.random(), 4) for index in range(6)}
        day = f"2026-{number // 28 + 1:02}-{number % 28 + 1:02}"
        path.write_text(json.dumps(document, indent=4).replace("2026-11-23", day))
    return root


def _remove_live(store: Path) -> None:
    for left in store.glob(f"{_LIVE_ID}*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()


def _curve(index: int, chance: random.Random) -> dict[str, float]:
    falls = chance.uniform(20, 80)
    return {str(x): (index + 1) * math.exp(-x / falls) + chance.random() / 5 for x in range(VALUES)}


def make_peer(store: Path, project: Path) -> tuple[str, Path] | None:
    """The Python that has wandb, and a folder with the same runs; None without wandb."""
    python = peer_python()
    if python is None:
        return None
    if not project.exists():
        making = project.with_name(f"{project.name}-{time.time_ns()}")
        making.mkdir(parents=True)
        logger = Marked({**os.environ, **offline(project.parent), "WANDB_SILENT": "true"})
        try:
            subprocess.run([python, "-c", _LOGGER, str(store), str(making)], env=logger.environment, check=True)
        finally:
            logger.end()
        making.rename(project)
    return python, project


@contextlib.contextmanager
def _process(code: str, arguments: list[str], environment: Mapping[str, str], python: str) -> Iterator[None]:
    """A process that works until its input ends, once it is ready."""
    marked = Marked({**environment, "WANDB_SILENT": "true"})
    try:
        with subprocess.Popen(
            [python, "-c", code, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=marked.environment,
        ) as process:
            if process.stdout is None or process.stdout.readline() != "ready\n":
                raise RuntimeError("the process that writes values did not start")
            yield
            if process.stdin is not None:
                process.stdin.close()
            process.wait()
    finally:
        marked.end()
