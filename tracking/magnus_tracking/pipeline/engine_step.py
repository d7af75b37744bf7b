"""Running a command inside the step of an engine, which goes on to write its own log."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from magnus_tracking.errors import CommandFailedError
from magnus_tracking.pipeline.commands import run_command
from magnus_tracking.recorder.environment import JOURNAL_VARIABLE, take_metrics

if TYPE_CHECKING:
    from magnus_tracking.recorder.sink import Sink


def run_below(sink: Sink, command: Sequence[str]) -> int:
    """Run a command, and keep what it tracks and exports.

    Its output goes where that of this process goes: into the log of the engine.

    Args:
        sink: takes its metrics.
        command: the program and its arguments.

    Returns:
        0, or 1 where the command failed, as `magnus-track step` has it anywhere.
    """
    environment = {**os.environ, JOURNAL_VARIABLE: str(sink.path)}
    try:
        run_command(command, environment, _pass_on, partial(_keep, sink))
    except CommandFailedError as error:
        print(f"magnus-track: {error}", file=sys.stderr)
        return 1
    return 0


def _keep(sink: Sink, exported: dict[str, str]) -> None:
    for metric in take_metrics(dict(exported)):
        sink.track(metric.step, {metric.name: metric.value})


def _pass_on(stream: str, data: bytes) -> None:
    target = getattr(sys, stream)
    target.write(data.decode(errors="replace"))
    target.flush()
