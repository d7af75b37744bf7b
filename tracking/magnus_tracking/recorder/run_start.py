"""Starting runs, and joining runs that another process started."""

from __future__ import annotations

import copyreg
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from magnus_tracking.engines.run_log import is_engines
from magnus_tracking.errors import ConfigurationError, RecordingError, os_reason
from magnus_tracking.recorder.atomic_files import remove_side
from magnus_tracking.recorder.chunk_writer import ChunkedWriter
from magnus_tracking.recorder.configuration import (
    BUFFERED,
    CHUNKED,
    DO_NOTHING,
    Configuration,
    default_configuration,
    load_configuration,
)
from magnus_tracking.recorder.documents import PROCESSING, Document, graph_node, new_run
from magnus_tracking.recorder.environment import CONFIGURATION_VARIABLE, read_parameters
from magnus_tracking.recorder.names import TERMINAL_NAMES, check_run_id, random_run_id
from magnus_tracking.recorder.one_file_writer import BufferedWriter, FileSystemWriter
from magnus_tracking.recorder.run import Run
from magnus_tracking.recorder.run_writer import Log, RunWriter
from magnus_tracking.recorder.value_encoding import plain_parameters
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES, OUR_EXECUTOR
from magnus_tracking.trackers import RunInfo, Tracker, create_tracker

_TRIES = 1000
_STARTING = 2.0
_PAUSE = 0.02

_joined: dict[tuple[Path, str, int], Run] = {}


def start_run(
    tag: str = "",
    parameters: Mapping[str, Any] | str | Path | None = None,
    run_id: str = "",
    config: str | Path | None = None,
    store: str | Path | None = None,
    *,
    on_error: str | None = None,
    resume: bool = False,
) -> Run:
    """Start a run, which is recorded from now on until its context ends or `Run.finish` is called.

    Args:
        tag: groups the run with others of the same tag, and is its MLflow experiment.
        parameters: of the run, by name, or a YAML file that holds them. Variables ``MAGNUS_PRM_<key>`` in the
            environment are parameters too; those given here come first.
        run_id: by default two words and the local time, like ``blazing-colden-0544``.
        config: a YAML file with `run_log_store`, `catalog` and `experiment_tracker`; by default the one that the
            variable ``MAGNUS_CONFIG_FILE`` names, if any.
        store: instead of a file, a type of store (``file-system``, ``chunked-fs``, ``buffered``), or a folder for run
            logs in files.
        on_error: ``warn`` or ``raise``, when something can't be recorded while the run goes on.
        resume: take up the run of that id again, if there is one.

    Raises:
        ConfigurationError: the configuration says something unknown.
        RecordingError: there is a run of that id, the id may not be used, or the store can't be written.
        TypeError: a parameter is not a JSON value.
    """
    configuration = choose_configuration(config, store, on_error)
    if resume and run_id and _writer(configuration, check_run_id(run_id)).exists():
        return join_run(run_id, configuration, tag=tag)
    pipeline = {"pipeline_file": _script(configuration.root.parent)}
    return create_run(configuration, tag=tag, parameters=parameters, run_id=run_id, pipeline=pipeline)


def _script(project: Path) -> str:
    """The script that this process runs, by which its runs are those of one pipeline; empty where there is none.

    Args:
        project: the folder that its path is relative to; a script elsewhere has its name only, the same for all users.
    """
    # What is typed has no file, or one that is not there (``<stdin>``).
    file = Path(getattr(sys.modules.get("__main__"), "__file__", None) or "").resolve()
    if not file.is_file():
        return ""
    project = project.resolve()
    return file.relative_to(project).as_posix() if file.is_relative_to(project) else file.name


def choose_configuration(
    config: str | Path | None = None, store: str | Path | None = None, on_error: str | None = None
) -> Configuration:
    """The configuration that was asked for.

    Raises:
        ConfigurationError: it says something unknown, or both a file and a store were given.
    """
    if config is not None and store is not None:
        raise ConfigurationError("give a configuration file or a store, not both: the file names the store")
    if config is None and store is None:
        config = os.environ.get(CONFIGURATION_VARIABLE) or None
    configuration = default_configuration(store) if config is None else load_configuration(config)
    return configuration if on_error is None else configuration.with_on_error(on_error)


