"""What is said of a bar of a timeline: times, wait, command, parameters, catalog, message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from magnus_tracking.analysis.timeline import Bar, Definitions, Timeline
from magnus_tracking.runlog.failing import failing_attempt
from magnus_tracking.runlog.metrics import inputs_of, unwrap_all
from magnus_tui import format
from magnus_tui.format import side_by_side
from magnus_tui.format.step_counts import step_counts
from magnus_tui.format.text import clean

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import StepAttempt
    from magnus_tracking.runlog.summary import RunSummary

_MOST_VALUE = 48
_RANKS = {1: "①", 2: "②", 3: "③"}


def facts_of(
    bar: Bar, timeline: Timeline, definitions: Definitions, reason: str | None = None
) -> Iterator[tuple[str, str]]:
    """Pairs of a name and a text, cleaned, the most telling first.

    Args:
        bar: a bar of the timeline.
        timeline: the run over time.
        definitions: what its steps were told to do.
        reason: why it failed, as its log says it; None where that is not known.
    """
    step = bar.step
    yield "took", _took(bar, timeline)
    if bar.is_leaf and len(bar.spans) > 1:
        yield "worked", _to_three_digits(bar.work)
    if bar.wait > 0:
        yield "waited", _to_three_digits(bar.wait)
    if bar.start is not None:
        yield "time", f"{format.clock(bar.start)} → {_end(bar)}"
    if step is None or step.is_composite:
        return
    definition = definitions.of(step.internal_name)
    if bar.kind == "step" and len(step.attempts) > 1:
        most = f" of at most {definition.max_attempts}" if definition.max_attempts > 1 else ""
        yield "attempts", f"{len(step.attempts):,}{most}"
    yield from step_facts(bar, definitions)
    failed = failed_attempt(bar)
    message = (failed.message if failed is not None else "") or step.message
    if reason:
        yield "reason", clean(reason)
    elif message.strip():
        yield "message", clean(message.strip())


def failed_attempt(bar: Bar) -> StepAttempt | None:
    """The attempt whose failure is told of a bar: its own, else the failing one of its step."""
    if bar.attempt is not None or bar.step is None:
        return bar.attempt
    return failing_attempt(bar.step)


def step_facts(bar: Bar, definitions: Definitions) -> Iterator[tuple[str, str]]:
    """What a step was told to do, was given, gave back, and put into or took from the catalog."""
    step = bar.step
    if step is None or not step.is_leaf:
        return
    definition = definitions.of(step.internal_name)
    if definition.command:
        yield definition.command_type or "command", " ".join(clean(definition.command).split())
    attempt = bar.attempt or (step.attempts[-1] if step.attempts else None)
    if attempt is not None:
        given = _values(inputs_of(attempt))
        if given:
            yield "given", given
        returned = _values(unwrap_all(attempt.output_parameters))
        if returned:
            yield "returned", returned
    for stage in ("get", "put"):
        names = dict.fromkeys(entry.name for entry in step.data_catalog if entry.stage == stage)
        if names:
            yield stage, ", ".join(map(clean, names))


def _end(bar: Bar) -> str:
    if bar.grows:
        return "now"
    return format.clock(bar.end) + (" (last sign of life)" if bar.running else "")


def rank_text(bar: Bar) -> str:
    """The mark of a step that is among those that worked longest, with how long where that is not what it took."""
    if not bar.rank:
        return ""
    return f" {_RANKS[bar.rank]}" + (f" worked {format.duration(bar.work)}" if len(bar.spans) > 1 else "")


def _took(bar: Bar, timeline: Timeline) -> str:
    took = bar.took
    if took.note is not None:
        return f"not known: {took.note}"
    if took.seconds is None:
        return "skipped" if bar.status == "SKIPPED" else "no time was kept"
    share = timeline.share(bar)
    part = f", {_percent(share)} of the run" if share is not None else ""
    so_far = " so far" if bar.grows else ""
    text = format.took(took) if bar.grows else ("~" if took.inferred else "") + _to_three_digits(took.seconds)
    return text + so_far + part


def _to_three_digits(seconds: float) -> str:
    """A duration that stands alone, with as many digits as those in the rows above have, where it is short."""
    return side_by_side.durations([seconds])[0]


def _percent(share: float) -> str:
    """A share in whole percent; what is little is not nothing, and nearly all is not all."""
    if 0 < share < 0.005:
        return "under 1 %"
    return "over 99 %" if 0.995 <= share < 1 else format.percent(share)


def _values(parameters: Mapping[str, Any]) -> str:
    return ", ".join(f"{clean(name)}={_short(value)}" for name, value in parameters.items())


def _short(value: Any) -> str:
    text = format.value(value)
    return text if len(text) <= _MOST_VALUE else text[: _MOST_VALUE - 1] + "…"


def summary_text(timeline: Timeline, run: RunSummary, *, with_slowest: bool = True) -> str:
    """The run in one line: how long, how much work, how much of it well, and what was slowest."""
    if timeline.note is not None:
        return clean(timeline.note)
    parts = [f"{format.duration(timeline.seconds)} in all", f"{format.duration(timeline.work)} of work"]
    parts.append(step_counts(run))
    if with_slowest and timeline.slowest:
        worked = side_by_side.listed_durations([bar.work for bar in timeline.slowest])
        names = ", ".join(f"{clean(bar.key)} {text}" for bar, text in zip(timeline.slowest, worked, strict=True))
        parts.append(f"most work: {names}")
    return " · ".join(parts)
