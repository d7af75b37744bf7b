"""The step of an engine that started this process, from the environment, the processes above and the run log."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from magnus_tracking.engines.frames import is_engine_loaded
from magnus_tracking.engines.place import (
    ATTEMPT_VARIABLE,
    MAGNUS,
    RUNNABLE,
    UNKNOWN_STEP,
    EngineStep,
    RunPlace,
    Unreachable,
    bases_here,
    locate,
)
from magnus_tracking.engines.processes import Process, ancestry
from magnus_tracking.engines.run_log import EngineLog
from magnus_tracking.journal.format import Header, Writer
from magnus_tracking.journal.headers import read_headers

_MAP_VARIABLE = "MAGNUS_MAP_VARIABLE"
_TICKS = 0.05
"""Seconds by which the known start of a process may be off, with ample room."""

_STORE_KEYS = ("run_log_store", "run-log-store")


class _Engine(NamedTuple):
    """What an engine gives to a process that it starts.

    Attributes:
        name: of the engine.
        run_variable: the variable that holds the run id.
        configuration_variables: those that may name the configuration.
        configuration_file: what the configuration is called without them, or empty.
        shell_ends: how the text ends that its shell runs.
    """

    name: str
    run_variable: str
    configuration_variables: tuple[str, ...]
    configuration_file: str
    shell_ends: str


_ENGINES = (
    _Engine(MAGNUS, "MAGNUS_RUN_ID", ("MAGNUS_CONFIG_FILE",), "", " && env | grep MAGNUS"),
    _Engine(
        RUNNABLE,
        "RUNNABLE_RUN_ID",
        ("RUNNABLE_CONFIGURATION_FILE", "RUNNABLE_CONFIG_FILE"),
        "runnable-config.yaml",
        " && echo '=== COLLECT ==='  && env",
    ),
)


class _Above(NamedTuple):
    """What is above this process.

    Attributes:
        shell: the engine's shell, if the step is a shell task.
        command: what that shell runs, without what the engine adds.
        worker: the engine's process that runs the step; None where the system does not tell.
        main: the engine's first process.
        child: the process that the worker started.
    """

    shell: Process | None
    command: str
    worker: Process | None
    main: Process | None
    child: Process | None


def step_of_parent() -> EngineStep | None:
    """The step that started this process, directly or through others.

    In the engine's own process, where no step runs, it is the run alone.

    Returns:
        None where no engine's run goes on that this process could belong to.

    Raises:
        Unreachable: one does, but nothing can be kept beside it.
    """
    if not any(engine.run_variable in os.environ for engine in _ENGINES):
        return None
    chain = ancestry()
    for engine in sorted(_ENGINES, key=lambda engine: _engines_shell(chain, engine) is None):
        run_id = os.environ.get(engine.run_variable)
        if run_id and (found := _step_of_run(engine, run_id, chain)) is not None:
            return found
    return None


def _step_of_run(engine: _Engine, run_id: str, chain: Sequence[Process]) -> EngineStep | None:
    above = _above(chain, engine, run_id)
    bases = [*([above.worker.folder] if above.worker and above.worker.folder else []), *bases_here()]
    place = locate(run_id, _configured_folders(engine, bases), bases)
    if place is None:
        if above.shell is None and not is_engine_loaded():
            # The variable alone does not make an engine: the user may set it for runs of the tracking core.
            return None
        raise Unreachable(f"the run log of {run_id!r} is not on this disk")
    try:
        log = EngineLog(place)
    except (OSError, ValueError) as error:
        raise Unreachable(f"the run log of {run_id!r} can't be read: {error}") from None
    if log.ended or log.is_ours:
        return None
    step, reason = _which(log, place, above, engine)
    attempt = log.next_attempt(step)
    if engine.name == RUNNABLE:
        attempt = _number(os.environ.get(ATTEMPT_VARIABLE)) or attempt
    writer = above.main.writer if above.main else Writer()
    worker = above.worker.key if above.worker else ""
    shell = above.shell.key if above.shell else ""
    return EngineStep(engine.name, place, step, attempt, writer, worker, shell, reason)


def _above(chain: Sequence[Process], engine: _Engine, run_id: str) -> _Above:
    place = _engines_shell(chain, engine)
    if place is not None:
        shell = chain[place]
        worker = chain[place + 1] if place + 1 < len(chain) else None
        command = shell.text.removesuffix(engine.shell_ends).strip()
        return _Above(shell, command, worker, _main(chain, place + 1), shell)
    # The engine is the process above that set the variable itself instead of inheriting it.
    for place, process in enumerate(chain):
        if process.may_set(engine.run_variable, run_id):
            child = chain[place - 1] if place else None
            return _Above(None, "", process, _main(chain, place), child)
        if process.pid == 1:
            break
    return _Above(None, "", None, None, None)


def _engines_shell(chain: Sequence[Process], engine: _Engine) -> int | None:
    """Where the engine's shell is above this process: the topmost that runs its text, as a shell forks itself."""
    text = ""
    found = None
    for place, process in enumerate(chain):
        command = process.text
        if not text and command.endswith(engine.shell_ends):
            text = command
        if text and command == text:
            found = place
        elif text:
            break
    return found


