"""What a step was told to do: its command, out of the graph that the run log keeps.

magnus keeps the graph with `steps` and `type`, runnable with `nodes` and `node_type`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import RunLog


@dataclass(frozen=True, slots=True)
class Definition:
    """What the graph says of a step.

    Attributes:
        command: what runs; empty where nothing does, or it is not known.
        command_type: ``python``, ``shell``, ``notebook`` and the like.
        max_attempts: how often it may be tried.
    """

    command: str = ""
    command_type: str = ""
    max_attempts: int = 1


class Definitions:
    """The definitions of a run's steps by internal name."""

    def __init__(self, graph: Mapping[str, Any]) -> None:
        self._graph = graph

    def of(self, internal_name: str) -> Definition:
        """The definition of a step; an empty one where the graph does not have it."""
        node = self._find(internal_name.split("."))
        command = node.get("command")
        attempts = node.get("max_attempts")
        return Definition(
            command if isinstance(command, str) else "",
            str(node.get("command_type") or ""),
            attempts if isinstance(attempts, int) else 1,
        )

    def _find(self, parts: list[str]) -> Mapping[str, Any]:
        graph = self._graph
        while True:
            node = _get(_get(graph, "steps") or _get(graph, "nodes"), parts[0])
            if len(parts) < 3:
                return node if len(parts) == 1 else {}
            branches = _get(node, "branches")
            graph = _get(branches, parts[1]) or _get(branches, ".".join(parts[:2])) or _get(node, "branch")
            parts = parts[2:]


def _get(mapping: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = mapping.get(key)
    return value if isinstance(value, dict) else {}


def definitions(run: RunLog) -> Definitions:
    """The definitions of the steps of a run; a job's own stands for its one step."""
    job = run.run_config.get("job")
    if run.job is not None and not run.steps and isinstance(job, dict):
        task = {"command_type": job.get("task_type") or job.get("command_type"), "command": job.get("command")}
        return Definitions({"steps": {"job": task}})
    dag = run.run_config.get("dag")
    return Definitions(dag if isinstance(dag, dict) else {})
