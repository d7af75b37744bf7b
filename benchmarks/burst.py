"""Keys and memory while another process tracks 10,000 values a second."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.corpus import make_store
from benchmarks.report import Finding
from benchmarks.terminal import PaintedProgram

EXPLORER = str(Path(sys.executable).with_name("magnus-tui"))
RUNS = 1_000
SECONDS = 12.0
_SOON_MS = 100.0
_GROWTH_MB = 20.0
_RUN_ID = b"being-tracked"
_UP, _DOWN, _ENTER, _METRICS = b"\x1b[A", b"\x1b[B", b"\r", b"2"
_CHART = rb"metric_0[\s\S]*\xe2\x94\xa4"
"""The heading of a chart, and below it a tick of an axis."""
_ANY_RUN = rb"-\d{6}(?!\d)|being-tracked"

# Tracks ten metrics a thousand times a second, in parts of a hundredth of a second, until its input ends.
_TRACKER = """
import select, sys, time
from magnus_tracking import start_run, track_this
with start_run(store=sys.argv[1], run_id="being-tracked") as run, run.step("train"):
    print("ready", flush=True)
    step, due = 0, time.perf_counter()
    while not select.select([sys.stdin], [], [], max(due - time.perf_counter(), 0))[0]:
        due = max(due + 0.01, time.perf_counter() - 0.5)
        for step in range(step + 1, step + 11):
            track_this(step=step, **{f"metric_{number}": step * 0.5 + number for number in range(10)})
"""


def measure(folder: Path) -> Iterator[Finding]:
    """Keys in the list of runs and in the metrics of the run that is being tracked, and how memory grows in the list.

    Args:
        folder: where the store is made.
    """
    project = folder / "burst"
    store = make_store(project, RUNS)
    environment = {
        **os.environ,
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_CACHE_HOME": str(folder / "burst-cache"),
    }
    with (
        _tracker(store, environment),
        PaintedProgram([EXPLORER, str(store)], environment, whole_frames=True) as program,
    ):
        program.wait_for(_RUN_ID)
        program.settle_for(3.0)
        before = program.memory()
        in_list = _answers(program, (_DOWN, _UP), _ANY_RUN)
        grown = (program.memory() - before) / 1e6
        program.press(b"g")
        program.settle_for(1.0)
        program.press(_ENTER)
        program.wait_for(b"attempt")
        program.press(_METRICS)
        program.wait_for(_CHART)
        program.settle_for(1.0)
        in_metrics = _answers(program, (_DOWN, _UP), rb"metric_\d")
    about = "while 10,000 values a second are tracked"
    yield Finding(f"key in the list {about}", in_list, "a tenth of a second", [_SOON_MS], 1.0)
    yield Finding(f"key in the metrics {about}", in_metrics, "a tenth of a second", [_SOON_MS], 1.0)
    yield Finding(f"growth of memory in the list in {SECONDS:g} s, MB", [grown], "", [_GROWTH_MB], 1.0)


def _answers(program: PaintedProgram, keys: tuple[bytes, bytes], painted: bytes) -> list[float]:
    """How long keys take, pressed in turn for a while."""
    answers: list[float] = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        pressed = program.press(keys[len(answers) % 2])
        answers.append((program.wait_for(painted, patience=10.0) - pressed) * 1000)
        program.settle_for(0.2)
    return answers


@contextlib.contextmanager
def _tracker(store: Path, environment: dict[str, str]) -> Iterator[None]:
    for left in store.glob("being-tracked*"):
        if left.is_file():
            left.unlink()
    command = [sys.executable, "-c", _TRACKER, str(store)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=store.parent
    ) as process:
        if process.stdout is None or process.stdout.readline() != "ready\n":
            raise RuntimeError("the tracking process did not start")
        yield
        if process.stdin is not None:
            process.stdin.close()
        process.wait()
