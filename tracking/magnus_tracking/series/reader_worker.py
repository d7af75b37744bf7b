"""A process that reads one huge run log for another process, and writes its series to its standard output."""

from __future__ import annotations

import os
import sys

from magnus_tracking.process.debug_log import debug_log_wanted, start_debug_log
from magnus_tracking.series import stored
from magnus_tracking.series.blocks import with_blocks
from magnus_tracking.series.read import holds_long_metrics, read_huge


def main() -> int:
    """Read the run log whose path is the argument; 1 where that does not succeed, or nothing is gained by it."""
    if debug_log_wanted():
        start_debug_log()
    try:
        if not holds_long_metrics(sys.argv[1]):
            return 1
        loaded = read_huge(sys.argv[1])
        loaded = loaded._replace(series=tuple(map(with_blocks, loaded.series)))
        stored.write(sys.stdout.buffer, stored.NO_STATE, loaded)
        sys.stdout.buffer.flush()
    except Exception:
        # Whoever asked reads the run itself then, which tells what is wrong.
        return 1
    return 0


if __name__ == "__main__":
    # Whoever waits need not wait until all that was read is tidied up, too.
    os._exit(main())
