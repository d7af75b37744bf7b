"""Ten metrics of 100,000 steps complete on the screen, beside W&B's LEET with the same values.

LEET comes with wandb, whose Python is named by ``BENCHMARK_WANDB_PYTHON`` where it is not the one that runs the
benchmark. Both are driven through a pseudo-terminal of 160×45 that answers what it is asked, from exec on.

LEET is given the run. It is complete when it says that the run has finished, which it does with the frame that holds
the last values; until then it adds steps to the charts. The explorer is given the store, and keys are pressed as soon
as what they are meant for is there: the run, its metrics, and the second page of them, since LEET's page holds all
ten. It is complete when each metric has been painted with its last value and the last step. Afterwards both have to
show the last values once more.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.big_run import METRICS, STEPS, make_big_run
from benchmarks.processes import Marked
from benchmarks.report import Finding
from benchmarks.terminal import HEIGHT, WIDTH, PaintedProgram

EXPLORER = str(Path(sys.executable).with_name("magnus-tui"))
PYTHON = "BENCHMARK_WANDB_PYTHON"
ROUNDS = 3
_RUN_ID = "huge"
_QUIET = 1.0
_ENTER, _METRICS, _PAGE_DOWN = b"\r", b"2", b"\x1b[6~"
_RUN_OPEN = b"attempt"
_FIRST_PAGE = 8
_FINISHED = b"Finished"
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


@dataclass(frozen=True, slots=True)
class _Sight:
    """How one of both came to its complete screen.

    Attributes:
        took: milliseconds from exec.
        from_key: milliseconds from the key that opens the run; from exec, where there is none.
        memory: megabytes that its processes had at most, added up, those that have ended included if it was watched.
        largest: megabytes that the largest of them had.
    """

    took: float
    from_key: float
    memory: float
    largest: float


def measure(folder: Path) -> Iterator[Finding]:
    """Both from exec to the complete screen, and how much memory they take until then.

    Args:
        folder: where the runs are made.
    """
    log = make_big_run(folder / "leet-store" / ".run_log_store", _RUN_ID, diverged=False)
    last = _last_values(log)
    peer = _peer(log, folder / "leet-run")
    first: list[_Sight] = []
    again: list[_Sight] = []
    theirs: list[_Sight] = []
    for watched in [False] * ROUNDS + [True]:
        # What a program takes is noted in a round of its own, as noting it takes time.
        shutil.rmtree(folder / "leet-cache", ignore_errors=True)
        first.append(_ours(log.parent, folder, last, watched=watched))
        again.append(_ours(log.parent, folder, last, watched=watched))
        if peer is not None:
            theirs.append(_leet(*peer, folder, last, watched=watched))
    name = "LEET" if theirs else ""
    took = [sight.took for sight in theirs[:ROUNDS]]
    memory, largest = [sight.memory for sight in theirs[ROUNDS:]], [sight.largest for sight in theirs[ROUNDS:]]
    for what, sights in (("", first), (", open before", again)):
        ours, noted = sights[:ROUNDS], sights[ROUNDS:]
        complete = f"{METRICS} × {STEPS:,} values complete{what}"
        yield Finding(complete, [sight.took for sight in ours], name, took, _SOONER, at_least=True)
        yield Finding(f"{complete}, from the key", [sight.from_key for sight in ours], name, took, at_least=True)
        needed = [sight.memory for sight in noted]
        yield Finding(f"peak memory with them{what}, MB", needed, name, memory, 1.0)
        yield Finding(f"peak memory with them{what}, MB", needed, name and "wandb-core alone", largest)


def _ours(store: Path, folder: Path, last: Mapping[str, float], *, watched: bool) -> _Sight:
    places = {f"XDG_{kind.upper()}_HOME": str(folder / f"leet-{kind}") for kind in ("config", "cache")}
    pages = list(last)[:_FIRST_PAGE], list(last)[_FIRST_PAGE:]
    environment = {**os.environ, **places}
    with PaintedProgram(
        [EXPLORER, str(store)], environment, answers=True, watched=watched, whole_frames=True
    ) as program:
        program.wait_for_each([_RUN_ID.encode()])
        pressed = program.press(_ENTER)
        program.wait_for_each([_RUN_OPEN])
        program.press(_METRICS)
        program.wait_for_each(_charts(pages[0], last))
        program.press(_PAGE_DOWN)
        complete = program.wait_for_each(_charts(pages[1], last))
        return _settled(program, complete, pressed, _charts(pages[1], last))


def _charts(names: Sequence[str], last: Mapping[str, float]) -> list[bytes]:
    """What is painted of complete charts: each name with its last value, and the last step under them."""
    return [text.encode() for name in names for text in (name, f"{last[name]:.4g}")] + [f"{STEPS - 1:,}".encode()]


def _leet(python: str, run: Path, folder: Path, last: Mapping[str, float], *, watched: bool) -> _Sight:
    command = [python, "-m", "wandb", "leet", "run", str(run)]
    environment = {**os.environ, **offline(folder)}
    with PaintedProgram(command, environment, answers=True, watched=watched) as program:
        complete = program.wait_for_each([_FINISHED])
        return _settled(program, complete, program.started, [repr(value)[:12].encode() for value in last.values()])


def _settled(program: PaintedProgram, complete: float, pressed: float, shown: Sequence[bytes]) -> _Sight:
    """What was seen, once a screen that is painted anew has shown that nothing is missing.

    Raises:
        TimeoutError: not everything is on the screen that was taken to be complete.
    """
    peaks = program.peaks()
    program.settle(_QUIET)
    program.resize(WIDTH + 1, HEIGHT)
    program.wait_for_each(shown, patience=10.0)
    return _Sight(
        took=(complete - program.started) * 1000,
        from_key=(complete - pressed) * 1000,
        memory=sum(peaks) / 1e6,
        largest=max(peaks) / 1e6,
    )


def _last_values(log: Path) -> dict[str, float]:
    steps = json.loads(log.read_bytes())["steps"].values()
    metrics = next(found for step in steps if "metric_0" in (found := step.get("user_defined_metrics") or {}))
    return {f"metric_{number}": metrics[f"metric_{number}"][str(STEPS - 1)] for number in range(METRICS)}


def _peer(log: Path, folder: Path) -> tuple[str, Path] | None:
    """The Python that has wandb, and an offline run with the values of the run log; None without wandb."""
    python = peer_python()
    if python is None:
        return None
    if not folder.exists():
        making = folder.with_name(f"{folder.name}-{time.time_ns()}")
        making.mkdir(parents=True)
        logger = Marked({**os.environ, **offline(folder.parent), "WANDB_SILENT": "true"})
        try:
            subprocess.run([python, "-c", _LOGGER, str(log), str(making)], env=logger.environment, check=True)
        finally:
            logger.end()
        making.rename(folder)
    return python, next(folder.glob("wandb/offline-run-*"))


def peer_python() -> str | None:
    """The Python that has wandb; None, which is said, where there is none."""
    python = os.environ.get(PYTHON) or (sys.executable if importlib.util.find_spec("wandb") else None)
    if python is None:
        print(
            f"wandb is not installed here: LEET is not measured; {PYTHON} names a Python that has it", file=sys.stderr
        )
    return python


def offline(folder: Path) -> dict[str, str]:
    """The variables that keep wandb off the network and out of the user's folders."""
    kept = {f"WANDB_{kind.upper()}_DIR": str(folder / f"leet-wandb-{kind}") for kind in ("config", "cache", "data")}
    return {"WANDB_MODE": "offline", **kept}
