"""``magnus-tui check``: what can't be read, is silent, is written twice, is missing or altered in the catalog."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from magnus_tracking.analysis.liveness import Liveness, silence_of
from magnus_tracking.errors import RunNotFoundError, UnreadableRunError
from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.stores.read_errors import ReadingRun
from magnus_tui import format as formats
from magnus_tui.cli.output import OutputFormat, StoreCommand, catalog_option, format_option, store_option, write_listing
from magnus_tui.cli.store_access import Opened, open_for_command
from magnus_tui.format.repeated_steps import repeated_steps
from magnus_tui.format.table_columns import Column

if TYPE_CHECKING:
    from magnus_tracking.runlog.metrics import Series
    from magnus_tracking.runlog.models import DataCatalog, RunLog

Kind = Liveness | Literal["unreadable", "repeated", "missing", "altered", "outside"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a run that is not as it should be.

    Attributes:
        kind: what is wrong.
        run_id: with which run.
        step: with which step, by internal name; None where it is the run itself.
        name: the catalog entry or the journal, or None.
        detail: what was seen, in a few words.
    """

    kind: Kind
    run_id: str
    step: str | None
    name: str | None
    detail: str


_WRITE_LOGS = frozenset({"task", "job"})
"""Types of steps that print into an execution log."""

_STYLES = dict.fromkeys(("silent", "stalled", "repeated", "missing"), "yellow")
_COLUMNS = (
    Column[Finding]("kind", lambda found: found.kind, style=lambda found: _STYLES.get(found.kind, "red"), stays=True),
    Column[Finding]("run_id", lambda found: found.run_id, "run", stays=True),
    Column[Finding]("step", lambda found: found.step),
    Column[Finding]("name", lambda found: found.name, "file"),
    Column[Finding]("detail", lambda found: found.detail, shrinks=True, stays=True),
)


@click.command("check", cls=StoreCommand)
@store_option
@catalog_option
@format_option
def command(store: str, output_format: OutputFormat) -> None:
    """List what is wrong in STORE: unreadable runs, runs that fell silent, catalog files that are missing or altered.

    It names metrics with several values at a step, too, of which the last counts.
    Every catalog file is read and checked against the hash in the run log. Findings are not errors: the exit status
    is 0 whatever is found.
    """
    opened = open_for_command(store)
    findings = [finding for run in opened.every_run for finding in check_run(opened, run)]
    write_listing(
        output_format,
        _COLUMNS,
        findings,
        lambda: [asdict(finding) for finding in findings],
        f"no problems found in {formats.count(len(opened.every_run), 'run')} of {opened.store.place}"
        if opened.every_run
        else opened.why_no_runs(),
    )


def check_run(opened: Opened, run: RunSummary) -> Iterator[Finding]:
    """What is wrong with one run."""
    if run.error is not None:
        yield Finding("unreadable", run.run_id, None, None, run.error)
        yield from _passed_over(opened, run)
        return
    liveness = opened.liveness(run)
    if liveness is not None and liveness != "live":
        yield Finding(liveness, run.run_id, run.current_step, None, formats.silence(silence_of(run, opened.now)))
    yield from _passed_over(opened, run)
    try:
        with ReadingRun(run.path):
            log, series = opened.load_with_series(run.run_id)
            found = [
                *_odd_fields(log, run.run_id),
                *_repeated_points(series, run.run_id),
                *_check_catalog(opened, log, run.run_id),
                *_check_logs(opened, log, run.run_id),
            ]
    except UnreadableRunError as error:
        yield Finding("unreadable", run.run_id, None, None, error.reason)
        return
    except RunNotFoundError:
        yield Finding("unreadable", run.run_id, None, None, "gone since the store was listed")
        return
    yield from found


