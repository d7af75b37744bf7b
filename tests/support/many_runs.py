"""Stores of more runs than a first reading reads in full."""

import json
import os
import random

from magnus_tracking.index.read_scheduler import MANY_RUNS

MANY = MANY_RUNS + 200


def make_many(project, count=MANY):
    """A store of `count` small runs in `project`, with a metric of twenty steps, of one, and of texts; the project."""
    root = project / ".run_log_store"
    root.mkdir(parents=True)
    chance = random.Random(7)
    for number in range(count):
        add_run(root, f"run-{number:05d}", 1_600_000_000 + number, chance)
    return project


def add_run(root, name, changed, chance):
    """One run that was last changed at `changed`, in seconds since 1970."""
    values = [round(chance.random(), 6) for _ in range(20)]
    if chance.random() < 0.1:
        values[chance.randrange(20)] = float("nan")
    metrics = {
        "loss": {str(step): value for step, value in enumerate(values)},
        "accuracy": chance.random(),
        "phase": {"0": "warm", "1": "hot"},
        "late": {"9": 1.0, "3": chance.random()},
    }
    attempt = {"attempt_number": 1, "start_time": f"2024-01-01 00:00:{number_of(name) % 60:02d}.000001"}
    step = {"internal_name": "train", "status": "SUCCESS", "attempts": [{**attempt, "user_defined_metrics": metrics}]}
    log = {"run_id": name, "status": "SUCCESS", "dag_hash": "d", "use_cached": "", "steps": {"train": step}}
    path = root / f"{name}.json"
    path.write_text(json.dumps(log, indent=4))
    os.utime(path, (changed, changed))


def number_of(name):
    """The number at the end of a run's id."""
    return int(name.rpartition("-")[2])
