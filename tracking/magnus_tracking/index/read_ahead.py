"""Reading runs that seem to have changed while the rest of the folder is still being examined, in another process.

The worker process is started once so many runs have changed that it pays. What it is given is a guess until the whole
listing has been compared: what was guessed wrongly is left out, and what it has not come to by then it shares with the
process that asks.
"""

from __future__ import annotations

import os
import select
import subprocess
from array import array
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice

import msgspec

from magnus_tracking.index.aggregates import Tally
from magnus_tracking.index.encoding import decode_summary
from magnus_tracking.index.listing import Listing, differing
from magnus_tracking.index.run_reading import ReadBatch, ReadRun
from magnus_tracking.index.worker import LENGTH, Task, write_frame
from magnus_tracking.index.workers import READ, WorkersLostError, start_worker, stop_worker
from magnus_tracking.runlog.metric_summary import Detail
from magnus_tracking.stores import Store

Batch = tuple[Sequence[str], ReadBatch]

FIRST_BATCH = 100
"""Runs in the first batch: what a screen shows at once."""

_WORTH_IT = 128
"""Runs that seem to have changed from which on a process is started to read them."""

_WORTH_SHARING = 400
"""The same, once there is no examining left that it could run beside."""

_AT_MOST = 1500
"""Changed runs from which on the order of the folder is of no use, as the newest must come first."""

_PORTION = 64
_WAITING = 3
"""Portions that the process has before it; their names fit into a pipe that nobody reads."""

_PART_CHANGED = 4
"""Where one in so many differs, the folder's order is another one, and nothing can be guessed."""

_READ_BYTES = 1 << 20


class ReadAhead:
    """A worker process and what it was given; a context manager."""

    def __init__(self, store: Store, known: array[int] | None, detail: Detail) -> None:
        """Nothing is started yet.

        Args:
            store: whose runs.
            known: the fingerprints of the last listing; None where there is none, so that nothing can be guessed.
            detail: how much of the metrics of runs is worked out.
        """
        self._store = store
        self._alone = (os.cpu_count() or 1) < 2
        self._known = None if self._alone else known
        self._detail = detail
        self._compared = self._guessed = 0
        self._open: deque[str] = deque()
        self._sent: deque[list[str]] = deque()
        self._done: deque[Batch] = deque()
        self._received = bytearray()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> ReadAhead:
        """As it is."""
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process; what it was given is nobody's any more."""
        if self._process is not None:
            stop_worker(self._process)
            self._process = None
        self._known = None

    def look(self, listing: Listing) -> None:
        """Guess from a listing that is being made, as far as it has come."""
        if self._known is None:
            return
        start, end = self._compared, min(len(listing.names), len(self._known))
        self._compared = end
        changed = [listing.names[place] for place in differing(listing.fingerprints, self._known, start, end)]
        if changed:
            self._guessed += len(changed)
            if len(changed) * _PART_CHANGED > end - start or self._guessed > _AT_MOST:
                self._open.clear()
                self.stop()
                return
            self._open.extend(changed)
        if self._process is None and len(self._open) >= _WORTH_IT:
            self._start()
        self._exchange()

    def read(
        self, names: Sequence[str], read: Callable[[Sequence[str]], ReadBatch], should_stop: Callable[[], bool]
    ) -> Iterator[Batch]:
        """Runs in batches, those that were guessed first, until `should_stop`.

        Args:
            names: of their files and folders; what was guessed beyond them is left out.
            read: reads a portion of them in this process, perhaps only its beginning.
            should_stop: asked between batches.
        """
        self._known = None
        if self._process is None:
            self._done.clear()
            self._sent.clear()
        given = {name for portion in (*self._sent, *(names for names, _ in self._done)) for name in portion}
        wanted = frozenset(names)
        self._open = deque(name for name in names if name not in given)
        if self._process is None and len(self._open) >= _WORTH_SHARING and not self._alone:
            self._start()
        size = FIRST_BATCH
        while not should_stop():
            self._exchange()
            if self._done:
                batch = _together(wanted, self._done)
                self._done.clear()
                if batch[0]:
                    yield batch
            elif self._open:
                portion = [self._open.popleft() for _ in range(min(size, len(self._open)))]
                size = _PORTION
                found = read(portion)
                self._open.extendleft(reversed(portion[len(found.runs) :]))
                yield portion[: len(found.runs)], found
            elif self._process is not None and self._sent:
                _wait_for(self._process)
            else:
                return

    def _start(self) -> None:
        try:
            self._process = start_worker(gives_way=False)
        except WorkersLostError:
            self._alone, self._known = True, None
            return
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)

    def _exchange(self) -> None:
        """Take what the process has read, and give it more; without it, what it was given is open again."""
        process = self._process
        if process is None:
            return
        try:
            self._receive(process)
            while self._open and len(self._sent) < _WAITING:
                portion = list(islice(reversed(self._open), _PORTION))
                for _ in portion:
                    self._open.pop()
                self._sent.append(portion)
                self._send(process, portion)
        except (OSError, ValueError, msgspec.MsgspecError, EOFError):
            stop_worker(process)
            self._process, self._alone = None, True
            for portion in self._sent:
                self._open.extend(portion)
            self._sent.clear()

    def _send(self, process: subprocess.Popen[bytes], portion: list[str]) -> None:
        assert process.stdin is not None
        task = Task(os.fsencode(self._store.root.absolute()), list(map(os.fsencode, portion)), self._detail)
        write_frame(process.stdin, msgspec.msgpack.encode(task))

    def _receive(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        received = self._received
        while True:
            try:
                part = os.read(process.stdout.fileno(), _READ_BYTES)
            except BlockingIOError:
                break
            if not part:
                raise EOFError
            received += part
        while len(received) >= LENGTH:
            end = LENGTH + int.from_bytes(received[:LENGTH], "little")
            if len(received) < end:
                break
            self._done.append((self._sent[0], READ.decode(received[LENGTH:end])))
            self._sent.popleft()
            del received[:end]


def _wait_for(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    answers = select.poll()
    answers.register(process.stdout, select.POLLIN)
    answers.poll()


def _together(wanted: Collection[str], batches: Collection[Batch]) -> Batch:
    """What was read of `wanted` runs, as one batch."""
    names: list[str] = []
    runs: list[ReadRun] = []
    tally = Tally()
    for some, read in batches:
        kept = [(name, run) for name, run in zip(some, read.runs, strict=True) if name in wanted]
        whole = len(kept) == len(some)
        names += [name for name, _ in kept]
        runs += [run for _, run in kept]
        tally.add_all(
            read.tally if whole else Tally.of([decode_summary(run.content, "") for _, run in kept if run.content])
        )
    return names, ReadBatch(runs, tally, {})
