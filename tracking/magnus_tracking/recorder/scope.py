"""Where steps can be begun: at the top of a run, and in each branch of a composite step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from magnus_tracking.recorder.names import check_step_name
from magnus_tracking.recorder.step import Step

if TYPE_CHECKING:
    from magnus_tracking.recorder.composite import Map, Parallel
    from magnus_tracking.recorder.run import Run

R = TypeVar("R")


class Scope(ABC):
    """Begins steps below a run or a branch.

    Attributes:
        internal_name: the dotted path of the branch, empty for a run.
        map_values: the values of the maps around the branch, outermost first.
    """

    internal_name: str = ""
    map_values: tuple[str, ...] = ()

    @abstractmethod
    def _of_run(self) -> Run:
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
        from magnus_tracking.recorder.composite import Parallel

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
        from magnus_tracking.recorder.composite import Map

        return Map(self, check_step_name(name), self._below(name), list(values), variable)

    def _below(self, name: str) -> str:
        return f"{self.internal_name}.{name}" if self.internal_name else name