def create_run(
    configuration: Configuration,
    *,
    tag: str = "",
    parameters: Mapping[str, Any] | str | Path | None = None,
    run_id: str = "",
    pipeline: Mapping[str, Any] | None = None,
) -> Run:
    """Start a run under a configuration; see `start_run`.

    Args:
        configuration: how it is recorded.
        tag: see `start_run`.
        parameters: see `start_run`.
        run_id: see `start_run`.
        pipeline: fields of `run_config` that a pipeline fills: ``dag``, ``dag_hash``, ``pipeline_file``.
    """
    tracker = create_tracker(configuration.tracker.type, configuration.tracker.config)
    given = read_parameters_given(parameters)
    merged = {**read_parameters(os.environ), **given}
    parameters_file = "" if parameters is None or isinstance(parameters, Mapping) else str(parameters)

    def first_log(name: str) -> Document:
        extra = {"parameters_file": parameters_file, **(pipeline or {})}
        run_config = _run_config(configuration, tracker, name, tag, extra)
        return new_run(name, tag, run_config["dag_hash"], merged, run_config)

    try:
        writer, document = _claim(configuration, run_id, first_log)
        run = Run(configuration, writer, tracker, tag, attached=False)
        run.begin(merged, document)
    except OSError as error:
        raise RecordingError(f"can't start a run in {configuration.root}: {os_reason(error)}") from error
    return run


def _claim(configuration: Configuration, run_id: str, first_log: Any) -> tuple[RunWriter, Document]:
    """Claim the id that was asked for, or one that is free, and write the first log."""
    if run_id:
        writer = _writer(configuration, check_run_id(run_id))
        document = first_log(run_id)
        if not writer.create(document):
            raise RecordingError(
                f"there is a run {run_id!r} in {configuration.root} already: choose another id, or resume it"
            )
        return writer, document
    for attempt in range(_TRIES):
        name = random_run_id() + (f"-{attempt}" if attempt > 20 else "")
        writer = _writer(configuration, name)
        document = first_log(name)
        if writer.create(document):
            return writer, document
    raise RecordingError(f"no free run id was found in {configuration.root}: give one")


def create_or_join_run(run_id: str, configuration: Configuration, *, tag: str = "") -> Run:
    """Start a run of that id, or go on with it, where several processes may do so at once.

    Raises:
        RecordingError: the run is finished, or its log can't be read or written.
    """
    give_up = time.monotonic() + _STARTING
    while True:
        writer = _writer(configuration, check_run_id(run_id))
        try:
            if writer.exists():
                return join_run(run_id, configuration, tag=tag, reopen=False)
            return create_run(configuration, tag=tag, run_id=run_id)
        except RecordingError:
            # Another process may be between claiming the id and writing the first log.
            if time.monotonic() > give_up or _is_finished(writer):
                remove_side(writer.side)
                raise
            time.sleep(_PAUSE)


def _is_finished(writer: RunWriter) -> bool:
    try:
        return writer.look(_has_ended)
    except RecordingError:
        return False


def _state(log: Log) -> tuple[str, bool, str, Document]:
    run = log.run()
    return run["status"], _has_ended(log), run["tag"] or "", log.parameters()


def _has_ended(log: Log) -> bool:
    return log.run()["status"] in FINAL_STATUSES and any(
        step["step_type"] in TERMINAL_NAMES for step in log.steps_in("")
    )


def join_run(run_id: str, configuration: Configuration, *, tag: str = "", reopen: bool = True) -> Run:
    """Go on with a run that another process started, or that ended.

    Args:
        run_id: the run.
        configuration: how it is recorded.
        tag: of the run, if it has none.
        reopen: whether a run that was finished is taken up again.

    Raises:
        RecordingError: there is none of that id, its log can't be read, or it is finished.
    """
    run = _open_run(run_id, configuration, attached=False)
    status, ended, known_tag, parameters = run.read(_state)
    if ended and not reopen:
        raise RecordingError(f"run {run_id!r} is finished ({status}): use another run id")
    run.tag = known_tag or tag
    run.begin(parameters, None)
    if status in FINAL_STATUSES:
        run.change(lambda log: log.put_run({**log.run(), "status": PROCESSING}))
    return run


