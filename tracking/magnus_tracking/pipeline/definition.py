"""Reading a pipeline, and refusing what is not run here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from magnus_tracking.errors import ConfigurationError, RecordingError
from magnus_tracking.recorder.names import check_branch_name, check_step_name
from magnus_tracking.recorder.yaml_values import read_mapping

SHELL = "shell"
PYTHON = "python"
STUB = "stub"

_TASK_KEYS = ("type", "command", "command_type", "next", "on_failure", "max_attempts")
_END_KEYS = ("type",)
_DAG_KEYS = ("name", "description", "start_at", "steps")
_EITHER = "magnus or runnable"
_ENGINES_NODES = {"map": _EITHER, "parallel": _EITHER, "dag": _EITHER, "conditional": "runnable", "loop": "runnable"}
_ENGINES_COMMANDS = {"notebook": _EITHER, "container": "magnus", "async-python": "runnable", "torch": "runnable"}
_ENGINES_KEYS = {
    "catalog": _EITHER,
    "overrides": _EITHER,
    "notebook_output_path": _EITHER,
    "output_cell_tag": "magnus",
    "optional_ploomber_args": _EITHER,
    "returns": "runnable",
    "secrets": "runnable",
}
_AN_ENGINE_RUNS_IT = "is not run here: run the pipeline with {}, whose run logs are read just the same"


@dataclass(frozen=True, slots=True)
class Task:
    """One task of a pipeline.

    Attributes:
        name: of the node.
        kind: ``shell``, ``python``, or ``stub``, which does nothing.
        command: a shell command, or ``package.module.function``; empty for a stub.
        next: the node after it.
        on_failure: the node after it has failed.
        max_attempts: how often it is tried.
    """

    name: str
    kind: str
    command: str
    next: str
    on_failure: str
    max_attempts: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline that can be run.

    Attributes:
        file: where it came from.
        start_at: the first node.
        tasks: by name, in the order of the file.
        success: the name of the node that ends it well.
        fail: the name of the node that ends it badly.
        dag_hash: as the engine computes it, so that runs of both are runs of one pipeline.
        dag: the graph as `run_config` holds it.
    """

    file: str
    start_at: str
    tasks: Mapping[str, Task]
    success: str
    fail: str
    dag_hash: str
    dag: dict[str, Any]


def load_pipeline(path: str | Path) -> Pipeline:
    """The pipeline in a YAML file.

    Raises:
        ConfigurationError: it can't be read, says something unknown, or needs what only magnus does.
    """
    content = read_mapping(path, "pipeline")
    _known(content, ("dag",), f"{path}")
    dag = content.get("dag")
    if not isinstance(dag, dict):
        raise ConfigurationError(f"{path}: 'dag' is not a pipeline")
    _known(dag, _DAG_KEYS, f"{path}: dag")
    nodes = dag.get("steps")
    if not isinstance(nodes, dict) or not nodes:
        raise ConfigurationError(f"{path}: dag: 'steps' has no nodes")
    kinds = {name: _node_type(name, node, path) for name, node in nodes.items()}
    success = _one_end(kinds, "success", path)
    fail = _one_end(kinds, "fail", path)
    tasks = {name: _task(name, nodes[name], fail, path) for name, kind in kinds.items() if kind in ("task", STUB)}
    start_at = _start(dag, nodes, path)
    _check_links(tasks, set(nodes), path)
    _check_ends(tasks, start_at, path)
    dag_hash = hashlib.sha1(json.dumps(dag, sort_keys=True, ensure_ascii=True).encode(), usedforsecurity=False)
    graph = {
        "start_at": start_at,
        "name": str(dag.get("name") or ""),
        "description": dag.get("description"),
        "steps": {name: _graph_node(name, kinds[name], tasks.get(name)) for name in nodes},
    }
    return Pipeline(str(path), start_at, tasks, success, fail, dag_hash.hexdigest(), graph)


def _node_type(name: Any, node: Any, path: str | Path) -> str:
    where = f"{path}: node {name!r}"
    if not isinstance(name, str):
        raise ConfigurationError(f"{where}: the name is not text: put it in quotes")
    if not isinstance(node, dict):
        raise ConfigurationError(f"{where} is not a mapping")
    kind = node.get("type")
    if isinstance(kind, str) and kind in _ENGINES_NODES:
        raise ConfigurationError(f"{where}: type {kind!r} {_AN_ENGINE_RUNS_IT.format(_ENGINES_NODES[kind])}")
    if kind not in ("task", STUB, "success", "fail"):
        raise ConfigurationError(f"{where}: unknown type {kind!r}: known are task, stub, success, fail")
    # A stub stands for what is to come, and may say anything of it.
    if kind != STUB:
        _known(node, _TASK_KEYS if kind == "task" else _END_KEYS, where)
    return str(kind)


