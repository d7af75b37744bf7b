"""The ``magnus-tui`` command, and ``python -m magnus_tui``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from magnus_tui.cli import COMMANDS

DEBUG_VARIABLE = "MAGNUS_TUI_DEBUG"
"""The environment variable that asks for the debug log; named here, too, so that few starts load the log's module."""

COMPLETE_VARIABLE = "_MAGNUS_TUI_COMPLETE"
"""The environment variable by which a shell asks for what could stand where the cursor is; click's name for it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``magnus-tui`` and return its exit status.

    Args:
        arguments: what stands behind the command's name; None for those of this process.

    Returns:
        0 when done, 1 when what was asked for is not there, 2 for wrong usage.
    """
    if arguments is not None:
        return _run(arguments)
    from magnus_tracking.process.program import run_program  # late: not needed under another program

    return run_program("magnus-tui", lambda: _run(sys.argv[1:]))


def _run(given: Sequence[str]) -> int:
    if os.environ.get(DEBUG_VARIABLE):
        from magnus_tracking.process.debug_log import debug_log_wanted, start_debug_log

        if debug_log_wanted():
            start_debug_log()
    if COMPLETE_VARIABLE in os.environ:
        import magnus_tui.cli.completion  # noqa: F401 - it takes the place of click's completion in bash
    elif _opens_a_store(given):
        from magnus_tui.cli.explore import explore

        return explore(given)
    from magnus_tui.cli.group import run_command  # late: opening a store needs no parser

    return run_command(given)


def _opens_a_store(arguments: Sequence[str]) -> bool:
    """Whether the arguments are so plain that the explorer opens without a command line parser, which is quicker."""
    if not arguments:
        return True
    first = arguments[0]
    if len(arguments) > 1 or first.startswith("-") or first in COMMANDS:
        return False
    if "://" in first:
        return True
    from magnus_tracking.filesystem.shown_paths import expanded  # late: not needed without arguments

    return os.path.lexists(expanded(first))


if __name__ == "__main__":
    sys.exit(main())
