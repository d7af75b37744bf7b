"""Kill a recording process at random moments, and check that nothing that had been tracked is lost.

    python benchmarks/kill_harness.py --kills 1000 --magnus PATH/TO/PYTHON

Each round a process records steps, retries and branches as fast as it can, and tells through a pipe which tracking
calls have returned. It is killed with SIGKILL after a random time. All the while the run is read over and over, by the
tracking core's reader and, with --magnus, by magnus's own in an environment that has it: every reading must parse.
Afterwards every call that had returned must be in the run, before and after it is recovered.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from magnus_tracking import start_run, track_this
from magnus_tracking.journal.journal_paths import journal_folder
from magnus_tracking.journal.overlays import overlay_run
from magnus_tracking.journal.reader import read_in_flight
from magnus_tracking.recorder.recovery import recover_run
from magnus_tracking.runlog.models import RunLog
from magnus_tracking.stores import open_store
from magnus_tracking.stores.formats import entry_names
from magnus_tracking.stores.run_listing import find_handle

ACK = struct.Struct("<iii")
STORES = ("file-system", "chunked-fs")
LONGEST_LIFE = 0.12

MAGNUS_READER = """
import sys
from pathlib import Path
from magnus.exceptions import RunLogNotFoundError
from magnus.extensions.run_log_store.chunked_file_system.implementation import ChunkedFileSystemRunLogStore
from magnus.extensions.run_log_store.file_system.implementation import FileSystemRunLogstore

kinds = {"file-system": FileSystemRunLogstore, "chunked-fs": ChunkedFileSystemRunLogStore}
for line in sys.stdin:
    kind, folder, run_id, stop = line.rstrip("\\n").split("\\t")
    readings, problem, last = 0, "", False
    while not problem and not last:
        last = Path(stop).exists()
        try:
            kinds[kind](log_folder=folder).get_run_log_by_id(run_id, full=True)
            readings += 1
        except RunLogNotFoundError:
            pass
        except Exception as error:
            problem = repr(error)[:300]
    print(readings, problem, sep="\\t", flush=True)
"""


def record(store: str, run_id: str, seed: int, pipe: int) -> None:
    """Record until killed, telling of each call that returned: number of the step, attempt, index."""
    choose = random.Random(seed)
    run = start_run(run_id=run_id, store=store, parameters={"seed": seed})
    number = 0
    while True:
        number += 1
        name = f"step {number}"
        if number % 5 == 0:
            with run.parallel(name) as parallel, parallel.branch("b") as branch, branch.step("inner"):
                track_values(number, 1, choose.randrange(60), pipe)
            continue
        attempts = choose.choice((1, 1, 2))
        for attempt in range(1, attempts + 1):
            step = run.step(name).start()
            track_values(number, attempt, choose.randrange(60), pipe)
            step.finish("tried again" if attempt < attempts else None)


def track_values(number: int, attempt: int, count: int, pipe: int) -> None:
    """Track some values, and tell of each that it returned."""
    for index in range(count):
        track_this(step=index, value=number * 1_000_000 + attempt * 1000 + index)
        os.write(pipe, ACK.pack(number, attempt, index))


def read_run(root: Path, run_id: str) -> dict | None:
    """The run as the core's reader gives it, or None where there is none yet."""
    journals = read_in_flight(root, run_id)
    names = entry_names(run_id)
    handle = next(filter(None, (find_handle(root, name) for name in names)), None)
    if handle is None or not handle.format.main_file(Path(handle.path)).exists():
        return None
    document = handle.format.document(handle)
    RunLog.model_validate(document)
    open_store(root).load(run_id)
    return overlay_run(document, journals)


