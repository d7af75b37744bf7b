"""``magnus-tui log``: the execution log of an attempt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from magnus_tui.cli import candidates
from magnus_tui.cli.output import catalog_option, store_option, write_lines, write_text
from magnus_tui.cli.store_access import open_for_command, warn
from magnus_tui.format.table_columns import Line
from magnus_tui.format.text import clean

if TYPE_CHECKING:
    from pathlib import Path

    from magnus_tracking.logs.locate import ExecutionLog, RunLogs, StepLogs
    from magnus_tracking.runlog.models import RunLog, StepLog

_BLOCK_LINES = 4096
_STYLES = {"removed": "red", "added": "green", "skipped": "dim"}


@click.command("log")
@click.argument("run", shell_complete=candidates.run_ids)
@click.argument("step", required=False, shell_complete=candidates.steps)
@click.option("--attempt", type=int, metavar="N", help="Only this attempt; without it, all of them in order.")
@click.option(
    "--diff", is_flag=True, help="Print what differs between the logs of two attempts, with times and addresses masked."
)
@click.option("-f", "--follow", is_flag=True, help="Keep printing what the running steps print until the run ends.")
@store_option
@catalog_option
def command(run: str, step: str | None, attempt: int | None, diff: bool, follow: bool, store: str) -> None:
    """Print what STEP of RUN printed while it ran, without terminal escapes.

    By default, STEP is the failing step, followed by any other step with a failed attempt; without a failure it is the
    last. Several logs are each printed below a line that names them. With --diff, the attempt is compared with the one
    after it; without --attempt, the last two are compared.
    """
    from magnus_tracking.logs.locate import RunLogs
    from magnus_tracking.runlog.tree import failure_of

    if follow and (diff or attempt is not None):
        raise click.UsageError("--follow prints what is being written: it takes neither --diff nor --attempt")
    opened = open_for_command(store)
    run_id = opened.find(run)
    if follow and not opened.store.summarize(opened.store.handle(run_id)).is_finished:
        from magnus_tui.cli.follow_log import follow_logs

        if not follow_logs(opened, run_id, step):
            warn(f"{run_id}: no step that ran has an execution log")
            raise click.exceptions.Exit(1)
        return
    log, _ = opened.load_with_series(run_id)
    of_run = RunLogs(log, opened.store, run_id)
    steps = chosen_steps(log, step)
    failure = failure_of(log) if step is None else None
    if failure is not None and failure.reason:
        warn(f"{failure.name} {failure.reason}; this is the log of what began last in it")
    printed = _diff(steps[0], of_run, attempt) if diff else _print_logs(log, steps, of_run, attempt)
    if not printed:
        raise click.exceptions.Exit(1)


def chosen_steps(log: RunLog, name: str | None) -> list[StepLog]:
    """The steps whose logs are meant: the one that `name` names, or those that failed, the first cause first.

    Raises:
        StepNotFoundError: no step is meant.
        AmbiguousNameError: several are.
    """
    from magnus_tracking.runlog.failing import failing_attempt
    from magnus_tracking.runlog.tree import find_step, leaf_steps

    if name is not None:
        return [find_step(log, name)]
    failed = [step for step in leaf_steps(log) if failing_attempt(step) is not None]
    first = failed[0] if failed and all(step.status != "FAIL" for step in failed) else find_step(log)
    return [first, *(step for step in failed if step.internal_name != first.internal_name)]


def _print_logs(log: RunLog, steps: Sequence[StepLog], of_run: RunLogs, attempt: int | None) -> int:
    """Print the logs of some steps, and say of each what was not kept; how many logs told something."""
    from magnus_tracking.analysis.failures import silence_of

    found = [(step, of_run.of(step)) for step in steps]
    several = sum(len(logs.of_attempt(attempt)) for _, logs in found) > 1
    printed, blank, told = 0, True, False
    for step, logs in found:
        for execution_log in logs.of_attempt(attempt):
            if several:
                write_text(f"==> {_name(step, execution_log)} <==\n")
            blank &= _print(execution_log.path)
            printed += 1
        reason = why_missing(step, logs, attempt) or silence_of(log, step, attempt, of_run)
        if reason:
            warn(f"{step.internal_name}: {reason}")
            told = True
    return 0 if blank and told else printed


def why_missing(step: StepLog, logs: StepLogs, attempt: int | None) -> str | None:
    """Why there is no log, in words; None where there is one and nothing is amiss."""
    from magnus_tracking.logs.locate import PRINTS_NOTHING

    numbers = [one.attempt_number for one in step.attempts]
    if step.is_composite:
        return PRINTS_NOTHING
    if attempt is not None and attempt not in numbers:
        return f"no attempt {attempt}: its attempts are {', '.join(map(str, numbers)) or 'none'}"
    if not logs.of_attempt(attempt):
        return logs.why_none
    return None if attempt is not None else logs.statement


def _name(step: StepLog, execution_log: ExecutionLog) -> str:
    number = f"attempt {execution_log.attempt}" if execution_log.attempt is not None else "attempt unknown"
    inferred = ", inferred" if execution_log.inferred and execution_log.attempt is not None else ""
    return f"{clean(step.internal_name)}, {number}{inferred}"


def _print(path: Path) -> bool:
    """Print a log; whether it is blank."""
    from magnus_tracking.logs.read import stream_lines

    blank = True
    for block in _blocks(stream_lines(path)):
        blank &= not any(map(str.strip, block))
        write_text("".join(f"{line}\n" for line in block))
    return blank


def _blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for line in lines:
        block.append(line)
        if len(block) == _BLOCK_LINES:
            yield block
            block = []
    yield block


def _diff(step: StepLog, of_run: RunLogs, attempt: int | None) -> int:
    """Print what differs between two logs of a step; whether there were two."""
    from magnus_tracking.logs.diff import diff_logs, with_context
    from magnus_tracking.logs.read import read_log
    from magnus_tui.compare.log_comparison import mark_of

    logs = of_run.of(step).logs
    if attempt is None:
        pair = logs[-2:]
    else:
        place = next((i for i, log in enumerate(logs) if log.attempt == attempt), len(logs))
        pair = logs[place : place + 2]
    if len(pair) < 2:
        warn(f"{step.internal_name}: there are no logs of two attempts to compare")
        return 0
    before, after = (read_log(log.path) for log in pair)
    lines: list[Line] = [
        [(f"{mark} {_name(step, log)}", "bold")] for mark, log in zip(("---", "+++"), pair, strict=True)
    ]
    for line in with_context(diff_logs(before.lines, after.lines)):
        text = f"@@ {line.text} @@" if line.kind == "skipped" else f"{mark_of(line)} {clean(line.text)}"
        lines.append([(text, _STYLES.get(line.kind, ""))])
    write_lines(lines)
    return 1
