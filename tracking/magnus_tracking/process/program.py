"""What our commands have in common as processes: how they end, and what they say if they crash."""

from __future__ import annotations

import sys
from collections.abc import Callable

from magnus_tracking.process.crashes import crash_line
from magnus_tracking.process.standard_streams import OutputError, drop_output, take_standard_streams

DONE, FAILED, INTERRUPTED = 0, 1, 130


def run_program(name: str, command: Callable[[], int]) -> int:
    """Run a command to its end, and return the exit status of its process.

    Whatever goes wrong is one line on standard error: output that can't be written, and crashes, whose details are kept
    in a file. A reader of its output that has gone is not an error.

    Args:
        name: of the program.
        command: returns its status, or exits.
    """
    take_standard_streams()
    status = DONE
    try:
        try:
            status = command()
        except SystemExit as ended:
            status = _status_of(ended)
        except KeyboardInterrupt:
            status = INTERRUPTED
        sys.stdout.flush()
    except OutputError as error:
        drop_output()
        if error.reader_gone:
            return status
        print(f"{name}: {error}", file=sys.stderr)
        return status or FAILED
    except Exception as error:
        print(crash_line(name, error), file=sys.stderr)
        return FAILED
    return status


def _status_of(ended: SystemExit) -> int:
    if ended.code is None or isinstance(ended.code, int):
        return ended.code or DONE
    print(ended.code, file=sys.stderr)
    return FAILED
