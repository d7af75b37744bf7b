"""What a summary takes from the `run_config` of a run log, which is of any shape."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Raw, Struct

from magnus_tracking.runlog.outline import decode_value
from magnus_tracking.runlog.vocabulary import OUR_EXECUTOR, TERMINAL_STEP_TYPES

T = TypeVar("T")


class _Service(Struct, gc=False):
    service_name: Any = None


class _Planned(Struct, gc=False):
    type: Any = UNSET
    node_type: Any = ""


class _Dag(Struct, gc=False):
    steps: dict[str, _Planned] | None = None


class _Executor(Struct, gc=False):
    executor: _Service | None = None
    pipeline_file: Any = None


class _Config(_Executor, gc=False):
    dag: _Dag | None = None


_EXECUTOR = msgspec.json.Decoder(_Executor)
_CONFIG = msgspec.json.Decoder(_Config)


def is_of_our_executor(config: Raw) -> bool:
    """Whether a `run_config` has our own executor."""
    if OUR_EXECUTOR.encode() not in bytes(config):
        # Looking takes a fifth of the time of decoding.
        return False
    executor = _decode(config, _EXECUTOR).executor
    return executor is not None and executor.service_name == OUR_EXECUTOR


def script_of(config: Raw) -> str:
    """The script that recorded a run of our own, as its `run_config` names it; empty where it does not."""
    file = _decode(config, _EXECUTOR).pipeline_file
    return file if isinstance(file, str) else ""


def planned_steps(config: Raw) -> tuple[str, ...]:
    """The names of the top-level steps in the `dag` of a `run_config`, terminal ones left out."""
    dag = _decode(config, _CONFIG).dag
    steps = dag.steps if dag else None
    return tuple([name for name, step in (steps or {}).items() if _step_type(step) not in TERMINAL_STEP_TYPES])


def _decode(raw: Raw, decoder: msgspec.json.Decoder[T]) -> T | _Config:
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        # Not of the engines' shape: what can be understood of it still counts.
        return _odd_config(raw)


def _odd_config(raw: Raw) -> _Config:
    try:
        value = decode_value(raw)
    except (msgspec.DecodeError, RecursionError):
        return _Config()
    config = value if isinstance(value, dict) else {}
    executor, dag = config.get("executor"), config.get("dag")
    steps = dag.get("steps") if isinstance(dag, dict) else None
    planned = {
        name: _Planned(step.get("type", UNSET), step.get("node_type", "")) if isinstance(step, dict) else _Planned()
        for name, step in (steps if isinstance(steps, dict) else {}).items()
    }
    service = executor.get("service_name") if isinstance(executor, dict) else None
    return _Config(_Service(service), config.get("pipeline_file"), _Dag(planned))


def _step_type(step: _Planned) -> str:
    kind = step.node_type if step.type is UNSET else step.type
    return kind if isinstance(kind, str) else ""
