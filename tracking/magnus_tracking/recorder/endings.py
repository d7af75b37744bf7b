"""How runs and branches end: the status that follows from their steps, and the step that marks it."""

from __future__ import annotations

from collections.abc import Iterable

from magnus_tracking.recorder.documents import FAIL, SUCCESS, Document, end_attempt, new_attempt, new_step, now
from magnus_tracking.recorder.names import TERMINAL_NAMES
from magnus_tracking.recorder.run_writer import Log


def ended_status(steps: Iterable[Document]) -> str:
    """FAIL if a step did not succeed, else SUCCESS."""
    working = (step for step in steps if step["step_type"] not in TERMINAL_NAMES)
    return SUCCESS if all(step["status"] == SUCCESS for step in working) else FAIL


def put_terminal_step(
    log: Log, branch: str, status: str, identity: Document, name: str = "", *, moment: str | None = None
) -> None:
    """Store the step that marks how a run or branch ended.

    Args:
        log: the run's log.
        branch: the internal name of the branch; empty for the run.
        status: how it ended.
        identity: of the code.
        name: of the step, if it is not that of its type.
        moment: when it ended, as run logs hold times; now by default.
    """
    kind = "success" if status == SUCCESS else "fail"
    name = name or kind
    moment = moment or now()
    step = new_step(name, f"{branch}.{name}" if branch else name, kind, identity)
    step["attempts"].append(new_attempt(1, moment, log.parameters()))
    end_attempt(step, 1, moment, None, {})
    log.put_step(step)
