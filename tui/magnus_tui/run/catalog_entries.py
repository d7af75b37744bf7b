"""The catalog entries of a run, numbered in the order of the log, so that a selection finds its own among very many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from magnus_tracking.runlog.tree import walk

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import DataCatalog, RunLog, StepLog


@dataclass(frozen=True, slots=True)
class Entry:
    """A catalog entry with the step that has it, and its number in the run."""

    number: int
    step: StepLog
    entry: DataCatalog


class CatalogEntries:
    """All entries of a run; made once, off the event loop.

    Args:
        run: the run; None where it is still to be looked into.
    """

    def __init__(self, run: RunLog | None) -> None:
        everything = ((node.step, entry) for node in (walk(run) if run else ()) for entry in node.step.data_catalog)
        self._all = [Entry(number, step, entry) for number, (step, entry) in enumerate(everything)]
        self._of_step: dict[str, list[Entry]] = {}
        for one in self._all:
            self._of_step.setdefault(one.step.internal_name, []).append(one)

    def __len__(self) -> int:
        return len(self._all)

    def around(self, steps: Sequence[StepLog], most: int) -> tuple[list[Entry], list[Entry]]:
        """The entries of some steps, then those of all others, each in the order of the log.

        Args:
            steps: in the order of the log.
            most: entries of both together.
        """
        names = dict.fromkeys(step.internal_name for step in steps)
        own = list(islice((one for name in names for one in self._of_step.get(name, ())), most))
        return own, list(islice((one for one in self._all if one.step.internal_name not in names), most - len(own)))
