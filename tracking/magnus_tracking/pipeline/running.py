"""Running a pipeline: each task as a step, its metrics and parameters through the environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from magnus_tracking.pipeline.commands import run_command
from magnus_tracking.pipeline.definition import PYTHON, SHELL, STUB, Pipeline, Task
from magnus_tracking.pipeline.functions import call_function, find_function
from magnus_tracking.process.standard_streams import OutputError
from magnus_tracking.recorder.configuration import Configuration
from magnus_tracking.recorder.documents import FAIL, SUCCESS, error_message
from magnus_tracking.recorder.environment import (
    PARAMETER_PREFIX,
    TRACK_PREFIX,
    parameter_value,
    parameter_variables,
)
from magnus_tracking.recorder.run import Run
from magnus_tracking.recorder.run_start import create_run
from magnus_tracking.recorder.step import TASK, Step


class Observer(Protocol):
    """Is told how a pipeline goes."""

    def run_started(self, run_id: str) -> None:
        """The run has an id now."""

    def attempt_started(self, step: str, attempt: int, max_attempts: int) -> None:
        """An attempt of a step begins."""

    def attempt_ended(self, step: str, message: str | None) -> None:
        """It ended: well, or with a message."""


def execute(
    pipeline: Pipeline,
    configuration: Configuration,
    observer: Observer,
    *,
    parameters: str | Path | None = None,
    run_id: str = "",
    tag: str = "",
) -> Run:
    """Run a pipeline to its end.

    Args:
        pipeline: what to run.
        configuration: how it is recorded.
        observer: is told how it goes.
        parameters: a YAML file of parameters.
        run_id: of the run; by default a random one.
        tag: of the run.

    Returns:
        The finished run; its `final_status` tells how it ended.

    Raises:
        RecordingError: the run can't be recorded.
    """
    fields = {"dag": pipeline.dag, "dag_hash": pipeline.dag_hash, "pipeline_file": pipeline.file}
    run = create_run(configuration, tag=tag, parameters=parameters, run_id=run_id, pipeline=fields)
    run.terminal_names = {SUCCESS: pipeline.success, FAIL: pipeline.fail}
    with run:
        observer.run_started(run.run_id)
        node = pipeline.start_at
        while node in pipeline.tasks:
            task = pipeline.tasks[node]
            node = task.next if _run_task(run, task, observer) else task.on_failure
        run.finish(status=SUCCESS if node == pipeline.success else FAIL)
    return run


def _run_task(run: Run, task: Task, observer: Observer) -> bool:
    for attempt in range(1, task.max_attempts + 1):
        observer.attempt_started(task.name, attempt, task.max_attempts)
        message = _run_attempt(run, task)
        observer.attempt_ended(task.name, message)
        if message is None:
            return True
    return False


def _run_attempt(run: Run, task: Task) -> str | None:
    parameters = run.parameters
    variables = parameter_variables(parameters)
    before = {name: value for name, value in os.environ.items() if name.startswith(PARAMETER_PREFIX)}
    os.environ.update(variables)
    step_type = STUB if task.kind == STUB else TASK
    step = Step(run, task.name, task.name, capture=task.kind == PYTHON, step_type=step_type)
    try:
        with step:
            changed = _run_shell(step, task) if task.kind == SHELL else {}
            if task.kind == PYTHON:
                changed = call_function(find_function(task.command), parameters)
        changed.update(_exported_parameters(os.environ, variables))
        run.set_parameters(**changed)
    except Exception as error:
        # Whatever a task raises is its failure, which the step has recorded; the pipeline goes on to `on_failure`.
        return error_message(error)
    finally:
        for name in [name for name in os.environ if name.startswith(PARAMETER_PREFIX)]:
            del os.environ[name]
        os.environ.update(before)
    return None


def _run_shell(step: Step, task: Task) -> dict[str, Any]:
    given = dict(os.environ)
    exported = run_command(["/bin/sh", "-c", task.command], given, printer(step), take_exported_metrics)
    return _exported_parameters(exported, given)


def take_exported_metrics(variables: Mapping[str, str]) -> None:
    """Leave the metrics that a command exported where the step takes them from when it ends."""
    os.environ.update({name: value for name, value in variables.items() if name.startswith(TRACK_PREFIX)})


def _exported_parameters(after: Mapping[str, str], before: Mapping[str, str]) -> dict[str, Any]:
    return {
        name.removeprefix(PARAMETER_PREFIX): parameter_value(value)
        for name, value in after.items()
        if name.startswith(PARAMETER_PREFIX) and name != PARAMETER_PREFIX and before.get(name) != value
    }


def printer(step: Step) -> Any:
    """What passes a command's output on to this process's own, and into the step's execution log."""

    def output(stream: str, data: bytes) -> None:
        step.log_bytes(data)
        target = getattr(sys, stream)
        try:
            target.write(data.decode(errors="replace"))
            target.flush()
        except OutputError as error:
            # A disk that is full keeps nobody from his work: the step goes on, and the end of this process tells.
            if error.reader_gone:
                raise

    return output
