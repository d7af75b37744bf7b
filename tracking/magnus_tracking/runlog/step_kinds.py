"""Tell composite, terminal and leaf steps apart, in the full model and in the outline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from magnus_tracking.runlog.vocabulary import COMPOSITE_STEP_TYPES, SKIPPED, TERMINAL_STEP_TYPES

_NOT_LEAVES = COMPOSITE_STEP_TYPES | TERMINAL_STEP_TYPES


class AnyStep(Protocol):
    """The fields that both have, and that tell its kind."""

    step_type: str
    status: str
    mock: bool

    @property
    def branches(self) -> Mapping[str, Any]:
        """By internal name."""


def is_composite(step: AnyStep) -> bool:
    """Whether a step holds branches rather than doing work itself."""
    return step.step_type in COMPOSITE_STEP_TYPES or bool(step.branches)


def is_terminal(step: AnyStep) -> bool:
    """Whether a step only marks the end of a graph."""
    return step.step_type in TERMINAL_STEP_TYPES


def is_leaf(step: AnyStep) -> bool:
    """Whether a step does work itself: it is neither composite nor terminal."""
    return step.step_type not in _NOT_LEAVES and not step.branches


def status_of(step: AnyStep) -> str:
    """The status of a step as it is shown: that of the log, but skipped for a mocked one."""
    return SKIPPED if step.mock else step.status