def _task(name: str, node: Mapping[str, Any], fail: str, path: str | Path) -> Task:
    where = f"{path}: node {name!r}"
    try:
        check_step_name(name)
    except RecordingError as error:
        raise ConfigurationError(f"{where}: {error}") from None
    kind, command = (STUB, "") if node["type"] == STUB else _command(node, where)
    attempts = node.get("max_attempts", 1)
    if not isinstance(attempts, int) or isinstance(attempts, bool) or attempts < 1:
        raise ConfigurationError(f"{where}: max_attempts {attempts!r} is not a number of at least 1")
    following = node.get("next")
    if not isinstance(following, str):
        raise ConfigurationError(f"{where}: 'next' does not name a node")
    return Task(name, kind, command, following, str(node.get("on_failure") or fail), attempts)


def _command(node: Mapping[str, Any], where: str) -> tuple[str, str]:
    kind = node.get("command_type", PYTHON)
    if isinstance(kind, str) and kind in _ENGINES_COMMANDS:
        raise ConfigurationError(f"{where}: command_type {kind!r} {_AN_ENGINE_RUNS_IT.format(_ENGINES_COMMANDS[kind])}")
    if kind not in (SHELL, PYTHON):
        raise ConfigurationError(f"{where}: unknown command_type {kind!r}: known are {SHELL}, {PYTHON}")
    command = node.get("command")
    if not isinstance(command, str) or not command.strip():
        raise ConfigurationError(f"{where}: 'command' is missing")
    if kind == PYTHON and "." not in command:
        raise ConfigurationError(f"{where}: command {command!r} is not a 'package.module.function'")
    return str(kind), command


def _known(given: Mapping[Any, Any], known: tuple[str, ...], where: str) -> None:
    for key in given:
        if key in known:
            continue
        if key in _ENGINES_KEYS:
            raise ConfigurationError(f"{where}: {key!r} {_AN_ENGINE_RUNS_IT.format(_ENGINES_KEYS[key])}")
        raise ConfigurationError(f"{where}: unknown key {key!r}: known are {', '.join(known)}")


def _one_end(kinds: Mapping[str, str], wanted: str, path: str | Path) -> str:
    found = [name for name, kind in kinds.items() if kind == wanted]
    if len(found) != 1:
        raise ConfigurationError(f"{path}: dag: there are {len(found)} nodes of type {wanted!r}, and must be one")
    try:
        return check_branch_name(found[0])
    except RecordingError as error:
        raise ConfigurationError(f"{path}: node {found[0]!r}: {error}") from None


def _start(dag: Mapping[str, Any], nodes: Mapping[str, Any], path: str | Path) -> str:
    start_at = dag.get("start_at")
    if not isinstance(start_at, str) or start_at not in nodes:
        raise ConfigurationError(f"{path}: dag: start_at {start_at!r} is not a node: they are {', '.join(nodes)}")
    return str(start_at)


def _check_links(tasks: Mapping[str, Task], names: set[str], path: str | Path) -> None:
    for task in tasks.values():
        for key, target in (("next", task.next), ("on_failure", task.on_failure)):
            if target not in names:
                raise ConfigurationError(
                    f"{path}: node {task.name!r}: {key} {target!r} is not a node: they are {', '.join(sorted(names))}"
                )


def _check_ends(tasks: Mapping[str, Task], start_at: str, path: str | Path) -> None:
    """Refuse a pipeline that may never end."""
    done: set[str] = set()
    road: dict[str, Iterator[str]] = {}
    coming: str | None = start_at
    while coming is not None or road:
        if coming in road:
            names = list(road)
            circle = " → ".join([*names[names.index(coming) :], coming])
            raise ConfigurationError(f"{path}: the nodes {circle} form a cycle")
        if coming is not None and coming in tasks and coming not in done:
            road[coming] = iter((tasks[coming].next, tasks[coming].on_failure))
        coming = next(road[next(reversed(road))], None) if road else None
        if coming is None and road:
            done.add(road.popitem()[0])


def _graph_node(name: str, kind: str, task: Task | None) -> dict[str, Any]:
    if task is None:
        return {"type": kind, "name": name}
    node: dict[str, Any] = {
        "type": kind,
        "name": name,
        "next": task.next,
        "on_failure": task.on_failure,
        "overrides": {},
        "catalog": None,
        "max_attempts": task.max_attempts,
    }
    if task.kind == STUB:
        return node
    return {
        **node,
        "command_type": task.kind,
        "command": task.command,
        "node_name": name,
    }
