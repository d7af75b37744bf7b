"""``python -m fuzzing``: changed inputs through everything, and a report; ends with 1 if anything was found."""

import argparse
import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from contextlib import suppress
from itertools import chain
from pathlib import Path

from fuzzing.worker import write_case

_NO_ANSWER_SECONDS = {"explorer": 180.0, "keys": 180.0, "process": 120.0}
_NO_ANSWER = 60.0
"""Seconds after which a process that does not answer is taken to hang: what waits for ever, on a busy machine, too."""

_INPUTS_OF_A_PROCESS = 1000
_IN_MEMORY = "/dev/shm"
"""Where the inputs are made, if there is one: making and removing them takes a third of the time on a disk."""

_GIVEN_AHEAD = 20
"""Inputs that a process is given before it has answered: on a busy machine each wait for one another is a long one."""

_TOLD_EVERY = 1000
"""Inputs after which it is told how far it is."""

TESTS = Path(__file__).resolve().parents[1]


class Totals:
    """What was tried and found, over all processes."""

    def __init__(self):
        self.began = time.monotonic()
        self.lock = threading.Lock()
        self.tried = Counter()
        self.found = []
        self.peak = 0

    def take(self, target, number, found, peak):
        """Take in one input."""
        with self.lock:
            self.tried[target] += 1
            if self.tried.total() % _TOLD_EVERY == 0:
                print(f"{self.tried.total()} inputs after {time.monotonic() - self.began:.0f} s", flush=True)
            self.peak = max(self.peak, peak)
            for kind, text in found:
                self.found.append((kind, target, number))
                last = next((line for line in reversed(text.strip().splitlines()) if not line.startswith("while:")), "")
                print(f"{kind}: {target} {number}: {last[:200]}".encode("utf-8", "replace").decode(), flush=True)


class Child:
    """A process that drives inputs, one after another.

    Attributes:
        waiting: the inputs that it was given and has not answered, as (target, number), the one that it drives first.
        is_lost: whether it takes no more.
    """

    def __init__(self, cases, patience=None):
        self._cases = cases
        self._patience = patience
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._home = tempfile.mkdtemp(prefix="fuzzing-", dir=_IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "fuzzing.worker", str(cases), self._home],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])},
        )
        self.waiting = deque()
        self.is_lost = False
        self._given = 0
        self._answered = b""

    @property
    def takes_more(self):
        """Whether it should be given another input."""
        return not self.is_lost and len(self.waiting) < _GIVEN_AHEAD and self._given < _INPUTS_OF_A_PROCESS

    def give(self, target, number):
        """Give it an input to drive after the others."""
        self._given += 1
        self.waiting.append((target, number))
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{target} {number}\n".encode())
            self._process.stdin.flush()

    def answer(self):
        """What was found with the first input that waits, and the peak of memory in kilobytes."""
        target, number = self.waiting.popleft()
        patience = _NO_ANSWER_SECONDS.get(target, _NO_ANSWER) if self._patience is None else self._patience
        while b"\n" not in self._answered:
            if not select.select([self._process.stdout], [], [], patience)[0]:
                self._process.send_signal(signal.SIGUSR1)
                time.sleep(0.5)
                return self._lost(target, number, "hang", f"no answer after {patience:g} s")
            part = os.read(self._process.stdout.fileno(), 1 << 16)
            if not part:
                return self._lost(target, number, "escape", f"the process ended: status {self._process.wait()}")
            self._answered += part
        line, _, self._answered = self._answered.partition(b"\n")
        answer = json.loads(line)
        return answer["found"], answer["peak"]

    def _lost(self, target, number, kind, what):
        self._process.kill()
        self._said.seek(0)
        found = [(kind, f"{self._said.read()[-6000:].decode('utf-8', 'replace')}\n{what}")]
        write_case(self._cases, target, number, found)
        self.close()
        self.is_lost = True
        return found, 0

    def stop(self):
        """End the process."""
        self._process.kill()
        self._process.wait()

    def close(self):
        """End it, and let go of its files."""
        self.stop()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                pipe.close()
        self._said.close()
        shutil.rmtree(self._home, ignore_errors=True)


def chosen(only, number):
    """The target of an input."""
    from fuzzing.driving import WEIGHTS

    return only or random.Random(number).choices(list(WEIGHTS), list(WEIGHTS.values()))[0]


def fuzz(options, cases):
    """Drive the inputs; what was tried and found."""
    totals = Totals()
    numbers = iter(range(options.seed, options.seed + options.inputs))
    end = time.monotonic() + options.minutes * 60 if options.minutes else None

    def numbers_left():
        while end is None or time.monotonic() < end:
            with totals.lock:
                number = next(numbers, None)
            if number is None:
                return
            yield chosen(options.only, number), number

    def work():
        left = numbers_left()
        child = Child(cases)
        while True:
            while child.takes_more and (following := next(left, None)) is not None:
                child.give(*following)
            if child.waiting:
                target, number = child.waiting[0]
                totals.take(target, number, *child.answer())
            if not child.waiting and child.takes_more:
                break
            if child.is_lost or not child.waiting:
                # What a process that was lost had been given waits for the next one.
                child.close()
                left = chain([*child.waiting], left)
                child = Child(cases)
        child.close()

    threads = [threading.Thread(target=work) for _ in range(options.jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return totals


def main():
    """Read the options, drive the inputs and report."""
    from fuzzing.driving import TARGETS

    parser = argparse.ArgumentParser(prog="python -m fuzzing", description=__doc__)
    parser.add_argument("--inputs", type=int, default=1000, help="how many (1000)")
    parser.add_argument("--seed", type=int, default=1, help="the number of the first; the others follow (1)")
    parser.add_argument("--only", choices=TARGETS, help="inputs for one target; by default for all, by chance")
    parser.add_argument("--minutes", type=float, default=0, help="begin no input after so long")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes (1)")
    parser.add_argument(
        "--cases", type=Path, default=Path(tempfile.gettempdir()) / "fuzzing-cases", help="where findings are kept"
    )
    options = parser.parse_args()
    began = time.monotonic()
    totals = fuzz(options, options.cases.absolute())
    kinds = Counter(kind for kind, _, _ in totals.found)
    by_target = ", ".join(f"{target} {count}" for target, count in totals.tried.most_common())
    print(f"inputs tried: {totals.tried.total()} in {time.monotonic() - began:.0f} s ({by_target})")
    print(f"exceptions that escaped: {kinds['escape']}")
    print(f"hangs: {kinds['hang']}")
    print(f"too much memory: {kinds['memory']}; peak {totals.peak / 1024:.0f} MB")
    if totals.found:
        print(f"findings are kept in {options.cases}")
    return 1 if totals.found else 0


if __name__ == "__main__":
    sys.exit(main())
