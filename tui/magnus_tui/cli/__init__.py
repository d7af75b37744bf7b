"""The command line: the same words as the screens, for scripts and pipes.

The table of commands is here, apart from click, so that opening the explorer pays for none of them: each module is
imported when its command is asked for, and exposes it as `command`.
"""

from __future__ import annotations

from types import MappingProxyType

COMMANDS = MappingProxyType(
    {
        "runs": ("magnus_tui.cli.runs", "List runs: filter, sort, limit."),
        "show": ("magnus_tui.cli.show", "One run: its steps, attempts, parameters and metrics, or its whole log."),
        "metrics": ("magnus_tui.cli.metrics", "The metrics of a run: a row per step index, a column per series."),
        "compare": ("magnus_tui.cli.compare", "What differs between runs."),
        "failures": ("magnus_tui.cli.failures", "Failed attempts, grouped by cause."),
        "log": ("magnus_tui.cli.log", "The execution log of an attempt."),
        "wait": ("magnus_tui.cli.wait", "Wait until a run has ended, or a query holds of it."),
        "report": ("magnus_tui.cli.report", "Runs as one page to send: tables, charts, failures, what differs."),
        "check": ("magnus_tui.cli.check", "What can't be read, is silent, is missing or altered in the catalog."),
        "schema": ("magnus_tui.cli.schema", "The JSON schema of a run log."),
        "completion": ("magnus_tui.cli.completion", "Completion of these commands in bash, zsh or fish."),
        "serve": ("magnus_tui.cli.serve", "The explorer in a browser."),
    }
)
"""By name: the module that exposes the command as `command`, and what the help says of it."""
