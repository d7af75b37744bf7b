"""How often steps were tried: the one place that counts attempts and retries."""

from __future__ import annotations

from collections.abc import Iterable

from magnus_tracking.runlog.steps import T


def count_attempts(leaves: Iterable[T]) -> tuple[int, int]:
    """Count the attempts of leaf steps.

    Returns:
        How many attempts there are, and how many of them are retries: those that a step has beyond its first.
    """
    counts = [len(step.attempts) for step in leaves]
    return sum(counts), sum(counts) - len(counts) + counts.count(0)


def retries_of(step: T) -> int:
    """How many retries one step has."""
    return count_attempts([step])[1]
