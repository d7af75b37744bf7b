"""Columns whose logs say the same in other words: runs of magnus and runnable, and of versions of these.

runnable calls the steps of a graph ``nodes`` since 0.36, their type ``node_type`` and what follows ``next_node``; each
engine writes fields that the other has no word for. Where all columns are of one dialect nothing is changed: keys are
those of the logs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from magnus_tracking.analysis.compare.leaves import leaves
from magnus_tracking.analysis.compare.subject import Subject
from magnus_tracking.runlog.default_names import CATALOG_FOLDER, LOG_SUFFIX, STORE_FOLDER

_NODE_NAMES = MappingProxyType({"node_type": "type", "next_node": "next"})
_DERIVED_OF_NODES = frozenset({"node_name", "is_composite"})
_SECTION_NAMES = MappingProxyType(
    {
        "pipeline_executor": "executor",
        "job_executor": "executor",
        "secrets_handler": "secrets",
        "catalog_handler": "catalog",
        "pipeline_definition_file": "pipeline_file",
    }
)
_DERIVED_OF_CONFIGURATIONS = frozenset(
    {"service_type", "execution_mode", "execution_plan", "from_sdk", "supports_parallel_writes"}
)
"""What follows from the engine and from other fields."""

_DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "catalog.catalog_location": CATALOG_FOLDER,
        "catalog.compute_data_folder": ".",
        "executor.object_serialisation": True,
        "experiment_tracker.service_name": "do-nothing",
        "object_serialisation": True,
        "pickler.extension": ".dill",
        "pickler.service_name": "pickle",
        "run_log_store.log_folder": STORE_FOLDER,
    }
)
"""What holds where a dialect has no word for it, by the names above; all else is empty there."""

_OF_ONE_DIALECT = frozenset({"configuration_file", "parameters_file"})
"""What cannot be compared with a dialect that keeps nothing of the kind."""

_EMPTY: tuple[Any, ...] = (None, "", False, [], {})


def in_one_dialect(subjects: Sequence[Subject]) -> Sequence[Subject]:
    """The columns with the words that all of them have; the same where they are of one dialect."""
    if len({_dialect(subject) for subject in subjects if subject.configuration or subject.pipeline}) < 2:
        return subjects
    pipelines = [leaves(_graph(subject.pipeline)) for subject in subjects]
    configurations = [leaves(_configuration(subject.configuration)) for subject in subjects]
    _fill(pipelines)
    _fill(configurations)
    graphs = [{key: value for key, value in pipeline.items() if key != "dag_hash"} for pipeline in pipelines]
    if all(graph == graphs[0] for graph in graphs):
        # The engines compute it from other words.
        pipelines = graphs
    logs = [_logs(subject) for subject in subjects]
    without_logs = not all(logs)
    return [
        replace(subject, pipeline=pipeline, configuration=configuration, without_logs=without_logs)
        for subject, pipeline, configuration in zip(subjects, pipelines, configurations, strict=True)
    ]


def _dialect(subject: Subject) -> tuple[bool, frozenset[str]]:
    return "nodes" in subject.pipeline, frozenset(subject.configuration)


def _logs(subject: Subject) -> bool:
    """Whether execution logs are in the catalog; runnable lists none there."""
    return any(LOG_SUFFIX in entry.name for step in subject.steps for entry in step.data_catalog)


def _graph(graph: Mapping[str, Any]) -> dict[str, Any]:
    """A graph in magnus's words."""
    return {
        ("steps" if key == "nodes" else key): (
            {name: _node(node) for name, node in value.items()}
            if key in ("nodes", "steps") and isinstance(value, dict)
            else value
        )
        for key, value in graph.items()
    }


def _node(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    found: dict[str, Any] = {}
    for key, value in node.items():
        if key in _DERIVED_OF_NODES:
            continue
        if key == "branch" and isinstance(value, dict):
            value = _graph(value)
        elif key == "branches" and isinstance(value, dict):
            value = {name: _graph(branch) if isinstance(branch, dict) else branch for name, branch in value.items()}
        found[_NODE_NAMES.get(key, key)] = value
    return found


def _configuration(configuration: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in configuration.items():
        if key in _DERIVED_OF_CONFIGURATIONS:
            continue
        if isinstance(value, dict):
            value = {name: item for name, item in value.items() if name not in _DERIVED_OF_CONFIGURATIONS}
        found.setdefault(_SECTION_NAMES.get(key, key), value)
    return found


def _fill(columns: Sequence[dict[str, Any]]) -> None:
    """Leave out, in place, what a column that has no word for it would have all the same."""
    for key in _keys(columns):
        there = [column[key] for column in columns if key in column]
        is_everywhere = len(there) == len(columns)
        if all(_is_default(key, value) for value in there) or (key in _OF_ONE_DIALECT and not is_everywhere):
            for column in columns:
                column.pop(key, None)


def _keys(columns: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield from dict.fromkeys(key for column in columns for key in column)


def _is_default(key: str, value: Any) -> bool:
    default = _DEFAULTS.get(key)
    return any(value is empty or (type(value) is type(empty) and value == empty) for empty in (*_EMPTY, default))
