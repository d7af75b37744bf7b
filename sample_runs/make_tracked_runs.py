"""Make the sample runs that the tracking core writes, in this folder.

    python sample_runs/make_tracked_runs.py

Runs of these names are made anew. The values are the same each time; times are those of the making.
"""

from __future__ import annotations

import math
import os
import random
import shutil
from contextlib import suppress
from pathlib import Path

from magnus_tracking import start_run, track_this

HERE = Path(__file__).parent
TAG = "digits"
EPOCHS = 300


def losses(seed: int, rate: float, epochs: int = EPOCHS) -> list[float]:
    """A training loss that falls with noise, and diverges when the rate is too high."""
    noise = random.Random(seed)
    values = []
    loss = 2.3
    for epoch in range(epochs):
        if rate > 0.5 and epoch > 120:
            loss = loss * 1.6 if loss < 1e12 else math.nan
        else:
            loss = 0.08 + (loss - 0.08) * (1 - rate * 0.08) + noise.gauss(0, 0.012)
        values.append(loss)
    return values


def train(seed: int, rate: float, epochs: int = EPOCHS) -> None:
    """Track what a training would."""
    print(f"training with a learning rate of {rate} for {epochs} epochs")
    noise = random.Random(seed + 1)
    for epoch, loss in enumerate(losses(seed, rate, epochs)):
        accuracy = 0.0 if math.isnan(loss) else max(0.0, 1 - loss / 2.5 + noise.gauss(0, 0.004))
        track_this(step=epoch, loss=loss, accuracy=accuracy)
        if epoch % 100 == 99:
            print(f"epoch {epoch + 1}: loss {loss:.4f}")
        if math.isnan(loss) and epoch > 240:
            raise ValueError(f"loss diverged: {loss} at step {epoch}")


def sweep() -> None:
    """Five trainings over the learning rate; the highest rate diverges."""
    for number, rate in enumerate((0.03, 0.1, 0.2, 0.4), start=1):
        with start_run(run_id=f"tracked-sweep-{number}", tag=TAG, parameters={"lr": rate, "seed": number}) as run:
            with run.step("prepare"):
                track_this(rows=1797, classes=10)
            with run.step("train"):
                train(number, rate)
            with run.step("evaluate"):
                track_this(f1=round(0.86 + rate / 5, 3), per_class={str(d): round(0.8 + d / 60, 3) for d in range(10)})
    parameters = {"lr": 0.9, "seed": 5}
    with suppress(ValueError), start_run(run_id="tracked-diverged", tag=TAG, parameters=parameters) as run:
        with run.step("prepare"):
            track_this(rows=1797, classes=10)
        with run.step("train"):
            train(5, 0.9)


def retried() -> None:
    """A step that fails once and passes when it is tried again; each attempt keeps its metrics."""
    with start_run(run_id="tracked-retried", tag=TAG, parameters={"lr": 0.1}) as run:
        tries = []

        def flaky() -> None:
            tries.append(len(tries))
            train(7 + len(tries), 0.1, epochs=40 if len(tries) == 1 else 120)
            if len(tries) == 1:
                raise ConnectionError("the data server closed the connection [attempt 1]")

        run.execute_step("train", flaky, max_attempts=3)


def failed() -> None:
    """An attempt that fails after it tracked metrics, which are kept."""
    parameters = {"lr": 0.1, "batch": 4096}
    with suppress(MemoryError), start_run(run_id="tracked-failed", tag=TAG, parameters=parameters) as run:
        with run.step("prepare"):
            track_this(rows=1797)
        with run.step("train"):
            train(11, 0.1, epochs=75)
            raise MemoryError("out of memory: tried to allocate 2.40 GiB")


def nested() -> None:
    """A map over depths with a parallel step inside, in chunks."""
    with (
        start_run(run_id="tracked-nested", tag="trees", parameters={"depths": [2, 4, 8]}, store="chunked-fs") as run,
        run.map("per depth", [2, 4, 8], "depth") as branches,
    ):
        for branch in branches:
            with branch, branch.parallel("folds") as folds:
                for name in ("first", "second"):
                    with folds.branch(name) as fold, fold.step("fit"):
                        for step in range(20):
                            track_this(step=step, gini=round(0.5 / (1 + step * branch.value / 10), 4))


def main() -> None:
    """Make all of them anew."""
    os.chdir(HERE)
    for store in (Path(".run_log_store"), Path(".catalog")):
        for old in store.glob("tracked-*"):
            if old.is_dir():
                shutil.rmtree(old)
            else:
                old.unlink()
    sweep()
    retried()
    failed()
    nested()


if __name__ == "__main__":
    main()
