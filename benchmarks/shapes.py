"""Run logs of any shape, in magnus's words: many branches, steps, attempts, metrics, parameters, or a deep tree."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

_START = datetime(2026, 11, 23, 8, 0, 0, 125_000)
_COMMIT = "a7a6c82ac3563ea4c1c7c942f63bcfe71efa4b85"
REASON = "ValueError: loss diverged: nan at step 7"
"""What the failing step of each run of these shapes says."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a run is in each direction.

    Attributes:
        branches: of a map step, each with two task steps; one of them fails.
        steps: that follow one another at the top.
        attempts: of the last step at the top; all but the last failed.
        metrics: of each step at the top.
        values: of each metric.
        parameters: of the run and of each attempt at the top.
        depth: of branches in branches; the innermost step fails.
        catalog: entries of each step at the top.
    """

    branches: int = 0
    steps: int = 1
    attempts: int = 1
    metrics: int = 0
    values: int = 1
    parameters: int = 3
    depth: int = 0
    catalog: int = 1


def run_of(shape: Shape, run_id: str) -> dict[str, Any]:
    """A finished run log of a shape, as magnus 0.5 lays it out."""
    clock = _Clock()
    steps = {}
    for number in range(shape.steps):
        name = f"prepare {number}"
        attempts = shape.attempts if number == shape.steps - 1 else 1
        steps[name] = _task(name, name, run_id, clock, ["FAIL"] * (attempts - 1) + ["SUCCESS"], shape)
    if shape.branches:
        steps["chunk"] = _map("chunk", shape.branches, run_id, clock)
    if shape.depth:
        steps["deep"] = _nested("deep", "deep", shape.depth, run_id, clock)
    failed = shape.branches or shape.depth
    return {
        "run_id": run_id,
        "dag_hash": "7edf3ec639c33f5e5a417de17f6cc7eb3b9c49b0",
        "use_cached": False,
        "tag": "shape",
        "original_run_id": "",
        "status": "FAIL" if failed else "SUCCESS",
        "steps": steps,
        "parameters": _parameters(shape.parameters),
        "run_config": {"executor": {"service_name": "local"}, "dag": {"start_at": "prepare 0", "steps": {}}},
    }


def write_run(root: Path, shape: Shape, run_id: str) -> Path:
    """The file of a run of a shape in the store `root`; made if it is not there."""
    path = root / f"{run_id}.json"
    if not path.exists():
        root.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(run_of(shape, run_id), indent=4))
    return path


def write_chunks(root: Path, shape: Shape, run_id: str) -> Path:
    """The same in the layout of one file a step and branch; the run's folder."""
    folder = root / run_id
    if folder.exists():
        return folder
    folder.mkdir(parents=True)
    run = run_of(shape, run_id)
    clock = 1_795_470_000_000_000_000
    pending = [("StepLog", step) for step in run.pop("steps").values()]
    parameters = run.pop("parameters")
    while pending:
        kind, piece = pending.pop(0) if len(pending) < 2 else pending.pop()
        inner = piece.pop("branches", None) if kind == "StepLog" else piece.pop("steps")
        for child in (inner or {}).values():
            pending.append(("BranchLog" if kind == "StepLog" else "StepLog", child))
        piece["branches" if kind == "StepLog" else "steps"] = {}
        clock += 1_000_003
        (folder / f"{kind}-{piece['internal_name']}-{clock}.json").write_text(json.dumps(piece, indent=4))
    for name, value in parameters.items():
        (folder / f"Parameter-{name}.json").write_text(json.dumps({name: value}))
    (folder / "RunLog.json").write_text(json.dumps({**run, "steps": {}, "parameters": {}}, indent=4))
    return folder


class _Clock:
    """Gives the start and the end of one attempt after the other."""

    def __init__(self) -> None:
        self._now = _START

    def attempt(self, seconds: float = 1.5) -> tuple[str, str]:
        """The start and the end of the next attempt."""
        start, self._now = self._now, self._now + timedelta(seconds=seconds)
        return str(start), str(self._now)


def _map(name: str, count: int, run_id: str, clock: _Clock) -> dict[str, Any]:
    branches = {}
    shape = Shape(metrics=2, catalog=2)
    for number in range(count):
        path = f"{name}.{number}"
        fails = number == count * 2 // 3
        inner = {}
        for step, status in (("load", "SUCCESS"), ("fit", "FAIL" if fails else "SUCCESS")):
            key = f"{path}.{step}"
            inner[key] = _task(step, key, run_id, clock, [status], shape)
        branches[path] = {"internal_name": path, "status": "FAIL" if fails else "SUCCESS", "steps": inner}
    return _composite(name, name, "map", branches)


def _nested(name: str, path: str, depth: int, run_id: str, clock: _Clock) -> dict[str, Any]:
    if depth == 0:
        return _task(name, path, run_id, clock, ["FAIL"], Shape())
    branch = f"{path}.{depth}"
    inner = f"{branch}.s{depth}"
    step = _nested(f"s{depth}", inner, depth - 1, run_id, clock)
    return _composite(
        name, path, "parallel", {branch: {"internal_name": branch, "status": "FAIL", "steps": {inner: step}}}
    )


def _composite(name: str, path: str, kind: str, branches: dict[str, Any]) -> dict[str, Any]:
    status = "FAIL" if any(branch["status"] == "FAIL" for branch in branches.values()) else "SUCCESS"
    return {**_head(name, path, status, kind), "branches": branches, "data_catalog": []}


def _head(name: str, path: str, status: str, kind: str) -> dict[str, Any]:
    return {
        "name": name,
        "internal_name": path,
        "status": status,
        "step_type": kind,
        "message": REASON if status == "FAIL" and kind == "task" else "",
        "mock": False,
        "code_identities": [_code()],
        "attempts": [],
        "user_defined_metrics": {},
    }


def _code() -> dict[str, Any]:
    return {
        "code_identifier": _COMMIT,
        "code_identifier_type": "git",
        "code_identifier_dependable": True,
        "code_identifier_url": "git@example.org:team/pipelines.git",
        "code_identifier_message": "",
    }


def _task(name: str, path: str, run_id: str, clock: _Clock, statuses: Sequence[str], shape: Shape) -> dict[str, Any]:
    head = _head(name, path, statuses[-1], "task")
    for number, status in enumerate(statuses, 1):
        start, end = clock.attempt()
        head["attempts"].append(
            {
                "attempt_number": number,
                "start_time": start,
                "end_time": end,
                "duration": "0:00:01.500000",
                "status": status,
                "message": "" if status == "SUCCESS" else REASON,
                "parameters": _parameters(shape.parameters),
            }
        )
    head["user_defined_metrics"] = {
        f"metric_{number}": _values(number, shape.values) for number in range(shape.metrics)
    }
    files = [f"{name.replace(' ', '_')}.execution.log", *(f"part-{number}.csv" for number in range(1, shape.catalog))]
    return {**head, "branches": {}, "data_catalog": [_entry(file, run_id) for file in files[: shape.catalog]]}


def _values(number: int, count: int) -> Any:
    if count == 1:
        return number / 7
    return {str(step): (number + 1) / (step + 3) for step in range(count)}


def _parameters(count: int) -> dict[str, Any]:
    return {f"parameter_{number}": number / 3 for number in range(count)}


def _entry(name: str, run_id: str) -> dict[str, str]:
    return {
        "name": name,
        "data_hash": "43b1473357a470f413e762a71efb2e6cb6b478d1c6bd25a0114777beae92a736",
        "catalog_relative_path": f"{run_id}/{name}",
        "catalog_handler_location": ".catalog",
        "stage": "put",
    }
