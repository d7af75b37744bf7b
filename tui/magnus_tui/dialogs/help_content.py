"""What the help tells beside keys: the query language in examples, and what signs and words on the screens mean."""

from __future__ import annotations

from magnus_tracking.query.functions import FUNCTIONS, OF_ALL_VALUES
from magnus_tui.charts.series_colors import GLYPHS
from magnus_tui.format.status import glyph

_FUNCTIONS = [f"{name}( {FUNCTIONS[name].help}" for name in OF_ALL_VALUES]

QUERY = (
    ("sweep", "the run's id, tag, failing step or message contains this; * is any text, quotes keep spaces"),
    ("status:fail", "the run failed; success, processing and created are the others"),
    ("liveness:stalled", "of unfinished runs: live, silent, stalled or lost"),
    ("tag:sweep-*", "text matches as a whole, ignoring case"),
    ("code:dirty", "uncommitted code; also clean, or the start of a commit hash"),
    ("metric.loss<0.3", "the last value of a metric; also > <= >= != and = for equal"),
    (f"{OF_ALL_VALUES[0]}(metric.loss)<0.1", f"{', '.join(_FUNCTIONS).partition(' ')[2]} of its values"),
    ('metric."f1 score">0.9', "a name with spaces or symbols goes in quotes"),
    ("param.lr=0.01", "a parameter; dots reach into nested ones"),
    ("started>2h", "within the last two hours; also a date: started>2026-11-20"),
    ("took>5m", "a duration: 90s, 1h30m, 2d"),
    ("metric.loss:0.1..0.3", "a range, both ends included"),
    ("tag:a,b", "one of several values"),
    ("has:metric.loss", "there is a value; nan:metric.loss matches if the last one is NaN"),
    ("step:train", "a step of this name ran; failing:train matches the step that failed"),
    ("retries>0", "counts: steps, succeeded, failed, skipped, attempts, retries, size"),
    ("a b  a or b  not a", "side by side means and; not binds closest, then and, then or; ( ) group"),
)
"""Queries and what they ask for."""

SIGNS = (
    (glyph("SUCCESS"), "succeeded"),
    (glyph("FAIL"), "failed; of a cause, the last run of the pipeline to end failed this way"),
    (glyph("PROCESSING"), "running, as far as is known"),
    (glyph("CREATED"), "created or triggered, but not started yet"),
    (f"{glyph('STALLED')} silent", "unfinished, with no sign of life for over an hour (or the setting)"),
    (
        f"{glyph('STALLED')} stalled",
        "silent for five times as long as this step ever took in other runs; inferred",
    ),
    (f"{glyph('STALLED')} lost", "unfinished, and the process that wrote it is gone from this host; inferred"),
    (f"{glyph('NEVER ENDED')} never ended", "a step, branch or attempt that was unfinished when its run ended"),
    (glyph("REACHED"), "the end node that a failed run goes to"),
    (glyph("SKIPPED"), "skipped: the result was taken from the run that this one re-runs"),
    (glyph("PLANNED"), "planned: in the pipeline, but not started yet"),
    (glyph("UNREADABLE"), "can't be read; its row says why"),
    (glyph("RETRIED"), "retries: attempts beyond the first of each step"),
    (glyph("RERUN"), "a re-run of another run"),
    ("recovered", "a step failed, but the run succeeded anyway"),
    ("?", "after a step: where an unfinished run seems to be; for a duration: a clock went back"),
    ("~", "inferred: a start from the file's time, a duration up to the last sign of life"),
    ("–", "there is no such value"),
    ("★", "the best value among the listed runs, in a row of a comparison, or of a curve"),
    ("@ 117", "at this step"),
    ("NaN ▒", "not a number, as the pipeline tracked it; curves mark it as a gap"),
    ("k M G T", "on axes and charts: thousand, million, then each a thousand times the one before"),
    ("n=4", "a mean is of so many runs"),
    ("…", "cut for want of room"),
    ("‹1 2›", "so many columns are beyond the edge; moving left or right brings them in"),
    ("▸ ▾", "folded, unfolded"),
    ("█ ▒ ┄ ░", "in a timeline: on the critical path, beside it, waiting, inferred"),
    ("① ② ③", "the slowest steps: those that worked longest, waits between attempts left out"),
    (
        " ".join(GLYPHS[:3]),
        "series of a chart, and columns of a comparison, in the same order and colours",
    ),
    ("•", "a value of the only series of a chart, where they are few"),
    ("▲ ▼", "values beyond the axis: cropped outliers; on a logarithmic axis, zero and below"),
    ("▌", "marked"),
    ("x", "ticked, in a dialog"),
    ("↓ ↑", "sorted by this column, descending or ascending"),
    ("took, worked", "from the first start to the last end; the sum of the attempts"),
    ("dirty", "the code had changes that were not committed"),
    ("cause", "the root of a failure's exceptions, with numbers, paths and names left out"),
    ("still failing", "the last run of the pipeline to end failed this way"),
)
"""Signs and words, and what they mean."""
