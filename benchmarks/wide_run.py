"""A run of 10,000 branches, 20,000 leaf steps, opened in the explorer, beside only parsing its file."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.big_run import milliseconds
from benchmarks.report import Finding
from benchmarks.shapes import REASON, Shape, write_run
from benchmarks.terminal import PaintedProgram

BRANCHES = 10_000
ROUNDS = 3
_RUN_ID = "wide"
_OPEN = rb"attempt 1[\s\S]*" + REASON[:20].encode()
"""The row of the failing attempt, and beside it why it failed."""


def measure(folder: Path) -> Iterator[Finding]:
    """From the key that opens the run until the tree stands on the failing step and its reason is on the screen.

    Args:
        folder: where the run is made.
    """
    path = write_run(folder / "wide" / ".run_log_store", Shape(branches=BRANCHES), _RUN_ID)
    opened: list[float] = []
    parsed: list[float] = []
    for _ in range(ROUNDS):
        parsed.append(milliseconds(lambda: json.loads(path.read_bytes())))
        shutil.rmtree(folder / "wide-cache", ignore_errors=True)
        places = {f"XDG_{kind}_HOME": str(folder / f"wide-{kind.lower()}") for kind in ("CONFIG", "CACHE")}
        command = [str(Path(sys.executable).with_name("magnus-tui")), str(path.parent)]
        with PaintedProgram(command, {**os.environ, **places}, answers=True, whole_frames=True) as program:
            program.wait_for_each([_RUN_ID.encode()])
            pressed = program.press(b"\r")
            opened.append((program.wait_for(_OPEN) - pressed) * 1000)
    yield Finding(f"a run of {BRANCHES:,} branches opened, from the key", opened, "json.loads of its file", parsed, 6.0)
