"""The memory of a process with many threads."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import ctypes, threading
from magnus_tracking.process.heap import share_one_heap
share_one_heap()
everyone = threading.Barrier(4)
def fill():
    everyone.wait()
    kept = [bytearray(2_000 + n) for n in range(500)]
    everyone.wait()
threads = [threading.Thread(target=fill) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
ctypes.CDLL(None).malloc_stats()
"""


def test_threads_that_allocate_at_the_same_time_do_it_from_one_heap() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)

    assert done.stderr.count("Arena ") == 1
