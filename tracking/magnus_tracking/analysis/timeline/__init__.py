"""A run as bars over time: steps, branches and attempts nested, with waits, critical path and slowest steps.

timeline = timeline_of(run, now)
for bar in timeline.bars:
    print("  " * bar.depth, bar.label, bar.seconds, bar.critical)
"""

from magnus_tracking.analysis.timeline.bars import Bar, BarKind, Timeline
from magnus_tracking.analysis.timeline.building import timeline_of
from magnus_tracking.runlog.definitions import Definition, Definitions, definitions

__all__ = ["Bar", "BarKind", "Definition", "Definitions", "Timeline", "definitions", "timeline_of"]
