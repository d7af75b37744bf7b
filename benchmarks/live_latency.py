"""How soon a tracked value is on the screen, and what it costs to wait for one."""

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
VALUES = 40
IDLE_RUNS = 10_000
IDLE_SECONDS = 20.0
_SOON_MS = 100.0
_ONE_PERCENT_MS = IDLE_SECONDS * 1000 / 100

# Tracks a value for each line that it is given, and tells when `track_this` had returned.
TRACKER = """
import sys, time
from magnus_tracking import start_run, track_this
with start_run(store=sys.argv[1], run_id="being-tracked") as run, run.step("train"):
    print("ready", flush=True)
    for line in sys.stdin:
        track_this(step=int(line), pulse=int(line))
        print(time.perf_counter(), flush=True)
"""


def measure(folder: Path) -> Iterator[Finding]:
    """From the return of `track_this` in another process to the changed cell on a pseudo-terminal.

    Args:
        folder: where the store is made.
    """
    project = folder / "live"
    store = project / ".run_log_store"
    store.mkdir(parents=True, exist_ok=True)
    config = folder / "live-config"
    (config / "magnus-tui").mkdir(parents=True, exist_ok=True)
    (config / "magnus-tui" / "settings.toml").write_text('columns = ["metric.pulse"]\npreview = false\n')
    environment = {**os.environ, "XDG_CONFIG_HOME": str(config), "XDG_CACHE_HOME": str(folder / "live-cache")}
    delays: list[float] = []
    with _tracker(store, environment) as tracker, PaintedProgram([EXPLORER, str(store)], environment) as program:
        program.wait_for(b"being-tracked")
        program.settle(1.0)
        for value in range(101, 101 + VALUES):
            tracked = _track(tracker, value)
            painted = program.wait_for(rb"(?<!\d)%d(?!\d)" % value, patience=10.0)
            delays.append((painted - tracked) * 1000)
            program.settle(0.2)
    yield Finding("tracked value to changed cell", delays, "a tenth of a second", [_SOON_MS], 1.0)


def measure_idle(folder: Path) -> Iterator[Finding]:
    """The processor time that the explorer takes while nothing happens.

    Args:
        folder: where the store is made.
    """
    store = make_store(folder / f"runs-{IDLE_RUNS}", IDLE_RUNS)
    environment = {
        **os.environ,
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_CACHE_HOME": str(folder / "idle-cache"),
    }
    with PaintedProgram([EXPLORER, str(store)], environment) as program:
        program.wait_for(rb"-\d{6}\b")
        program.settle(3.0)
        before = program.processor_seconds()
        end = time.perf_counter() + IDLE_SECONDS
        while time.perf_counter() < end:
            program.settle(0.5)
        spent = (program.processor_seconds() - before) * 1000
    name = f"processor time in {IDLE_SECONDS:g} s idle, {IDLE_RUNS:,} runs"
    yield Finding(name, [spent], "1 % of a core", [_ONE_PERCENT_MS], 1.0)


@contextlib.contextmanager
def _tracker(store: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    for left in (*store.glob("being-tracked*"),):
        if left.is_file():
            left.unlink()
    command = [sys.executable, "-c", TRACKER, str(store)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=store.parent
    ) as process:
        if process.stdout is None or process.stdout.readline() != "ready\n":
            raise RuntimeError("the tracking process did not start")
        yield process
        if process.stdin is not None:
            process.stdin.close()
        process.wait()


def _track(process: subprocess.Popen[str], value: int) -> float:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the tracking process has no pipes")
    process.stdin.write(f"{value}\n")
    process.stdin.flush()
    return float(process.stdout.readline())
