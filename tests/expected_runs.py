"""What a few lines of Python make of the run logs as the engines' own readers return them, apart from our code."""

from __future__ import annotations

import json
import math
from datetime import datetime
from pathlib import Path

STORES = Path(__file__).parent / "data" / "stores"
NAMES = (
    "magnus-examples",
    "magnus-reruns",
    "magnus-sweep",
    "runnable-0.20.0",
    "runnable-0.36.1",
    "runnable-examples",
)
COMPOSITE = {"parallel", "map", "dag", "conditional", "loop"}


def expected_runs(store: str) -> dict[str, dict]:
    """The run logs of a store by run id."""
    files = sorted((STORES / store / "expected").glob("*.json"))
    return {file.stem: json.loads(file.read_text("utf-8")) for file in files}


def leaf_steps(run: dict) -> list[dict]:
    """The steps that do work."""
    if run.get("job") and not run["steps"]:
        return [{"internal_name": "job", "step_type": "job", "branches": {}, **run["job"]}]
    found = []

    def walk(steps: dict) -> None:
        for step in steps.values():
            if (
                step["step_type"] not in COMPOSITE
                and not step["branches"]
                and step["step_type"] not in ("success", "fail")
            ):
                found.append(step)
            for branch in step["branches"].values():
                walk(branch["steps"])

    walk(run["steps"])
    return found


def unwrapped(value: object) -> object:
    return value["value"] if isinstance(value, dict) and "kind" in value and "value" in value else value


def parameters(run: dict) -> dict:
    return {name: unwrapped(value) for name, value in run["parameters"].items()}


def series(metrics: dict) -> dict[str, list]:
    """The values of each metric, by dotted name, in the order of their step indexes."""
    points: dict[str, list] = {}

    def add(name: str, value: object, index: int | None) -> None:
        value = unwrapped(value) if index is None else value
        if isinstance(value, dict) and value:
            if index is None and all(key.lstrip("-").isdigit() for key in value):
                for key, item in value.items():
                    add(name, item, int(key))
            else:
                for key, item in value.items():
                    add(f"{name}.{key}", item, index)
        else:
            points.setdefault(name, []).append((index or 0, value))

    for name, value in metrics.items():
        add(name, value, None)
    return {name: [value for _, value in sorted(pairs, key=lambda pair: pair[0])] for name, pairs in points.items()}


def metrics(run: dict) -> dict[str, list]:
    """By metric, the values of the latest attempt of the leaf step that ended last among those that tracked it."""
    chosen: dict[str, list] = {}
    for step in sorted(leaf_steps(run), key=lambda step: max((a["end_time"] for a in step["attempts"]), default="")):
        for attempt in step["attempts"]:
            chosen.update(series(attempt.get("user_defined_metrics", {})))
        chosen.update(series(step.get("user_defined_metrics", {})))
    return chosen


def numbers(values: list) -> list[float]:
    return [v for v in values if isinstance(v, int | float) and not isinstance(v, bool) and not math.isnan(v)]


def started(run: dict) -> datetime | None:
    times = [a["start_time"] for step in all_steps(run) for a in step["attempts"]]
    return datetime.fromisoformat(min(times)) if times else None


def ended(run: dict) -> datetime | None:
    times = [a["end_time"] for step in all_steps(run) for a in step["attempts"]]
    return datetime.fromisoformat(max(times)) if times and run["status"] in ("SUCCESS", "FAIL") else None


def all_steps(run: dict) -> list[dict]:
    """Every step that has attempts of its own, terminal ones too."""
    if run.get("job") and not run["steps"]:
        return leaf_steps(run)
    found = []

    def walk(steps: dict) -> None:
        for step in steps.values():
            found.append(step)
            for branch in step["branches"].values():
                walk(branch["steps"])

    walk(run["steps"])
    return found


def retries(run: dict) -> int:
    return sum(max(len(step["attempts"]) - 1, 0) for step in leaf_steps(run))


def failing_step(run: dict) -> str | None:
    failed = [step for step in leaf_steps(run) if step["status"] == "FAIL"]
    if not failed:
        return None

    def end(step: dict) -> str:
        return next((a["end_time"] for a in reversed(step["attempts"]) if a["status"] == "FAIL"), "9999")

    return min(failed, key=end)["internal_name"]


def is_dirty(run: dict) -> bool | None:
    """Whether some leaf step ran with uncommitted changes; None without a code identity."""
    codes = [
        code
        for step in leaf_steps(run)
        for code in [
            *step.get("code_identities", []),
            *(code for attempt in step["attempts"] for code in attempt.get("code_identities", [])),
        ]
        if code["code_identifier"]
    ]
    return any(not code["code_identifier_dependable"] for code in codes) if codes else None
