"""A look at the run log of an engine while it runs: which steps have not ended.

It reads only what finding a step needs, without what reads stores: processes that track do it.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from magnus_tracking.engines.place import RunPlace
from magnus_tracking.filesystem.regular_files import read_bytes
from magnus_tracking.runlog.file_names import (
    BRANCH_CHUNK,
    CHUNK_SUFFIX,
    ONE_FILE_SUFFIX,
    RUN_CHUNK,
    STEP_CHUNK,
)
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES, JOB_STEP, OUR_EXECUTOR

_TRIES = 20
_PAUSE = 0.005
"""The engines write a log in place: it is whole again within a few of these seconds."""

_EXECUTORS = ("executor", "pipeline_executor", "job_executor")


class EngineLog:
    """The run log of an engine as it is now.

    Args:
        place: the run.

    Raises:
        OSError: it can't be read.
        ValueError: it is not a run log.
    """

    def __init__(self, place: RunPlace) -> None:
        run = place.root / place.run_id
        if place.chunked:
            self._run = _read(run / (RUN_CHUNK + CHUNK_SUFFIX))
        else:
            self._run = _read(run.with_name(run.name + ONE_FILE_SUFFIX))
        self.steps: dict[str, dict[str, Any]] = {}
        self._take(self._run.get("steps"))
        if place.chunked:
            for path in run.glob(f"{BRANCH_CHUNK}-*{CHUNK_SUFFIX}"):
                self._take(_read(path).get("steps"))
            for path in run.glob(f"{STEP_CHUNK}-*{CHUNK_SUFFIX}"):
                step = _read(path)
                self._take({str(step.get("internal_name")): step})
        job = self._run.get("job")
        if isinstance(job, dict) and not self.steps:
            self.steps[JOB_STEP] = {**job, "step_type": "task"}

    def _take(self, steps: Any) -> None:
        for name, step in steps.items() if isinstance(steps, dict) else ():
            if isinstance(step, dict):
                self.steps[name] = step
                for branch in (step.get("branches") or {}).values():
                    self._take(branch.get("steps") if isinstance(branch, dict) else None)

    @property
    def ended(self) -> bool:
        """Whether the engine has written its last word."""
        return self._run.get("status") in FINAL_STATUSES

    @property
    def is_ours(self) -> bool:
        """Whether the tracking core writes it, and no engine."""
        return not is_engines(self._run)

    @property
    def _configuration(self) -> dict[str, Any]:
        found = self._run.get("run_config")
        return found if isinstance(found, dict) else {}

    def open_tasks(self) -> list[str]:
        """The tasks that have begun and not ended, by internal name."""
        return [
            name
            for name, step in self.steps.items()
            if step.get("step_type", "task") == "task" and step.get("status") not in FINAL_STATUSES
        ]

    def next_attempt(self, step: str) -> int:
        """The number of the attempt of a step that runs now."""
        return len(self.steps.get(step, {}).get("attempts") or ()) + 1

    def last_end(self, branch: str) -> str:
        """When the last attempt of a step in a branch ended, naive local time as text; empty without one."""
        steps = [step for name, step in self.steps.items() if name.rpartition(".")[0] == branch]
        attempts = [attempt for step in steps for attempt in step.get("attempts") or ()]
        return max((str(attempt.get("end_time") or "") for attempt in attempts), default="")

    def nodes(self) -> Iterator[tuple[re.Pattern[str], dict[str, Any], tuple[str, ...]]]:
        """The nodes of the graph: a pattern of internal names, the node, and what the maps around it name values."""
        job = self._configuration.get("job")
        if isinstance(job, dict):
            yield re.compile(re.escape(JOB_STEP)), job, ()
        yield from _nodes(self._configuration.get("dag"), "", ())


def is_engines(run: dict[str, Any]) -> bool:
    """Whether an engine wrote a run log, told by the executor in its configuration; not where there is none."""
    configuration = run.get("run_config")
    executors = [configuration.get(key) for key in _EXECUTORS] if isinstance(configuration, dict) else []
    names = {one.get("service_name") for one in executors if isinstance(one, dict)}
    return bool(names) and OUR_EXECUTOR not in names


def _nodes(
    graph: Any, prefix: str, variables: tuple[str, ...]
) -> Iterator[tuple[re.Pattern[str], dict[str, Any], tuple[str, ...]]]:
    if not isinstance(graph, dict):
        return
    nodes = graph.get("nodes") or graph.get("steps")
    for name, node in nodes.items() if isinstance(nodes, dict) else ():
        if not isinstance(node, dict):
            continue
        here = prefix + re.escape(name)
        yield re.compile(here), node, variables
        # Values of a map may hold dots, and those of a loop are its indexes.
        inner = variables + ((str(node["iterate_as"]),) if node.get("iterate_as") else ())
        yield from _nodes(node.get("branch"), rf"{here}\..+\.", inner)
        branches = node.get("branches")
        for branch, below in branches.items() if isinstance(branches, dict) else ():
            yield from _nodes(below, rf"{here}\.{re.escape(branch)}\.", inner)


def _read(path: Path) -> dict[str, Any]:
    for left in range(_TRIES, -1, -1):
        try:
            found = json.loads(read_bytes(path))
        except (ValueError, RecursionError):
            if not left:
                raise
        else:
            if isinstance(found, dict):
                return found
            raise ValueError(f"{path} is not an object")
        time.sleep(_PAUSE)
    raise AssertionError
