"""``python -m fuzzing``: changed inputs through everything, and a report; ends with 1 if anything was found."""

import argparse
import json
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from fuzzing.worker import write_case

_NO_ANSWER_SECONDS = {"explorer": 180.0, "process": 120.0}
_NO_ANSWER = 60.0
"""Seconds after which a process that does not answer is taken to hang: what waits for ever, on a busy machine, too."""

_INPUTS_OF_A_PROCESS = 400
TESTS = Path(__file__).resolve().parents[1]


class Totals:
    """What was tried and found, over all processes."""

    def __init__(self):
        self.lock = threading.Lock()
        self.tried = Counter()
        self.found = []
        self.peak = 0

    def take(self, target, number, found, peak):
        """Take in one input."""
        with self.lock:
            self.tried[target] += 1
            self.peak = max(self.peak, peak)
            for kind, text in found:
                self.found.append((kind, target, number))
                last = next((line for line in reversed(text.strip().splitlines()) if not line.startswith("while:")), "")
                print(f"{kind}: {target} {number}: {last[:200]}".encode("utf-8", "replace").decode(), flush=True)


class Child:
    """A process that drives inputs."""

    def __init__(self, cases, patience=None):
        self._cases = cases
        self._patience = patience
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "fuzzing.worker", str(cases)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])},
            text=True,
        )
        self.done = 0

    def drive(self, target, number):
        """Drive one input; what was found, and the peak of memory in kilobytes. Afterwards it may be of no more use."""
        self.done += 1
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{target} {number}\n")
            self._process.stdin.flush()
        patience = _NO_ANSWER_SECONDS.get(target, _NO_ANSWER) if self._patience is None else self._patience
        if not select.select([self._process.stdout], [], [], patience)[0]:
            self._process.send_signal(signal.SIGUSR1)
            time.sleep(0.5)
            return self._lost(target, number, "hang", f"no answer after {patience:g} s")
        line = self._process.stdout.readline()
        if not line:
            return self._lost(target, number, "escape", f"the process ended: status {self._process.wait()}")
        answer = json.loads(line)
        return answer["found"], answer["peak"]

    def _lost(self, target, number, kind, what):
        self._process.kill()
        self._said.seek(0)
        found = [(kind, f"{self._said.read()[-6000:].decode('utf-8', 'replace')}\n{what}")]
        write_case(self._cases, target, number, found)
        self.close()
        self.done = _INPUTS_OF_A_PROCESS
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


def chosen(only, number):
    """The target of an input."""
    from fuzzing.driving import WEIGHTS

    return only or random.Random(number).choices(list(WEIGHTS), list(WEIGHTS.values()))[0]


def fuzz(options, cases):
    """Drive the inputs; what was tried and found."""
    totals = Totals()
    numbers = iter(range(options.seed, options.seed + options.inputs))
    end = time.monotonic() + options.minutes * 60 if options.minutes else None

    def work():
        child = None
        while end is None or time.monotonic() < end:
            with totals.lock:
                number = next(numbers, None)
            if number is None:
                break
            if child is None or child.done >= _INPUTS_OF_A_PROCESS:
                if child is not None:
                    child.close()
                child = Child(cases)
            target = chosen(options.only, number)
            totals.take(target, number, *child.drive(target, number))
        if child is not None:
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
