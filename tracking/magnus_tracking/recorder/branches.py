"""Where steps can be begun: at the top of a run, and in each branch of a composite step.

The branches of a composite step do their work in threads and processes.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, Self, TypeVar

from magnus_tracking.errors import RecordingError
from magnus_tracking.recorder.documents import FAIL, SUCCESS, new_branch, new_step
from magnus_tracking.recorder.endings import ended_status, put_terminal_step
from magnus_tracking.recorder.names import check_branch_name, check_step_name
from magnus_tracking.recorder.recording_context import Recorded
from magnus_tracking.recorder.run_state import RecordedRun
from magnus_tracking.recorder.run_writer import Log
from magnus_tracking.recorder.step import Step
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES

_MAP = "map"
_PARALLEL = "parallel"

R = TypeVar("R")
V = TypeVar("V")


class Scope(Recorded):
    """Begins steps below a run or a branch.

    Attributes:
        internal_name: the dotted path of the branch, empty for a run.
        map_values: the values of the maps around the branch, outermost first.
    """

    internal_name: str = ""
    map_values: tuple[str, ...] = ()

    @abstractmethod
    def _of_run(self) -> RecordedRun:
        """The run that the steps belong to."""

    def step(self, name: str, *, capture: bool = True) -> Step:
        """A step, or the next attempt of one that is in the log; it begins when its context is entered.

        Args:
            name: of the step.
            capture: whether what is printed goes into the execution log.

        Raises:
            RecordingError: the name may not be used.
        """
        return Step(
            self._of_run(), check_step_name(name), self._below(name), map_values=self.map_values, capture=capture
        )

    def execute_step(
        self, name: str, function: Callable[..., R], /, *args: Any, max_attempts: int = 1, **kwargs: Any
    ) -> R:
        """Call a function as a step, again while it raises.

        Args:
            name: of the step.
            function: what the step does.
            *args: what the function is given.
            max_attempts: how often it is called at most.
            **kwargs: what the function is given by name.

        Returns:
            What the function returned.

        Raises:
            Exception: what the last attempt raised.
            ValueError: `max_attempts` is less than 1.
        """
        if max_attempts < 1:
            raise ValueError(f"max_attempts is {max_attempts}: a step is attempted at least once")
        for _ in range(max_attempts - 1):
            try:
                with self.step(name):
                    return function(*args, **kwargs)
            except Exception:  # whatever a step may raise: the attempt holds it, and the next one decides
                continue
        with self.step(name):
            return function(*args, **kwargs)

    def parallel(self, name: str) -> Parallel:
        """A composite step whose branches are named one by one.

        Raises:
            RecordingError: the name may not be used.
        """
        return Parallel(self, check_step_name(name), self._below(name))

    def map(self, name: str, values: Iterable[Any], variable: str = "value") -> Map:
        """A composite step with one branch for each of some values.

        Args:
            name: of the step.
            values: what the branches are for; their texts name the branches.
            variable: what a value is called in `run_config`.

        Raises:
            RecordingError: the name may not be used, or a value may not name a branch.
        """
        return Map(self, check_step_name(name), self._below(name), list(values), variable)

    def _below(self, name: str) -> str:
        return f"{self.internal_name}.{name}" if self.internal_name else name


class Branch(Scope, Generic[V]):
    """One branch of a composite step, as a context manager; it may be sent to a thread or another process.

    Attributes:
        name: of the branch.
        value: what the branch of a map is for; None in a parallel step.
    """

    def __init__(self, run: RecordedRun, internal_name: str, value: V, map_values: tuple[str, ...]) -> None:
        self.name = internal_name.rpartition(".")[2]
        self.internal_name = internal_name
        self.value = value
        self.map_values = map_values
        self._run = run

    def _of_run(self) -> RecordedRun:
        return self._run

    def finish(self, error: BaseException | None = None) -> None:
        """End the branch: FAIL after an exception or with a failed step, else SUCCESS."""
        identity = self._run.code_identity()

        def end(log: Log) -> None:
            branch = log.branch(self.internal_name)
            if branch is None:
                raise ValueError(f"branch {self.internal_name!r} is gone from the log")
            branch["status"] = FAIL if error is not None else ended_status(log.steps_in(self.internal_name))
            put_terminal_step(log, self.internal_name, branch["status"], identity)
            branch = {**(log.branch(self.internal_name) or branch), "status": branch["status"]}
            log.put_branch(branch)

        self._run.change(end)


class _Composite(Recorded):
    """A step that holds branches, as a context manager or between `start` and `finish`."""

    step_type = ""

    def __init__(self, scope: Scope, name: str, internal_name: str) -> None:
        self.name = name
        self.internal_name = internal_name
        self._scope = scope
        self._run = scope._of_run()

    def start(self) -> Self:
        """Begin the step."""
        identity = self._run.code_identity()

        def begin(log: Log) -> None:
            step = log.step(self.internal_name) or new_step(self.name, self.internal_name, self.step_type, identity)
            step["status"] = "PROCESSING"
            self._run.plan(log, self.internal_name, self.step_type)
            log.put_step(step)

        self._run.change(begin)
        return self

    def _branch(self, name: str, value: V, map_values: tuple[str, ...]) -> Branch[V]:
        internal_name = f"{self.internal_name}.{check_branch_name(name)}"

        def begin(log: Log) -> None:
            branch = log.branch(internal_name) or new_branch(internal_name)
            branch["status"] = "PROCESSING"
            log.put_branch(branch)

        self._run.change(begin)
        return Branch(self._run, internal_name, value, map_values)

    def finish(self, error: BaseException | None = None) -> None:
        """End the step: FAIL after an exception or with a branch that did not succeed, else SUCCESS."""

        def end(log: Log) -> None:
            branches = log.branches_in(self.internal_name)
            for branch in branches:
                if branch["status"] not in FINAL_STATUSES:
                    branch["status"] = FAIL
                    log.put_branch(branch)
            succeeded = error is None and all(branch["status"] == SUCCESS for branch in branches)
            step = log.step(self.internal_name)
            if step is None:
                raise ValueError(f"step {self.internal_name!r} is gone from the log")
            step["status"] = SUCCESS if succeeded else FAIL
            log.put_step(step)

        self._run.change(end)

    def __enter__(self) -> Self:
        return self.start()


class Parallel(_Composite):
    """A composite step whose branches are named one by one."""

    step_type = _PARALLEL

    def branch(self, name: str) -> Branch[None]:
        """Begin a branch of this name.

        Raises:
            RecordingError: the name may not be used.
        """
        return self._branch(name, None, self._scope.map_values)


class Map(_Composite):
    """A composite step with one branch for each of some values; iterating over it gives the branches."""

    step_type = _MAP

    def __init__(self, scope: Scope, name: str, internal_name: str, values: list[Any], variable: str) -> None:
        super().__init__(scope, name, internal_name)
        self.variable = variable
        self._values = values
        # A dot would read as another level: 0.5 becomes 0_5.
        texts = [check_branch_name(str(value).replace(".", "_")) for value in values]
        if len(set(texts)) < len(texts):
            raise RecordingError(f"the values of map {name!r} are not distinct as text: {', '.join(texts)}")
        self._texts = texts

    def __iter__(self) -> Iterator[Branch[Any]]:
        for text, value in zip(self._texts, self._values, strict=True):
            yield self._branch(text, value, (*self._scope.map_values, text))
