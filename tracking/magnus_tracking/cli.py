"""``magnus-track``: record commands and pipelines from the shell, and recover what killed processes left."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

import click

from magnus_tracking.errors import CommandFailedError, ConfigurationError, MagnusTrackingError, StoreNotFoundError
from magnus_tracking.printable import clean
from magnus_tracking.runlog.default_names import STORE_FOLDER

if TYPE_CHECKING:
    from magnus_tracking.recorder.run import Run

FAILED = 1
WRONG_USAGE = 2
_ENGINE_RUNS = ("MAGNUS_RUN_ID", "RUNNABLE_RUN_ID")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="magnus-tracking", prog_name="magnus-track")
def cli() -> None:
    """Record runs that magnus and magnus-tui read."""


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.option("--run-id", envvar="MAGNUS_RUN_ID", help="The run to add the step to; started if it doesn't exist.")
@click.option("--tag", envvar="MAGNUS_RUN_TAG", default="", help="Groups the run with others of the same tag.")
@click.option("--finish", is_flag=True, help="End the run after this step.")
@click.option("-c", "--config", help="A YAML configuration; by default the one that MAGNUS_CONFIG_FILE names.")
@click.option("-s", "--store", help="Instead of a configuration: a type of store, or a folder for run logs.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def step(
    name: str,
    run_id: str | None,
    tag: str,
    finish: bool,
    config: str | None,
    store: str | None,
    command: tuple[str, ...],
) -> None:
    """Record COMMAND as the step NAME.

    With the same --run-id (or MAGNUS_RUN_ID) the steps of a script share one run, which the step with --finish ends;
    without a run id the step is a run of its own. Inside a step of magnus or runnable, COMMAND tracks into that
    step, its metrics named after NAME unless that is the step's own; the engine's run stays as it is.
    """
    if config is None and store is None:
        _step_below_an_engines(name, run_id, command)
    from magnus_tracking.recorder.run_start import choose_configuration, create_or_join_run, create_run

    configuration = choose_configuration(config, store)
    run = create_or_join_run(run_id, configuration, tag=tag) if run_id else create_run(configuration, tag=tag)
    with _progress() as progress:
        progress.run_started(run.run_id)
        message = _record_command(run, name, list(command), progress)
        if finish or not run_id:
            run.finish()
        else:
            if message is not None:
                run.change(lambda log: log.put_run({**log.run(), "status": "FAIL"}))
            run.detach()
    if message is not None or run.final_status == "FAIL":
        sys.exit(FAILED)


def _step_below_an_engines(name: str, run_id: str | None, command: tuple[str, ...]) -> None:
    """Run a command inside the engine's step that this process is in, if there is one, and leave with its status."""
    if not any(variable in os.environ for variable in _ENGINE_RUNS):
        return
    from magnus_tracking.pipeline.engine_step import run_below
    from magnus_tracking.recorder.engine_sinks import sink_below

    sink = sink_below(name, run_id)
    if sink is not None:
        with _terminated_as_exception():
            sys.exit(run_below(sink, command))


@cli.command()
def journal() -> None:
    """Print the file that takes the metrics of the step that this runs in.

    Each line that is appended to it is one value: {"metric": "loss", "step": 3, "value": 0.25}
    """
    from magnus_tracking.recorder.active_runs import find_sink

    click.echo(find_sink().path)


def _record_command(run: Run, name: str, command: list[str], progress: Progress) -> str | None:
    from magnus_tracking.pipeline.commands import run_command
    from magnus_tracking.pipeline.running import printer, take_exported_metrics

    recorded = run.step(name, capture=False)
    try:
        with _terminated_as_exception(), recorded:
            progress.attempt_started(name, recorded.attempt_number, 1)
            run_command(command, os.environ, printer(recorded), take_exported_metrics)
    except CommandFailedError as error:
        progress.attempt_ended(name, str(error))
        return str(error)
    except KeyboardInterrupt:
        progress.attempt_ended(name, "interrupted")
        return "interrupted"
    progress.attempt_ended(name, None)
    return None


@contextmanager
def _terminated_as_exception() -> Iterator[None]:
    """Let SIGTERM end the step as a failure, rather than the process without a word."""

    def terminated(number: int, frame: FrameType | None) -> NoReturn:
        raise CommandFailedError(f"ended by signal {number} ({signal.Signals(number).name})")

    before = signal.signal(signal.SIGTERM, terminated)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@cli.command()