def attach_run(run_id: str, configuration: Configuration) -> Run:
    """The run of another process, to record steps of it in this one; asked again, the same object.

    Raises:
        RecordingError: there is none of that id.
    """
    key = (configuration.root, run_id, os.getpid())
    run = _joined.get(key)
    if run is None or run.finished:
        run = _joined[key] = _open_run(run_id, configuration, attached=True)
        if configuration.tracker.type != DO_NOTHING:
            _, _, run.tag, parameters = run.read(_state)
            run.tracker.start(RunInfo(run_id, run.tag, parameters))
    return run


def _reduce(run: Run) -> tuple[Callable[[str, Configuration], Run], tuple[str, Configuration]]:
    """Send a run to another process, which attaches to it."""
    if run.configuration.store == BUFFERED:
        raise TypeError("a buffered run stays in its process: use a file-system or chunked-fs store for others")
    return attach_run, (run.run_id, run.configuration)


copyreg.pickle(Run, _reduce)


def _open_run(run_id: str, configuration: Configuration, *, attached: bool) -> Run:
    writer = _writer(configuration, check_run_id(run_id))
    if not writer.exists():
        raise RecordingError(f"there is no run {run_id!r} in {configuration.root} to go on with")
    if _is_an_engines(writer):
        raise RecordingError(f"run {run_id!r} in {configuration.root} is an engine's, which alone may write it")
    return Run(
        configuration,
        writer,
        create_tracker(configuration.tracker.type, configuration.tracker.config),
        "",
        attached=attached,
    )


def _is_an_engines(writer: RunWriter) -> bool:
    try:
        return writer.look(lambda log: is_engines(log.run()))
    except RecordingError:
        # Between the claim of the id and the first log, which no engine makes.
        return False


def read_parameters_given(parameters: Mapping[str, Any] | str | Path | None) -> dict[str, Any]:
    """Parameters as JSON values, from a mapping or a YAML file.

    Raises:
        ConfigurationError: the file can't be read.
        TypeError: a value is not a JSON value.
    """
    if parameters is None:
        return {}
    if isinstance(parameters, Mapping):
        return plain_parameters(parameters)
    from magnus_tracking.recorder.yaml_values import read_mapping

    return plain_parameters(read_mapping(parameters, "parameters file"))


def _writer(configuration: Configuration, run_id: str) -> RunWriter:
    if configuration.store == CHUNKED:
        return ChunkedWriter(configuration.root, run_id)
    if configuration.store == BUFFERED:
        return BufferedWriter(run_id)
    return FileSystemWriter(configuration.root, run_id)


def _run_config(
    configuration: Configuration, tracker: Tracker, run_id: str, tag: str, extra: Mapping[str, Any]
) -> Document:
    """The `run_config` of a run, as the engine writes it."""
    store: Document = {"service_name": configuration.store, "service_type": "run_log_store"}
    if configuration.store != BUFFERED:
        store["log_folder"] = configuration.log_folder
    catalog: Document = {"service_name": "do-nothing", "service_type": "catalog"}
    if configuration.catalog is not None:
        catalog = {
            "service_name": "file-system",
            "service_type": "catalog",
            "catalog_location": configuration.catalog_location,
        }
    ends = {name: graph_node(name, name) for name in TERMINAL_NAMES}
    return {
        "executor": {
            "service_name": OUR_EXECUTOR,
            "service_type": "executor",
            "enable_parallel": False,
            "placeholders": {},
        },
        "run_log_store": store,
        "secrets_handler": {"service_name": "do-nothing", "service_type": "secrets"},
        "catalog_handler": catalog,
        "experiment_tracker": tracker.describe(),
        "pipeline_file": "",
        "parameters_file": "",
        "configuration_file": configuration.file,
        "tag": tag,
        "run_id": run_id,
        "variables": {},
        "use_cached": False,
        "original_run_id": "",
        "dag": {"start_at": "", "name": "", "description": "", "internal_branch_name": "", "steps": ends},
        "dag_hash": "",
        "execution_plan": "chained",
        **extra,
    }