def missing_calls(document: dict | None, calls: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """The calls that returned and are not in the run."""
    return [call for call in calls if not is_there(document or {}, *call)]


def is_there(document: dict, number: int, attempt: int, index: int) -> bool:
    """Whether the value of one call is in the run."""
    name = f"step {number}"
    step = document["steps"].get(name)
    if step is not None and number % 5 == 0:
        step = step["branches"].get(f"{name}.b", {}).get("steps", {}).get(f"{name}.b.inner")
    if step is None:
        return False
    own = [a for a in step["attempts"] if a["attempt_number"] == attempt]
    metrics = own[0].get("user_defined_metrics", step["user_defined_metrics"]) if own else {}
    value = metrics.get("value")
    found = value.get(str(index)) if isinstance(value, dict) else value if index == 0 else None
    return found == number * 1_000_000 + attempt * 1000 + index


class Round:
    """One process recorded and killed."""

    def __init__(self, folder: Path, store: str, number: int, magnus: subprocess.Popen[str] | None) -> None:
        self.root = folder / ".run_log_store"
        self.store = store
        self.run_id = f"killed-{number}"
        self.number = number
        self.magnus = magnus
        self.readings = 0
        self.stop = folder / f"stop-{number}"

    def run(self) -> int:
        """Record, kill, check.

        Returns:
            How many calls had returned.

        Raises:
            AssertionError: something was lost or could not be read.
        """
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            try:
                record(self.store, self.run_id, self.number, writing)
            finally:
                os._exit(1)
        os.close(writing)
        if self.magnus is not None and self.magnus.stdin is not None:
            self.magnus.stdin.write(f"{self.store}\t{self.root}\t{self.run_id}\t{self.stop}\n")
            self.magnus.stdin.flush()
        self._read_until(time.monotonic() + random.Random(self.number * 7).uniform(0, LONGEST_LIFE))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        self.stop.touch()
        with os.fdopen(reading, "rb") as pipe:
            data = pipe.read()
        calls = list(ACK.iter_unpack(data[: len(data) // ACK.size * ACK.size]))
        self._check(calls)
        return len(calls)

    def _read_until(self, end: float) -> None:
        while time.monotonic() < end:
            if read_run(self.root, self.run_id) is not None:
                self.readings += 1

    def _check(self, calls: list[tuple[int, int, int]]) -> None:
        if self.magnus is not None and self.magnus.stdout is not None:
            readings, _, problem = self.magnus.stdout.readline().rstrip("\n").partition("\t")
            assert not problem, f"{self.run_id}: magnus could not read it: {problem}"
            self.readings += int(readings)
        lost = missing_calls(read_run(self.root, self.run_id), calls)
        assert not lost, f"{self.run_id}: lost before recovery: {lost[:5]} of {len(calls)}"
        side = journal_folder(self.root, self.run_id, chunked=self.store == "chunked-fs")
        if not side.exists():
            return
        recover_run(self.root, self.run_id, chunked=self.store == "chunked-fs", grace=0)
        document = read_run(self.root, self.run_id)
        lost = missing_calls(document, calls)
        assert not lost, f"{self.run_id}: lost by recovery: {lost[:5]} of {len(calls)}"
        assert document is None or document["status"] == "FAIL", f"{self.run_id}: {document['status']} after recovery"


@contextmanager
def magnus_reader(python: str | None) -> Iterator[subprocess.Popen[str] | None]:
    """Magnus's own reader as a process that reads a run until a file appears; None without a python for it."""
    if python is None:
        yield None
        return
    command = [python, "-c", MAGNUS_READER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        if process.stdin is not None:
            process.stdin.close()


def main() -> None:
    """Run the rounds that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=1000, help="how many processes are killed, over both stores")
    parser.add_argument("--magnus", help="a python that has magnus 0.5.1, whose reader reads along")
    parser.add_argument("--seed", type=int, default=0, help="of what is recorded, and when it is killed")
    arguments = parser.parse_args()
    calls = readings = 0
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, magnus_reader(arguments.magnus) as magnus:
        os.chdir(folder)
        for number in range(arguments.kills):
            killed = Round(Path(folder), STORES[number % 2], arguments.seed * 1_000_000 + number, magnus)
            calls += killed.run()
            readings += killed.readings
        os.chdir("/")
    print(
        f"{arguments.kills} processes killed in {time.monotonic() - started:.0f} s: {calls} calls had returned, "
        f"none was lost; {readings} readings in between, all parsed"
    )


if __name__ == "__main__":
    sys.exit(main())
