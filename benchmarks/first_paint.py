"""From exec to the first frame that holds a run, beside a bare Textual application."""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.corpus import make_store
from benchmarks.report import Finding
from benchmarks.terminal import PaintedProgram

import magnus_tracking
import magnus_tui

EXPLORER = str(Path(sys.executable).with_name("magnus-tui"))
BARE = Path(__file__).with_name("bare_app.py")
ROUNDS = 11
_RUN_PAINTED = rb"-\d{6}(?!\d)"
_NO_RUN_PAINTED = rb"no runs in "
_CURSOR_DOWN = b"j"


def measure(folder: Path) -> Iterator[Finding]:
    """First paints of 1,000 runs, with and without an index.

    Args:
        folder: where the stores are made.
    """
    for package in (magnus_tracking, magnus_tui):
        compileall.compile_dir(str(Path(package.__file__ or "").parent), quiet=2)
    yield from first_paint(folder, 1_000, warm=False)
    yield from first_paint(folder, 1_000, warm=True)


def measure_large(folder: Path) -> Iterator[Finding]:
    """First paints of 100,000 runs, whose index is there.

    Args:
        folder: where the stores are made.
    """
    yield from first_paint(folder, 100_000, warm=True)


def first_paint(folder: Path, count: int, *, warm: bool) -> Iterator[Finding]:
    """The first paint of `count` runs, and the answer to a key pressed right then.

    Args:
        folder: where the store is made.
        count: how many runs.
        warm: whether the index is there already.
    """
    store = make_store(folder / f"runs-{count}", count)
    empty = folder / "no-runs" / ".run_log_store"
    empty.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / f"cache-{count}")}
    environment["XDG_CONFIG_HOME"] = str(folder / "config")
    if warm:
        fill_index(store, environment)
    ours: list[float] = []
    bare: list[float] = []
    without: list[float] = []
    keys: list[float] = []
    for number in range(ROUNDS):
        if not warm:
            environment["XDG_CACHE_HOME"] = str(folder / f"cache-{count}-{number}")
        with PaintedProgram([sys.executable, str(BARE)], environment) as program:
            bare.append((program.wait_for(b"bare-application-painted") - program.started) * 1000)
        with PaintedProgram([EXPLORER, str(empty)], environment) as program:
            without.append((program.wait_for(_NO_RUN_PAINTED) - program.started) * 1000)
        with PaintedProgram([EXPLORER, str(store)], environment) as program:
            painted = program.wait_for(_RUN_PAINTED)
            ours.append((painted - program.started) * 1000)
            program.press(_CURSOR_DOWN)
            keys.append((program.wait_for(_RUN_PAINTED) - painted) * 1000)
    name = f"{count:,} runs, {'index there' if warm else 'no index'}"
    yield Finding(f"first paint, {name}", ours, "bare Textual app", bare, 1.5)
    yield Finding(f"first paint, {name}", ours, "the same of an empty store", without, 1.1 if warm else None)
    yield Finding(f"key answered during start, {name}", keys)


def fill_index(store: Path, environment: dict[str, str]) -> None:
    """Let the explorer's command line make the index, as opening the explorer would."""
    subprocess.run(
        [EXPLORER, "runs", "-s", str(store), "--limit", "1"], env=environment, check=True, stdout=subprocess.DEVNULL
    )
