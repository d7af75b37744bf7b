"""The command line: the same words as the screens, for scripts and pipes.

The table of commands is here, apart from click, so that opening the explorer pays for none of them: each module is
imported when its command is asked for, and exposes it as `command`.
"""

from __future__ import annotations

from types import MappingProxyType

COMMANDS = MappingProxyType(
    {
        "runs": ("magnus_tui.cli.runs", "List runs: filter, sort, limit."),
        "show": ("magnus_tui.cli.show", "Show a run: its steps, attempts, parameters and metrics, or its whole log."),
        "metrics": ("magnus_tui.cli.metrics", "Print the metrics of a run: a row per step index, a column per series."),
        "compare": ("magnus_tui.cli.compare", "Show what differs between runs."),
        "failures": ("magnus_tui.cli.failures", "List failed attempts, grouped by cause."),
        "log": ("magnus_tui.cli.log", "Print the execution log of an attempt."),
        "wait": ("magnus_tui.cli.wait", "Wait until a run ends, or matches a query."),
        "report": ("magnus_tui.cli.report", "Write runs as one page to share: tables, charts, failures, differences."),
        "check": (
            "magnus_tui.cli.check",
            "Report runs that can't be read or are silent, and files missing or altered in the catalog.",
        ),
        "schema": ("magnus_tui.cli.schema", "Print the JSON schema of a run log."),
        "completion": ("magnus_tui.cli.completion", "Print completion for bash, zsh or fish."),
        "serve": ("magnus_tui.cli.serve", "Serve the explorer in a browser."),
    }
)
"""By name: the module that exposes the command as `command`, and what the help says of it."""
