"""The step that an engine runs in this process, from the engine's own objects."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from types import FrameType
from typing import Any

from magnus_tracking.engines.frames import is_job
from magnus_tracking.engines.place import (
    ATTEMPT_VARIABLE,
    MAGNUS,
    RUNNABLE,
    EngineStep,
    Unreachable,
    bases_here,
    locate,
)
from magnus_tracking.engines.processes import key_of
from magnus_tracking.journal.writer_liveness import this_writer, writer_of
from magnus_tracking.runlog.vocabulary import JOB_STEP

_ATTEMPT_NAMES = ("current_attempt_number", "attempt_number", "attempt")
_VALUE_NAMES = ("iter_variable", "map_variable")


def step_of(frame: FrameType) -> EngineStep:
    """The step that runs in a frame of an engine.

    Raises:
        Unreachable: its run is not on this disk.
        Exception: the engine is of a version that is built otherwise.
    """
    names = frame.f_locals
    context = _context(frame)
    engine = MAGNUS if frame.f_globals["__name__"].startswith("magnus.") else RUNNABLE
    store = context.run_log_store
    place = locate(context.run_id, _folders(store), bases_here())
    if place is None:
        raise Unreachable(f"the run log of {context.run_id!r}, in a store of type {store.service_name!r}, is not here")
    step = JOB_STEP if is_job(frame) else names["node"]._get_step_log_name(_first(names, _VALUE_NAMES))
    worker = this_writer()
    return EngineStep(engine, place, step, _attempt(names, engine), _main_process(), key_of(worker))


def _context(frame: FrameType) -> Any:
    """The engine's context of the run: that of its executor, else of the function that runs the pipeline.

    In a thread that the user began, newer engines know of no context.
    """
    try:
        return _checked(frame.f_locals["self"]._context)
    except (RuntimeError, AttributeError, TypeError):
        return next(_contexts_above(frame))


def _contexts_above(frame: FrameType | None) -> Iterator[Any]:
    while frame is not None:
        for name in ("self", "context", "run_context"):
            candidate = frame.f_locals.get(name)
            if hasattr(candidate, "run_log_store") and hasattr(candidate, "run_id"):
                yield candidate
        frame = frame.f_back
    raise Unreachable("the engine's context is nowhere to be found")


def _checked(context: Any) -> Any:
    if not context.run_id:
        raise AttributeError("no run id")
    return context


def _folders(store: Any) -> list[str]:
    folder = getattr(store, "log_folder", None)
    return [folder] if isinstance(folder, str) and folder else []


def _attempt(names: dict[str, Any], engine: str) -> int:
    number = _first(names, _ATTEMPT_NAMES)
    if number is None and engine == RUNNABLE:
        number = os.environ.get(ATTEMPT_VARIABLE)
    try:
        return max(int(number or 1), 1)
    except (TypeError, ValueError):
        return 1


def _first(names: dict[str, Any], wanted: tuple[str, ...]) -> Any:
    return next((names[name] for name in wanted if names.get(name) is not None), None)


def _main_process() -> Any:
    """The engine's main process, of which this one may be a worker."""
    parent = multiprocessing.parent_process()
    return this_writer() if parent is None or parent.pid is None else writer_of(parent.pid)
