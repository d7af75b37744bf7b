"""Ten metrics of 100,000 steps complete on the screen, beside W&B's LEET with the same values.

LEET comes with wandb, whose Python is named by ``BENCHMARK_WANDB_PYTHON`` where it is not the one that runs the
benchmark. Both are driven through a pseudo-terminal of 160×45, from exec until nothing is painted any more.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.big_run import make_big_run
from benchmarks.report import Finding
from benchmarks.terminal import PaintedProgram

EXPLORER = str(Path(sys.executable).with_name("magnus-tui"))
PYTHON = "BENCHMARK_WANDB_PYTHON"
ROUNDS = 3
_RUN_ID = "huge"
_QUIET = 4.0
"""Seconds without a change after which a screen is taken to be complete; LEET pauses for less between two parts."""
_ENTER, _METRICS = b"\r", b"2"
_RUN_OPEN = b"attempt"
_LAST_STEP = rb"99,?999|100k"
_SOONER = 10.0

# Logs the metrics of a run log, step by step, as training code would.
_LOGGER = """
import json, sys
import wandb
document = json.load(open(sys.argv[1]))
metrics = next(
    found
    for step in document["steps"].values()
    if "metric_0" in (found := step.get("user_defined_metrics") or {})
)
run = wandb.init(project="benchmark", dir=sys.argv[2], settings=wandb.Settings(x_disable_stats=True, console="off"))
for index in metrics["metric_0"]:
    run.log({name: values[index] for name, values in metrics.items()}, step=int(index))
run.finish()
"""


def measure(folder: Path) -> Iterator[Finding]:
    """Both from exec to the complete screen, and how much memory they take until then.

    Args:
        folder: where the runs are made.
    """
    store = folder / "leet-store" / ".run_log_store"
    log = make_big_run(store, _RUN_ID, diverged=False)
    peer = _peer(log, folder / "leet-run")
    first: list[float] = []
    again: list[float] = []
    theirs: list[float] = []
    memory: list[float] = []
    their_memory: list[float] = []
    for _ in range(ROUNDS):
        shutil.rmtree(folder / "leet-cache", ignore_errors=True)
        for times in (first, again):
            took, size = _ours(store, folder)
            times.append(took)
            memory.append(size)
        if peer is not None:
            took, size = _leet(*peer)
            theirs.append(took)
            their_memory.append(size)
    name = "LEET" if peer is not None else ""
    yield Finding("10 × 100,000 values complete", first, name, theirs, _SOONER, at_least=True)
    yield Finding("10 × 100,000 values complete, open before", again, name, theirs, _SOONER, at_least=True)
    yield Finding("peak memory with them, MB", memory, name, their_memory, 1.0)


def _ours(store: Path, folder: Path) -> tuple[float, float]:
    cache = str(folder / "leet-cache")
    environment = {**os.environ, "XDG_CONFIG_HOME": str(folder / "config"), "XDG_CACHE_HOME": cache}
    with PaintedProgram([EXPLORER, str(store)], environment) as program:
        program.wait_for(_RUN_ID.encode())
        program.press(_ENTER)
        program.wait_for(_RUN_OPEN)
        program.press(_METRICS)
        program.wait_for(_LAST_STEP)
        return _complete(program)


def _leet(python: str, run: Path) -> tuple[float, float]:
    command = [python, "-m", "wandb", "leet", "run", str(run)]
    with PaintedProgram(command, {**os.environ, "WANDB_MODE": "offline"}) as program:
        return _complete(program)


def _complete(program: PaintedProgram) -> tuple[float, float]:
    """Milliseconds until the screen changed last, and megabytes of the program and those that it started.

    Raises:
        TimeoutError: the last step is not on the screen that was taken to be complete.
    """
    last = program.last_painted(_QUIET)
    size = program.peak_of_all() / 1e6
    program.resize(161, 45)
    program.wait_for(_LAST_STEP, patience=10.0)
    return (last - program.started) * 1000, size


def _peer(log: Path, folder: Path) -> tuple[str, Path] | None:
    """The Python that has wandb, and an offline run with the values of the run log; None without wandb."""
    python = os.environ.get(PYTHON) or (sys.executable if importlib.util.find_spec("wandb") else None)
    if python is None:
        return None
    found = sorted(folder.glob("wandb/offline-run-*"))
    if not found:
        folder.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "WANDB_MODE": "offline", "WANDB_SILENT": "true"}
        subprocess.run([python, "-c", _LOGGER, str(log), str(folder)], env=environment, check=True)
        found = sorted(folder.glob("wandb/offline-run-*"))
    return python, found[0]
