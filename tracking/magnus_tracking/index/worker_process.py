"""A process that reads runs for the index of another process, so that a first reading uses every core.

It is given names on its standard input and answers with summaries on its standard output, a frame for a frame; it
ends when its input does.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import sys
from pathlib import Path
from typing import IO

import msgspec

from magnus_tracking.index.run_reading import read_batch
from magnus_tracking.process.debug_log import debug_log_wanted, start_debug_log
from magnus_tracking.runlog.metric_summary import Detail
from magnus_tracking.stores import Store

LENGTH = 8
"""Bytes of the length before each frame."""

_NICE = 10
"""Of 19: a tenth of the processor beside a busy process, all of it beside none."""

_SESSION = Path("/proc/self/autogroup")


class Task(msgspec.Struct, array_like=True):
    """Runs to read.

    Attributes:
        root: the folder of the store, as the file system spells it.
        names: of the files and folders in it, likewise.
        detail: how much of the metrics of runs is worked out.
        journals: see `magnus_tracking.index.run_reading.read_run`.
    """

    root: bytes
    names: list[bytes]
    detail: Detail
    journals: bool = True


def write_frame(stream: IO[bytes], content: bytes) -> None:
    """Send one frame."""
    stream.write(len(content).to_bytes(LENGTH, "little") + content)
    stream.flush()


def read_frame(stream: IO[bytes]) -> bytes | None:
    """The next frame, or None where the other side has ended."""
    head = stream.read(LENGTH)
    if len(head) < LENGTH:
        return None
    size = int.from_bytes(head, "little")
    content = stream.read(size)
    return content if len(content) == size else None


def main() -> None:
    """Answer tasks until there are no more."""
    if debug_log_wanted():
        start_debug_log()
    _give_way()
    # What is read here makes no cycles, and looking for them takes a twentieth of the time; a batch ends with a look.
    gc.freeze()
    gc.disable()
    tasks = msgspec.msgpack.Decoder(Task)
    answers = msgspec.msgpack.Encoder()
    while (content := read_frame(sys.stdin.buffer)) is not None:
        task = tasks.decode(content)
        store = Store(Path(os.fsdecode(task.root)))
        summarize = functools.partial(store.summarize, detail=task.detail)
        names = [os.fsdecode(name) for name in task.names]
        batch = read_batch(names, store.root, summarize, journals=task.journals)
        write_frame(sys.stdout.buffer, answers.encode(batch))
        del batch
        gc.collect()


def _give_way() -> None:
    """Leave the processor to other processes where they need it."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    # Linux may share out the processor by session, and a worker has one of its own, in which niceness says nothing.
    with contextlib.suppress(OSError):
        _SESSION.write_text(str(_NICE))


if __name__ == "__main__":
    main()
