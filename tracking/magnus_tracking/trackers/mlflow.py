"""MLflow as a place where metrics also go: the run log is complete with it, without it, and when it is down.

All that talks to the server does so in a thread of its own, so that a slow server costs the run no more than the
bounded wait at its end. While an attempt runs, that thread reads its journal and sends what is new in batches. The
first thing that fails is told once; the rest of the run is not sent.
"""

from __future__ import annotations

import importlib.util
import os
import queue
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from magnus_tracking.errors import ConfigurationError, RecordingWarning
from magnus_tracking.journal.reader import JournalReader
from magnus_tracking.printable import without_credentials
from magnus_tracking.trackers.base import Points, RunInfo

_DEFAULT_EXPERIMENT = "Default"
_BATCH = 1000
_NS_A_MS = 1_000_000
_LONGEST_PARAMETER = 6000
_TIMEOUT = 5.0
_BETWEEN_BATCHES = 2.0
"""Seconds between two looks at what running attempts have tracked: a request of a server takes a share of that."""

_RETRIES = "1"
_RUN_NAME = "mlflow.runName"


class MlflowTracker:
    """Sends metrics to an MLflow server.

    The tag of a run is its experiment (``Default`` without one), the run is named by its id. Numbers become metrics
    at their step, with dots in the names of nested ones; other values become parameters named ``<key>_<step>``.

    Args:
        server_url: the tracking server, or a folder.
        autolog: whether MLflow logs what it knows of the libraries that the run uses, models excepted.
        timeout: seconds that one request may take, and that the end of the run waits for what is still to be sent.

    Raises:
        ConfigurationError: MLflow is not installed, or `server_url` is empty.
    """

    service_name = "mlflow"

    def __init__(self, server_url: str, autolog: bool = False, timeout: float = _TIMEOUT) -> None:
        if importlib.util.find_spec("mlflow") is None:
            raise ConfigurationError(
                "experiment_tracker 'mlflow': MLflow is not installed: pip install 'magnus-tracking[mlflow]'"
            )
        if not server_url.strip():
            raise ConfigurationError("experiment_tracker 'mlflow': server_url is empty: it names a server or a folder")
        self._server_url = server_url
        self._autolog = autolog
        self._timeout = timeout
        self._jobs: queue.Queue[Callable[[], None]] = queue.Queue()
        self._thread: threading.Thread | None = None
        self._failed = False
        self._failure = ""
        self._lock = threading.Lock()
        self._imported = threading.Event()
        self._started = threading.Event()
        self._client: Any = None
        self._experiment_id = ""
        self._run_id = ""
        self._watched: list[JournalReader] = []
        self._sent: dict[str, dict[int, Any]] = {}

    def describe(self) -> dict[str, Any]:
        """See `Tracker.describe`."""
        return {
            "service_name": self.service_name,
            "service_type": "experiment_tracker",
            "server_url": without_credentials(self._server_url),
            "autolog": self._autolog,
        }

    def start(self, run: RunInfo) -> None:
        """See `Tracker.start`."""
        # MLflow's own answer to a silent server is seven retries of two minutes each.
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", str(max(1, round(self._timeout))))
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", _RETRIES)
        self._put(lambda: self._open(run))
        if self._autolog:
            self._start_autolog()

    def _start_autolog(self) -> None:
        try:
            import mlflow

            mlflow.set_tracking_uri(self._server_url)
            mlflow.autolog(log_models=False)
        except Exception as error:
            # Whatever autologging raises, the run is more important than its extras.
            self._fail(error)

    def watch(self, journal: Path) -> None:
        """An attempt begins, whose values this file takes: send them while it runs."""
        reader = JournalReader(journal, without_msgspec=True)
        self._put(lambda: self._watched.append(reader))

    def publish(self, points: Points) -> None:
        """See `Tracker.publish`."""
        self._tell()
        if points:
            self._put(lambda: self._send(_values(points)))

    def finish(self, status: str | None) -> None:
        """See `Tracker.finish`."""
        if status is not None and self._thread is not None:
            self._put(lambda: self._end("FINISHED" if status == "SUCCESS" else "FAILED"))
        self._wait()
        self._tell()

    def client_context(self) -> AbstractContextManager[Any]:
        """The MLflow run as MLflow's active one, or a context that is nothing while the server can't be reached."""
        return self._active_run()

    @contextmanager
    def _active_run(self) -> Iterator[Any]:
        """See `client_context`."""
        run = None
        self._imported.wait()
        if self._started.wait(self._timeout) and not self._failed:
            try:
                import mlflow

                mlflow.set_tracking_uri(self._server_url)
                run = mlflow.start_run(run_id=self._run_id, nested=mlflow.active_run() is not None)
            except Exception as error:
                # A server that went away must not end the run.
                self._fail(error)
        elif not self._failed:
            self._fail(TimeoutError(f"no answer within {self._timeout:g} s"))
        self._tell()
        if run is None:
            yield None
            return
        try:
            yield run
        finally:
            # The run goes on after this session: MLflow's own way to leave it would mark it as finished.
            self._leave_active_run()

    def _leave_active_run(self) -> None:
        try:
            import mlflow

            mlflow.end_run(status="RUNNING")
        except Exception as error:
            # As above: what the session holds is sent, and the run goes on.
            self._fail(error)

    def _put(self, job: Callable[[], None]) -> None:
        if self._failed:
            return
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._work, name="magnus-tracking-mlflow", daemon=True)
            self._thread.start()
        self._jobs.put(job)

    def _work(self) -> None:
        """Do what was put off, one job after the other, and send new values while there is none; in the thread."""
        try:
            import mlflow  # noqa: F401  # the first import takes seconds, which are not the server's
        except Exception as error:
            # An installation may be broken in any way, such as by a newer numpy: nobody may wait for it for ever.
            self._fail(error)
        self._imported.set()
        while True:
            try:
                job = self._jobs.get(timeout=_BETWEEN_BATCHES if self._watched and not self._failed else None)
            except queue.Empty:
                self._attempt(self._send_new)
                continue
            try:
                self._attempt(job)
            finally:
                self._jobs.task_done()

    def _attempt(self, job: Callable[[], None]) -> None:
        try:
            if not self._failed:
                job()
        except Exception as error:
            # A server may fail in any way; the run log holds everything that is not sent.
            self._fail(error)

    def _send_new(self) -> None:
        """Send what running attempts have tracked since the last time."""
        for reader in list(self._watched):
            # A journal that is gone was folded: its attempt has ended, and all of its values come to `publish`.
            records = [record for part in reader.read_all() for record in part]
            if records:
                clock = reader.header.clock if reader.header is not None else 0
                self._send([(one.metric, one.step, one.value, _moment(clock, one.ms)) for one in records])
            if reader.gone:
                self._watched.remove(reader)

    def _wait(self) -> None:
        """Wait for what is still to be sent, but not longer than a run can spare."""
        if self._thread is not None:
            self._imported.wait()
        give_up = time.monotonic() + self._timeout
        while self._jobs.unfinished_tasks and not self._failed:
            if time.monotonic() > give_up:
                self._fail(TimeoutError(f"it took longer than {self._timeout:g} s at the end of the run"))
                return
            time.sleep(0.01)

    def _fail(self, error: Exception) -> None:
        with self._lock:
            if self._failed:
                return
            self._failed = True
            reason = " ".join(str(error).split()) or type(error).__name__
            self._failure = reason.replace(self._server_url, self.describe()["server_url"])[:300]
        self._started.set()

    def _tell(self) -> None:
        """Warn of a failure, once, in the thread of the run."""
        with self._lock:
            reason, self._failure = self._failure, ""
        if reason:
            url = self.describe()["server_url"]
            message = f"MLflow at {url} gets no more of this run: {reason}; the run log is complete"
            warnings.warn(message, RecordingWarning, stacklevel=3)

    def _open(self, run: RunInfo) -> None:
        from mlflow.tracking import MlflowClient

        client = MlflowClient(tracking_uri=self._server_url)
        name = run.tag or _DEFAULT_EXPERIMENT
        experiment = client.get_experiment_by_name(name)
        self._experiment_id = experiment.experiment_id if experiment else _create_experiment(client, name)
        quoted = run.run_id.replace("'", "\\'")
        found = client.search_runs([self._experiment_id], f"tags.`{_RUN_NAME}` = '{quoted}'", max_results=1)
        started = found[0] if found else client.create_run(self._experiment_id, run_name=run.run_id)
        self._run_id = started.info.run_id
        self._client = client
        if not found:
            self._send_parameters(run.parameters)
        self._started.set()

    def _send(self, values: Iterable[tuple[str, int, Any, int]]) -> None:
        """Send values with their names, steps and moments, except what was sent before."""
        from mlflow.entities import Metric

        metrics = []
        parameters: dict[str, Any] = {}
        for key, step, value, moment in values:
            sent = self._sent.setdefault(key, {})
            if step in sent and _same(sent[step], value):
                continue
            sent[step] = value
            for name, leaf in _leaves(key, value):
                if isinstance(leaf, int | float) and not isinstance(leaf, bool):
                    metrics.append(Metric(name, float(leaf), moment, step))
                else:
                    parameters[f"{name}_{step}"] = leaf
        for start in range(0, len(metrics), _BATCH):
            self._client.log_batch(self._run_id, metrics=metrics[start : start + _BATCH])
        self._send_parameters(parameters)

    def _send_parameters(self, parameters: Mapping[str, Any]) -> None:
        from mlflow.entities import Param

        known = self._client.get_run(self._run_id).data.params if parameters else {}
        # MLflow refuses to change a parameter, which a retried attempt would do: the first value stays.
        new = [Param(key, str(value)[:_LONGEST_PARAMETER]) for key, value in parameters.items() if key not in known]
        for start in range(0, len(new), 100):
            self._client.log_batch(self._run_id, params=new[start : start + 100])

    def _end(self, status: str) -> None:
        self._client.set_terminated(self._run_id, status)


def _create_experiment(client: Any, name: str) -> str:
    from mlflow.exceptions import MlflowException

    try:
        return str(client.create_experiment(name))
    except MlflowException:
        # Another run of the same tag was faster.
        experiment = client.get_experiment_by_name(name)
        if experiment is None:
            raise
        return str(experiment.experiment_id)


def _values(points: Points) -> Iterator[tuple[str, int, Any, int]]:
    now = time.time_ns() // _NS_A_MS
    return ((name, step, value, now) for name, by_step in points.items() for step, value in by_step.items())


def _moment(clock: int, ms: int | None) -> int:
    """When a value was tracked, in milliseconds since 1970; now where nobody knows."""
    return clock + ms if clock and ms is not None else time.time_ns() // _NS_A_MS


def _same(left: Any, right: Any) -> bool:
    """Whether two values are the same; a NaN is the same as another."""
    return bool(left == right) or (left != left and right != right)


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(f"{name}.{key}", inner)
    else:
        yield name, value