def _passed_over(opened: Opened, run: RunSummary) -> Iterator[Finding]:
    """What lies among the journals of a run and is none."""
    from magnus_tracking.journal.skipped_files import passed_over

    for name, reason in passed_over(opened.store.root, run.run_id):
        if run.error is not None and run.error.startswith(f"{name}: "):
            continue
        yield Finding("unreadable", run.run_id, None, name, f"{reason}: skipped among the journals")


def _odd_fields(log: RunLog, run_id: str) -> Iterator[Finding]:
    """Fields of another type than their own, which everything but JSON takes for missing."""
    from magnus_tracking.runlog.tree import odd_fields

    for step, name in odd_fields(log):
        yield Finding("unreadable", run_id, step, None, f"{name} has a type that no engine writes: treated as missing")


def _repeated_points(series: Iterable[Series], run_id: str) -> Iterator[Finding]:
    """Metrics with several values at a step, of which only the last is shown."""
    for step, of_step in groupby(series, key=lambda one: one.step):
        for said in repeated_steps(of_step):
            yield Finding("repeated", run_id, step, None, said)


def _check_logs(opened: Opened, log: RunLog, run_id: str) -> Iterator[Finding]:
    """The execution logs that the engine must have kept, and that are not there.

    magnus lists its logs in the catalog, whose entries are checked anyway; runnable writes one for each attempt.
    """
    from magnus_tracking.logs.locate import NOTHING_KEPT, RunLogs
    from magnus_tracking.runlog.tree import engine_of, leaf_steps
    from magnus_tracking.runlog.vocabulary import GOES_ON

    handler = log.run_config.get("catalog_handler")
    service = handler.get("service_name") if isinstance(handler, dict) else None
    if engine_of(log) != "runnable" or service == "do-nothing":
        return
    of_run = RunLogs(log, opened.store, run_id)
    for step in leaf_steps(log):
        # A log gets into the catalog when its step has ended.
        if step.mock or not step.attempts or step.step_type not in _WRITE_LOGS or step.status in GOES_ON:
            continue
        logs = of_run.of(step)
        if not logs.logs and logs.reason == NOTHING_KEPT:
            where = ", ".join(logs.looked)
            allowed = f"; {logs.refused}" if logs.refused else ""
            detail = f"there is no execution log; looked in {where}{allowed}"
            yield Finding("missing", run_id, step.internal_name, None, detail)


def _check_catalog(opened: Opened, log: RunLog, run_id: str) -> Iterator[Finding]:
    """Check the files of the catalog against their hashes; name the step that overwrote one."""
    from magnus_tracking.logs.catalog import (
        CatalogFile,
        FileHashes,
        FileState,
        check_file,
        refusal,
        run_home,
    )
    from magnus_tracking.runlog.tree import walk

    hashes = FileHashes()
    home = run_home(opened.store, log.run_config)
    checked: list[tuple[str, DataCatalog, CatalogFile]] = []
    owners: dict[Path | None, str] = {}
    for node in walk(log):
        for entry in node.step.data_catalog:
            file = check_file(entry, home, log.run_id, hashes)
            checked.append((node.step.internal_name, entry, file))
            if file.state is FileState.PRESENT:
                owners[file.path] = node.step.internal_name
    kinds: dict[FileState, tuple[Kind, str]] = {
        FileState.MISSING: ("missing", "the file is gone"),
        FileState.OUTSIDE: ("outside", "the path leads out of the catalog, so it is not followed"),
        FileState.NOT_ALLOWED: ("outside", ""),
        FileState.UNREADABLE: ("unreadable", "the file can't be read"),
        FileState.ALTERED: ("altered", "the content is not what the run log's hash says"),
    }
    for step, entry, file in checked:
        if file.state in kinds:
            kind, detail = kinds[file.state]
            owner = owners.get(file.path) if file.path is not None else None
            if file.state is FileState.NOT_ALLOWED:
                detail = refusal(entry.catalog_handler_location, home, log.run_id) or ""
            yield Finding(kind, run_id, step, entry.name, f"overwritten by step {owner}" if owner else detail)
