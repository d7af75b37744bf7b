"""What a run's writer is, whatever the kind of store: changes to the run log, one after the other, each whole."""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from magnus_tracking.errors import RecordingError, os_reason
from magnus_tracking.filesystem.regular_files import open_regular
from magnus_tracking.recorder.documents import Document

T = TypeVar("T")


class Log(Protocol):
    """A run log that is being changed, under the run's lock."""

    def run(self) -> Document:
        """The run's own fields; steps and parameters are not to be relied on here."""

    def put_run(self, run: Document) -> None:
        """Store the run's own fields."""

    def parameters(self) -> Document:
        """The run's parameters."""

    def set_parameters(self, parameters: Document) -> None:
        """Add or replace parameters."""

    def step(self, internal_name: str) -> Document | None:
        """A step, or None; its branches are not to be relied on."""

    def put_step(self, step: Document) -> None:
        """Store a step below its branch."""

    def branch(self, internal_name: str) -> Document | None:
        """A branch, or None; its steps are not to be relied on."""

    def put_branch(self, branch: Document) -> None:
        """Store a branch below its step."""

    def steps_in(self, branch: str) -> list[Document]:
        """The steps directly in a branch, or at the top for an empty name."""

    def branches_in(self, step: str) -> list[Document]:
        """The branches of a composite step."""


Change = Callable[[Log], T]


class RunWriter(ABC):
    """Writes one run. A change that could not be written is kept and written with the next one.

    Attributes:
        run_id: the run.
        side: the folder of its journals.
        times: the file that tells when its values were tracked; None where nothing is stored.
    """

    def __init__(self, run_id: str, side: Path, times: Path | None) -> None:
        self.run_id = run_id
        self.side = side
        self.times = times
        self._unwritten: list[Change[object]] = []
        self._applying: set[int] = set()

    def apply(self, change: Change[T]) -> T:
        """Change the run log, and give what `change` gives.

        Args:
            change: called with the log; it may be called again when writing failed.

        Raises:
            RecordingError: the log can't be read or written; the change is kept for the next call.
        """
        thread = threading.get_ident()
        if thread in self._applying:
            raise RecordingError(
                f"can't write the log of run {self.run_id!r}: this call interrupts another one that does, in a signal "
                "handler or a finalizer: there, only track"
            )
        unwritten = self._unwritten
        self._unwritten = []
        self._applying.add(thread)
        try:
            return self._commit(unwritten, change)
        except (OSError, ValueError) as error:
            self._unwritten = [*unwritten, change]
            raise RecordingError(f"can't write the log of run {self.run_id!r}: {os_reason(error)}") from error
        finally:
            self._applying.discard(thread)

    def keep_times(self, lines: bytes) -> None:
        """Add lines to the file of times, whole ones or none; what a full disk cuts short is passed over by readers.

        Raises:
            OSError: it can't be written.
        """
        if self.times is None or not lines:
            return
        descriptor, _ = open_regular(self.times, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        data = b"\n" + lines
        try:
            while data:
                data = data[os.write(descriptor, data) :]
        finally:
            os.close(descriptor)

    @property
    def complete(self) -> bool:
        """Whether every change has been written."""
        return not self._unwritten

    def look(self, look: Change[T]) -> T:
        """What `look` finds in the run log, of which it must change nothing.

        Raises:
            RecordingError: the log can't be read.
        """
        try:
            return look(self._log())
        except (OSError, ValueError) as error:
            raise RecordingError(f"can't read the log of run {self.run_id!r}: {error}") from error

    @abstractmethod
    def _log(self) -> Log:
        """The log as it is stored now."""

    @abstractmethod
    def _commit(self, earlier: list[Change[object]], change: Change[T]) -> T:
        """Make all changes under the run's lock, and write what they changed."""

    @abstractmethod
    def create(self, document: Document) -> bool:
        """Claim the run id and write the first log; False if a run of that id is there.

        Raises:
            OSError: it can't be written.
        """

    @abstractmethod
    def exists(self) -> bool:
        """Whether there is a run of that id."""


class DocumentLog:
    """A run log that is one JSON document."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def run(self) -> Document:
        """See `Log.run`."""
        return self.document

    def put_run(self, run: Document) -> None:
        """See `Log.put_run`."""
        self.document.update(run)

    def parameters(self) -> Document:
        """See `Log.parameters`."""
        return dict(self.document["parameters"])

    def set_parameters(self, parameters: Document) -> None:
        """See `Log.set_parameters`."""
        self.document["parameters"].update(parameters)

    def step(self, internal_name: str) -> Document | None:
        """See `Log.step`."""
        steps = self._steps(internal_name.rpartition(".")[0])
        return None if steps is None else steps.get(internal_name)

    def put_step(self, step: Document) -> None:
        """See `Log.put_step`."""
        name = step["internal_name"]
        steps = self._steps(name.rpartition(".")[0])
        if steps is None:
            raise ValueError(f"step {name!r} has no branch")
        steps[name] = step

    def branch(self, internal_name: str) -> Document | None:
        """See `Log.branch`."""
        parent = self.step(internal_name.rpartition(".")[0])
        return None if parent is None else parent["branches"].get(internal_name)

    def put_branch(self, branch: Document) -> None:
        """See `Log.put_branch`."""
        name = branch["internal_name"]
        parent = self.step(name.rpartition(".")[0])
        if parent is None:
            raise ValueError(f"branch {name!r} has no step")
        parent["branches"][name] = branch

    def steps_in(self, branch: str) -> list[Document]:
        """See `Log.steps_in`."""
        return list((self._steps(branch) or {}).values())

    def branches_in(self, step: str) -> list[Document]:
        """See `Log.branches_in`."""
        parent = self.step(step)
        return [] if parent is None else list(parent["branches"].values())

    def _steps(self, branch: str) -> Document | None:
        if not branch:
            steps: Document = self.document["steps"]
            return steps
        found = self.branch(branch)
        return None if found is None else found["steps"]
