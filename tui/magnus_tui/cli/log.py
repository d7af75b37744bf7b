"""``magnus-tui log``: the execution log of an attempt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from magnus_tui.cli.opening import open_for_command, warn
from magnus_tui.cli.output import store_option, write_text

if TYPE_CHECKING:
    from magnus_tracking.execution_logs import ExecutionLog, StepLogs
    from magnus_tracking.models import RunLog, StepLog
    from magnus_tracking.stores import Store

NO_ERROR_OUTPUT = "the engine kept no error output of this attempt"


@click.command("log")
@click.argument("run")
@click.argument("step", required=False)
@click.option("--attempt", type=int, metavar="N", help="Only this attempt; without it, all of them in order.")
@store_option
def command(run: str, step: str | None, attempt: int | None, store: str) -> None:
    """Print what STEP of RUN printed while it ran, without terminal escapes.

    Left out, STEP is the failing step, followed by any other step with a failed attempt; without a failure it is the
    last. Several logs each stand below a line that names them.
    """
    opened = open_for_command(store)
    run_id = opened.find(run)
    log = opened.store.load(run_id)
    printed = 0
    chosen = chosen_steps(log, step)
    found = [(one, logs_of(opened.store, log, one, run_id)) for one in chosen]
    several = sum(len(_wanted(logs, attempt)) for _, logs in found) > 1
    for one, logs in found:
        for execution_log in _wanted(logs, attempt):
            printed += _print(one, execution_log, several)
        reason = why_missing(one, logs, attempt)
        if reason:
            warn(f"{one.internal_name}: {reason}")
    if not printed:
        raise click.exceptions.Exit(1)


def chosen_steps(log: RunLog, name: str | None) -> list[StepLog]:
    """The steps whose logs are meant: the one that `name` names, or those that failed, the first cause first.

    Raises:
        StepNotFoundError: no step is meant.
        AmbiguousNameError: several are.
    """
    from magnus_tracking.tree import failing_attempt, find_step, leaf_steps

    if name is not None:
        return [find_step(log, name)]
    failed = [step for step in leaf_steps(log) if failing_attempt(step) is not None]
    first = failed[0] if failed and all(step.status != "FAIL" for step in failed) else find_step(log)
    return [first, *(step for step in failed if step is not first)]


def logs_of(store: Store, log: RunLog, step: StepLog, run_id: str) -> StepLogs:
    """The execution logs of a step."""
    from magnus_tracking.execution_logs import find_logs

    return find_logs(log, step, store, run_id)


def _wanted(logs: StepLogs, attempt: int | None) -> Sequence[ExecutionLog]:
    return logs.of_attempt(attempt)


def why_missing(step: StepLog, logs: StepLogs, attempt: int | None) -> str | None:
    """Why there is no log, or no error in it, in words; None where nothing is amiss."""
    numbers = [one.attempt_number for one in step.attempts]
    if attempt is not None and attempt not in numbers:
        return f"no attempt {attempt}: its attempts are {', '.join(map(str, numbers)) or 'none'}"
    if not _wanted(logs, attempt):
        return logs.reason or "the engine kept no execution log of this attempt"
    return None


def _print(step: StepLog, execution_log: ExecutionLog, several: bool) -> int:
    from magnus_tracking.log_text import read_log

    text = "".join(line + "\n" for line in read_log(execution_log.path, None).lines)
    if several:
        number = f"attempt {execution_log.attempt}" if execution_log.attempt is not None else "attempt not known"
        inferred = ", inferred" if execution_log.inferred else ""
        write_text(f"==> {step.internal_name}, {number}{inferred} <==\n")
    write_text(text)
    failed = any(one.status == "FAIL" for one in step.attempts if one.attempt_number == execution_log.attempt)
    if failed and "Traceback (most recent call last)" not in text and step.step_type != "notebook":
        warn(f"{step.internal_name}: {NO_ERROR_OUTPUT}{'' if text.strip() else ', and no output'}")
    return 1
