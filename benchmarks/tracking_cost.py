"""What one tracked scalar costs, beside a bare write of the same bytes and beside the peers.

    python benchmarks/tracking_cost.py --peers PATH/TO/PYTHON --magnus PATH/TO/PYTHON

Ours and the bare ``os.write`` are measured in turn, in short blocks at marks along one million calls, so that a busy
machine weighs on both alike. `--peers` is a python that has wandb, mlflow and trackio (what is missing is left out),
`--magnus` one that has magnus 0.5.1. Times are medians of the blocks, in microseconds a call.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from magnus_tracking import start_run, track_this

BLOCK = 50
PAIRS = 41
MARKS = (100, 1_000, 10_000, 100_000, 500_000, 1_000_000)

TIMER = """
import json, os, sys, tempfile, time
os.chdir(tempfile.mkdtemp())
def measure(call, warm, count):
    for i in range(warm):
        call(i)
    blocks = []
    for block in range(5):
        start = time.perf_counter()
        for i in range(count):
            call(warm + block * count + i)
        blocks.append((time.perf_counter() - start) / count * 1e6)
    print("RESULT", json.dumps(sorted(blocks)[2]))
"""

PEERS = {
    "wandb offline": """
os.environ.update(WANDB_MODE="offline", WANDB_SILENT="true")
import wandb
run = wandb.init(project="cost")
measure(lambda i: run.log({"loss": i * 0.37}), 100, 1000)
run.finish()
""",
    "mlflow files": """
os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
os.environ["MLFLOW_ENABLE_ASYNC_LOGGING"] = "false"
import mlflow
mlflow.set_tracking_uri("file:./mlruns")
with mlflow.start_run():
    measure(lambda i: mlflow.log_metric("loss", i * 0.37, step=i), 20, 100)
""",
    "trackio": """
os.environ["TRACKIO_DIR"] = os.getcwd()
import trackio
trackio.init(project="cost", embed=False)
measure(lambda i: trackio.log({"loss": i * 0.37}), 100, 1000)
trackio.finish()
""",
}

MAGNUS = """
from types import SimpleNamespace
import magnus.context
from magnus import track_this
magnus.context.run_context = SimpleNamespace(executor=True)
# Call 100,000 of one metric: what the calls before it left in the environment is put there at once.
os.environ.update({f"MAGNUS_TRACK_loss_STEP_{i}": "1.0" for i in range(100_000)})
measure(lambda i: track_this(step=100_000 + i, loss=i * 0.37), 5, 20)
"""


def block_cost(call: Callable[[int], object], start: int) -> float:
    """Microseconds a call, over a block that starts at call number `start`."""
    begun = time.perf_counter()
    for index in range(start, start + BLOCK):
        call(index)
    return (time.perf_counter() - begun) / BLOCK * 1e6


def measure_ours() -> tuple[dict[int, float], dict[int, float]]:
    """Cost by call number, of ours and of a bare write of the same bytes."""
    ours: dict[int, float] = {}
    bare: dict[int, float] = {}
    with start_run() as run, run.step("cost") as step:
        path = step.sink.path
        descriptor = os.open(path.with_suffix(".bare"), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        done = 0
        for mark in MARKS:
            while done < mark:
                block_cost(lambda index: track_this(step=index, loss=index * 0.37), done)
                done += BLOCK
            both = []
            for _ in range(PAIRS):
                size = path.stat().st_size
                cost = block_cost(lambda index: track_this(step=index, loss=index * 0.37), done)
                line = b"x" * ((path.stat().st_size - size) // BLOCK)
                both.append((cost, block_cost(lambda _, line=line: os.write(descriptor, line), done)))
                done += BLOCK
            ours[mark] = statistics.median(cost for cost, _ in both)
            bare[mark] = statistics.median(cost for _, cost in both)
        os.close(descriptor)
        path.with_suffix(".bare").unlink()
    return ours, bare


def measure_other(python: str, code: str) -> float | str:
    """Microseconds a call of a peer, or why there is no figure."""
    done = subprocess.run([python, "-c", TIMER + code], capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            return float(json.loads(line.removeprefix("RESULT ")))
    return (done.stderr.strip().splitlines() or ["no output"])[-1]


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", help="a python that has wandb, mlflow and trackio")
    parser.add_argument("--magnus", help="a python that has magnus 0.5.1")
    arguments = parser.parse_args()
    others: dict[str, float | str] = {}
    for name, code in PEERS.items() if arguments.peers else ():
        others[name] = measure_other(arguments.peers, code)
    if arguments.magnus:
        others["magnus 0.5.1 at call 100,000"] = measure_other(arguments.magnus, MAGNUS)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        ours, bare = measure_ours()
        os.chdir(Path(folder).parent)
    print("| call number | ours, µs | bare os.write, µs | ratio |\n| --- | --- | --- | --- |")
    for mark in MARKS:
        print(f"| {mark:,} | {ours[mark]:.2f} | {bare[mark]:.2f} | {ours[mark] / bare[mark]:.2f} |")
    last = ours[100_000]
    print("\n| peer | µs a call | times ours |\n| --- | --- | --- |")
    for name, cost in others.items():
        row = f"{cost:.1f} | {cost / last:.0f}" if isinstance(cost, float) else f"not measured: {cost} | "
        print(f"| {name} | {row} |")


if __name__ == "__main__":
    sys.exit(main())
