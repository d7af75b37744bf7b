"""How soon a tracked value is on the screen, and what it costs to wait for one."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.corpus import make_store
from benchmarks.first_paint import fill_index
from benchmarks.report import Finding
from benchmarks.terminal import PaintedProgram

EXPLORER = str(Path(sys.executable).with_name("magnus-tui"))
VALUES = 40
IDLE_RUNS = 10_000
IDLE_SECONDS = 20.0
IDLE_ROUNDS = 3
LIVE_RUNS = 3
BARE = Path(__file__).with_name("bare_app.py")
_SOON_MS = 100.0
_SETTLED_SECONDS = 8.0
"""After which nothing is left to be read or made ready behind the first screen."""

# Tracks a value for each line that it is given, and tells when `track_this` had returned.
TRACKER = """
import sys, time
from magnus_tracking import start_run, track_this
with start_run(store=sys.argv[1], run_id=sys.argv[2]) as run, run.step("train"):
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
    with (
        _tracker(store, environment) as tracker,
        PaintedProgram([EXPLORER, str(store)], environment, whole_frames=True) as program,
    ):
        program.wait_for(b"being-tracked")
        program.settle(1.0)
        for value in range(101, 101 + VALUES):
            tracked = _track(tracker, value)
            painted = program.wait_for(rb"(?<!\d)%d(?!\d)" % value, patience=10.0)
            delays.append((painted - tracked) * 1000)
            program.settle(0.2)
    yield Finding("tracked value to changed cell", delays, "a tenth of a second", [_SOON_MS], 1.0)


def measure_idle(folder: Path) -> Iterator[Finding]:
    """The processor time that the explorer takes while nothing happens, beside a bare Textual application meanwhile.

    Args:
        folder: where the store is made.
    """
    store = make_store(folder / f"runs-{IDLE_RUNS}", IDLE_RUNS)
    environment = {
        **os.environ,
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_CACHE_HOME": str(folder / "idle-cache"),
    }
    fill_index(store, environment)
    name = f"processor time in {IDLE_SECONDS:g} s idle, {IDLE_RUNS:,} runs"
    ours, bare = _idle(store, environment)
    yield Finding(name, ours, "bare Textual app", bare, 1.3)
    with contextlib.ExitStack() as live:
        for number in range(LIVE_RUNS):
            live.enter_context(_tracker(store, environment, f"being-tracked-{number}"))
        ours, bare = _idle(store, environment)
    yield Finding(f"{name}, {LIVE_RUNS} of them live", ours, "bare Textual app", bare)
    _remove(store)


def _idle(store: Path, environment: dict[str, str]) -> tuple[list[float], list[float]]:
    """Milliseconds of processor time of the explorer and of the bare application, in each round."""
    with (
        PaintedProgram([sys.executable, str(BARE)], environment) as bare,
        PaintedProgram([EXPLORER, str(store)], environment) as ours,
    ):
        bare.wait_for(b"bare-application-painted")
        ours.wait_for(rb"-\d{6}(?!\d)")
        programs = (ours, bare)
        rounds = []
        seconds = _SETTLED_SECONDS
        for _ in range(IDLE_ROUNDS + 1):
            before = [program.processor_seconds() for program in programs]
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                for program in programs:
                    program.settle_for(0.25)
            rounds.append([(one.processor_seconds() - past) * 1000 for one, past in zip(programs, before, strict=True)])
            seconds = IDLE_SECONDS
    our_times, bare_times = zip(*rounds[1:], strict=True)
    return list(our_times), list(bare_times)


@contextlib.contextmanager
def _tracker(
    store: Path, environment: dict[str, str], run_id: str = "being-tracked"
) -> Iterator[subprocess.Popen[str]]:
    (store / f"{run_id}.json").unlink(missing_ok=True)
    command = [sys.executable, "-c", TRACKER, str(store), run_id]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=store.parent
    ) as process:
        if process.stdout is None or process.stdout.readline() != "ready\n":
            raise RuntimeError("the tracking process did not start")
        yield process
        if process.stdin is not None:
            process.stdin.close()
        process.wait()


def _remove(store: Path) -> None:
    for left in store.glob("being-tracked*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()


def _track(process: subprocess.Popen[str], value: int) -> float:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the tracking process has no pipes")
    process.stdin.write(f"{value}\n")
    process.stdin.flush()
    return float(process.stdout.readline())
