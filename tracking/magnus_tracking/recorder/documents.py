"""The pieces of a run log as the engine writes them: the same fields in the same order."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

Document = dict[str, Any]

PROCESSING = "PROCESSING"
SUCCESS = "SUCCESS"
FAIL = "FAIL"

_INDENTED_UP_TO = 256 * 1024


def now() -> str:
    """The naive local time, as run logs hold it."""
    return str(datetime.now())


def dump(document: Document) -> bytes:
    """A run log, or a chunk of one, as JSON; NaN and infinities are bare.

    Indented as the engines do it, unless it is large: indenting takes ten times as long as writing on one line.
    """
    text = json.dumps(document, ensure_ascii=True)
    if len(text) <= _INDENTED_UP_TO:
        text = json.dumps(document, ensure_ascii=True, indent=4)
    return text.encode("ascii")


def new_run(run_id: str, tag: str, dag_hash: str, parameters: Document, run_config: Document) -> Document:
    """The log of a run that starts."""
    return {
        "run_id": run_id,
        "dag_hash": dag_hash,
        "use_cached": False,
        "tag": tag,
        "original_run_id": "",
        "status": PROCESSING,
        "steps": {},
        "parameters": dict(parameters),
        "run_config": run_config,
    }


def new_step(name: str, internal_name: str, step_type: str, code_identity: Document) -> Document:
    """The log of a step that starts."""
    return {
        "name": name,
        "internal_name": internal_name,
        "status": PROCESSING,
        "step_type": step_type,
        "message": "",
        "mock": False,
        "code_identities": [code_identity],
        "attempts": [],
        "user_defined_metrics": {},
        "branches": {},
        "data_catalog": [],
    }


def new_branch(internal_name: str) -> Document:
    """The log of a branch that starts."""
    return {"internal_name": internal_name, "status": PROCESSING, "steps": {}}


def new_attempt(number: int, start: str, parameters: Document) -> Document:
    """An attempt that starts."""
    return {
        "attempt_number": number,
        "start_time": start,
        "end_time": "",
        "duration": "",
        "status": PROCESSING,
        "message": "",
        "parameters": dict(parameters),
    }


def begin_attempt(step: Document, attempt: Document) -> None:
    """Add an attempt to a step, in place; the one before it carries its own metrics from now on."""
    if step["attempts"]:
        step["attempts"][-1].setdefault("user_defined_metrics", step["user_defined_metrics"])
    step["attempts"].append(attempt)
    step["status"] = PROCESSING
    step["message"] = ""


def end_attempt(step: Document, number: int, end: str, message: str | None, metrics: Document) -> None:
    """Mark an attempt of a step as ended, in place.

    The step's metrics are those of its last attempt; each attempt carries its own too once one failed or was retried.

    Args:
        step: the step's log.
        number: of the attempt.
        end: when it ended, naive local time.
        message: why it failed; None if it did not.
        metrics: what it tracked, as run logs store it.
    """
    attempt = next(item for item in step["attempts"] if item["attempt_number"] == number)
    attempt["end_time"] = end
    started = datetime.fromisoformat(attempt["start_time"])
    attempt["duration"] = str(max(datetime.fromisoformat(end), started) - started)
    attempt["status"] = SUCCESS if message is None else FAIL
    attempt["message"] = message or ""
    is_last = attempt is step["attempts"][-1]
    if message is not None or len(step["attempts"]) > 1:
        attempt["user_defined_metrics"] = metrics
    if is_last:
        step["status"] = attempt["status"]
        step["message"] = attempt["message"]
        step["user_defined_metrics"] = metrics


def data_catalog(name: str, data_hash: str, relative_path: str, location: str) -> Document:
    """An entry of a file that was put into the catalog."""
    return {
        "name": name,
        "data_hash": data_hash,
        "catalog_relative_path": relative_path,
        "catalog_handler_location": location,
        "stage": "put",
    }


def graph_node(name: str, step_type: str) -> Document:
    """A step as `run_config.dag` holds it."""
    return {
        "type": step_type,
        "name": name,
        "internal_name": name,
        "internal_branch_name": "",
        "is_composite": step_type in ("parallel", "map"),
    }


def error_message(error: BaseException) -> str:
    """What an attempt's `message` says of the exception that ended it, whatever that raises when it is asked."""
    try:
        return str(error) or type(error).__name__
    except Exception:  # it is the user's, who is to get this one and not another
        return type(error).__name__