@click.option("-f", "--file", "pipeline_file", required=True, help="The pipeline, in YAML.")
@click.option("-c", "--config", help="A YAML configuration; by default the one that MAGNUS_CONFIG_FILE names.")
@click.option("-p", "--parameters", help="A YAML file of parameters.")
@click.option("-s", "--store", help="Instead of a configuration: a type of store, or a folder for run logs.")
@click.option("--run-id", default="", help="The id of the run; by default two words and the time.")
@click.option("--tag", default="", help="Groups the run with others of the same tag.")
def execute(
    pipeline_file: str, config: str | None, parameters: str | None, store: str | None, run_id: str, tag: str
) -> None:
    """Run a pipeline of shell and python tasks."""
    from magnus_tracking import pipeline
    from magnus_tracking.recorder.run_start import choose_configuration

    configuration = choose_configuration(config, store)
    definition = pipeline.load_pipeline(pipeline_file)
    with _progress() as progress, _terminated_as_exception():
        run = pipeline.execute(definition, configuration, progress, parameters=parameters, run_id=run_id, tag=tag)
        progress.run_ended(run.final_status or "unknown")
    if run.final_status != "SUCCESS":
        sys.exit(FAILED)


@cli.command()
@click.argument("run", required=False)
@click.option("-s", "--store", default=STORE_FOLDER, show_default=True, help="The folder of the run logs.")
@click.option("--force", is_flag=True, help="Treat processes on other hosts, whose state is unknown, as gone.")
def recover(run: str | None, store: str, force: bool) -> None:
    """Fold in what killed processes had tracked, and mark their runs FAIL.

    Without RUN, all runs of the store whose processes are gone.
    """
    from magnus_tracking.journal.journal_paths import side_folders
    from magnus_tracking.recorder.recovery import recover_run, recover_store

    inside = Path(store) / STORE_FOLDER
    root = (inside if inside.is_dir() else Path(store)).absolute()
    if not root.is_dir():
        _fail(str(StoreNotFoundError(root)))
    if run is None:
        found = recover_store(root, force=force)
    else:
        layouts = [chunked for run_id, chunked in side_folders(root) if run_id == run]
        if not layouts:
            _fail(f"run {run!r} in {root} has nothing to recover: there is no journal beside it")
        found = [recover_run(root, run, chunked=chunked, force=force) for chunked in layouts]
    for recovery in found:
        what = recovery.reason or f"recovered: {', '.join(recovery.attempts) or 'no attempt was running'}"
        click.echo(clean(f"{recovery.run_id}: {what}"))
    if not found:
        click.echo("nothing to recover")
    if (run is not None and found[0].reason) or any(one.failed for one in found):
        sys.exit(FAILED)


class Progress:
    """Says nothing: what is shown where the output is not a terminal."""

    def run_started(self, run_id: str) -> None:
        """The run has an id now."""

    def attempt_started(self, step: str, attempt: int, max_attempts: int) -> None:
        """An attempt of a step begins."""

    def attempt_ended(self, step: str, message: str | None) -> None:
        """It ended: well, or with a message."""

    def run_ended(self, status: str) -> None:
        """The run ended."""


@contextmanager
def _progress() -> Iterator[Progress]:
    if not sys.stderr.isatty():
        yield Progress()
        return
    from rich.console import Console

    progress = _terminal_progress(Console(stderr=True))
    try:
        yield progress
    finally:
        progress.stop()


def _terminal_progress(console: Any) -> Any:
    """Progress on a terminal: the step that runs with its attempt and time, and a line for each that ended."""
    from rich.progress import Progress as Bar
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.text import Text

    class TerminalProgress(Progress):
        def __init__(self) -> None:
            columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
            self._bar = Bar(*columns, console=console, transient=True)
            self._task: Any = None
            self._bar.start()

        def stop(self) -> None:
            self._bar.stop()

        def run_started(self, run_id: str) -> None:
            console.print(Text(f"run {clean(run_id)}", style="bold"))

        def attempt_started(self, step: str, attempt: int, max_attempts: int) -> None:
            of = f" of {max_attempts}" if max_attempts > 1 else ""
            self._task = self._bar.add_task(clean(f"{step}, attempt {attempt}{of}"), total=None)

        def attempt_ended(self, step: str, message: str | None) -> None:
            elapsed = 0.0
            if self._task is not None:
                elapsed = self._bar.tasks[-1].elapsed or 0.0
                self._bar.remove_task(self._task)
                self._task = None
            mark, style = ("✓", "green") if message is None else ("✗", "red")
            line = Text(f"{mark} ", style=style)
            line.append(f"{clean(step)}  {elapsed:.1f} s", style="")
            if message is not None:
                line.append(f"  {clean(message)}", style="red")
            console.print(line)

        def run_ended(self, status: str) -> None:
            console.print(Text(status, style="green" if status == "SUCCESS" else "red"))

    return TerminalProgress()


def _fail(message: str, status: int = FAILED) -> NoReturn:
    click.echo(f"magnus-track: {clean(message)}", err=True)
    sys.exit(status)


def main() -> None:
    """The command ``magnus-track``."""
    from magnus_tracking.process.program import run_program

    sys.exit(run_program("magnus-track", _run))


def _run() -> int:
    try:
        cli()
    except ConfigurationError as error:
        _fail(str(error), WRONG_USAGE)
    except MagnusTrackingError as error:
        _fail(str(error))
    return 0


if __name__ == "__main__":
    main()
