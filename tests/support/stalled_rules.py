"""The rule by which silence counts as stalled, learnt from runs one by one, as an index learns it from its tables."""

from magnus_tracking.analysis.liveness import DEFAULT_STALLED_AFTER, StalledRule


def learnt_from(runs, after=DEFAULT_STALLED_AFTER):
    """The rule with the longest durations that runs hold."""
    longest = {}
    for run in runs:
        for step, seconds in run.step_durations.items():
            key = (run.pipeline, step)
            longest[key] = max(seconds, longest.get(key, 0.0))
    return StalledRule(after, longest)