def _main(chain: Sequence[Process], place: int) -> Process | None:
    """The engine's first process: workers that it forked run under the same arguments."""
    if place >= len(chain):
        return None
    while place + 1 < len(chain) and chain[place + 1].command == chain[place].command:
        place += 1
    return chain[place]


def _configured_folders(engine: _Engine, bases: Iterable[str]) -> list[str]:
    """The folders of run logs in the configuration of the engine, as far as it can be read."""
    from magnus_tracking.engines.configuration import log_folder

    names = [os.environ.get(variable, "") for variable in engine.configuration_variables] + [engine.configuration_file]
    for name in filter(None, names):
        for base in bases:
            path = Path(base, name)
            if path.is_file():
                folder = log_folder(path, _STORE_KEYS)
                return [folder] if folder else []
    return []


def _which(log: EngineLog, place: RunPlace, above: _Above, engine: _Engine) -> tuple[str, str]:
    """The step that this process belongs to; or `UNKNOWN_STEP`, and why it can't be told."""
    if above.worker is None:
        return UNKNOWN_STEP, f"no process of {engine.name} is above this one: it may be of a step that has ended"
    if above.worker.pid == os.getpid():
        return UNKNOWN_STEP, "no step runs in this thread"
    steps = log.open_tasks()
    if len(steps) > 1 and above.shell is not None:
        steps = _with_command(log, steps, above.command) or steps
        steps = _with_values(log, steps) or steps
    if len(steps) > 1:
        steps = _of_worker(place, steps, above.worker, is_shell=above.shell is not None) or steps
    if (
        len(steps) == 1
        and above.child is not None
        and above.shell is None
        and _is_left_over(log, steps[0], above.child)
    ):
        return UNKNOWN_STEP, "it was started before the step that runs now"
    if len(steps) == 1:
        return steps[0], ""
    return UNKNOWN_STEP, f"{len(steps)} steps run at once" if steps else "no step runs"


def _is_left_over(log: EngineLog, step: str, child: Process) -> bool:
    """Whether a process of the engine started before the previous step ended: then it belongs to that step."""
    started = child.began
    ended = log.last_end(step.rpartition(".")[0])
    if started is None or not ended:
        return False
    try:
        return datetime.fromtimestamp(started + _TICKS) < datetime.fromisoformat(ended)
    except ValueError:
        return False


def _with_command(log: EngineLog, steps: Sequence[str], command: str) -> list[str]:
    nodes = [(name, node) for name, node, _ in log.nodes() if str(node.get("command", "")).strip() == command]
    return [step for step in steps if any(name.fullmatch(step) for name, _ in nodes)]


def _with_values(log: EngineLog, steps: Sequence[str]) -> list[str]:
    """The steps in whose names the values of the maps around them stand, as the environment has them."""
    found = []
    for step in steps:
        for name, _, variables in log.nodes():
            if name.fullmatch(step) and variables:
                values = [value for value in map(_map_value, variables) if value]
                if values and all(f".{value}." in step for value in values):
                    found.append(step)
    return found


def _map_value(variable: str) -> str:
    try:
        values = json.loads(os.environ.get(_MAP_VARIABLE, ""))
    except ValueError:
        values = None
    value = values.get(variable) if isinstance(values, dict) else os.environ.get(variable)
    return "" if value is None else str(value)


def _of_worker(place: RunPlace, steps: Sequence[str], worker: Process, *, is_shell: bool) -> list[str]:
    """The steps that a process of the engine runs, by what it journaled: itself, or in the branch before."""
    headers: list[Header] = [header for header in read_headers(place.root, place.run_id) if header.worker == worker.key]
    if not headers:
        return []
    latest = headers[-1].step
    if not is_shell and latest in steps:
        return [latest]
    branch = latest.rpartition(".")[0]
    return [step for step in steps if branch and step.rpartition(".")[0] == branch]


def _number(text: Any) -> int:
    try:
        return int(text)
    except (TypeError, ValueError):
        return 0
