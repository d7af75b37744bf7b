"""When each value of a run was tracked, kept when its journals are folded into the run log.

A line tells it for some metrics of one attempt that were tracked at the same steps and moments::

    {"times": 1, "step": "train", "attempt": 1, "since": "2026-11-23 10:00:00", "metrics": ["loss"], "first": 0,
     "ms": [1840, 210, 205]}

`since` is a naive local time; each of `ms` counts from the one before it, null where a value has no time. `first` is
the step of the first value where steps count up from it, otherwise `steps` lists them. What stands further down holds.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from magnus_tracking.journal.fold import Fold
    from magnus_tracking.journal.format import Header

VERSION = 1


def encode_times(header: Header, fold: Fold) -> bytes:
    """The lines for the values of an attempt; empty where none has a time.

    Args:
        header: of its journal.
        fold: what it holds.
    """
    alike: dict[tuple[tuple[int, ...], tuple[int | None, ...]], list[str]] = {}
    for name, by_step in fold.times().items():
        if any(ms is not None for ms in by_step.values()):
            alike.setdefault((tuple(by_step), tuple(by_step.values())), []).append(name)
    about = {"times": VERSION, "step": header.step, "attempt": header.attempt, "since": header.time}
    lines = [
        json.dumps({**about, "metrics": names, **_steps(steps), "ms": _apart(times)}, separators=(",", ":"))
        for (steps, times), names in alike.items()
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def _steps(steps: tuple[int, ...]) -> dict[str, Any]:
    counts = steps == tuple(range(steps[0], steps[0] + len(steps)))
    return {"first": steps[0]} if counts else {"steps": steps}


def _apart(times: tuple[int | None, ...]) -> list[int | None]:
    """Each time as its distance from the one before."""
    before = 0
    apart: list[int | None] = []
    for ms in times:
        apart.append(None if ms is None else ms - before)
        before = before if ms is None else ms
    return apart
