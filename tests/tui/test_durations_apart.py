"""Durations that round alike read differently wherever they stand under or beside one another."""

import json
import re
from datetime import datetime, timedelta

import pytest

from support.explorer import explore, open_run, press, screen_text, settle

START = datetime(2026, 11, 20, 10)
SECONDS = {"load": 1.18, "train": 1.24, "score": 1.2041}


def attempt(start, seconds, **fields):
    times = {"start_time": str(start), "end_time": str(start + timedelta(seconds=seconds))}
    return {"attempt_number": 1, "status": "SUCCESS", "message": "", **times, **fields}


def step(name, *attempts, **fields):
    last = attempts[-1]["status"] if attempts else "SUCCESS"
    common = {"name": name.rpartition(".")[2], "internal_name": name, "status": last, "step_type": "task"}
    return {**common, "attempts": list(attempts), **fields}


def write_run(project, run_id, steps, status="SUCCESS"):
    root = project / ".run_log_store"
    root.mkdir(parents=True, exist_ok=True)
    log = {"run_id": run_id, "status": status, "dag_hash": "d", "steps": {one["internal_name"]: one for one in steps}}
    (root / f"{run_id}.json").write_text(json.dumps(log))


def in_turn(prefix="", **fields):
    """Steps, one after the other, of nearly the same length."""
    begins = (START, START + timedelta(seconds=2), START + timedelta(seconds=4))
    return [
        step(prefix + name, attempt(begin, seconds, **fields))
        for begin, (name, seconds) in zip(begins, SECONDS.items(), strict=True)
    ]


def durations(text):
    """The durations of a second and more of a screen, from the top."""
    return re.findall(r"(?<![\d.:])1\.\d+ s", text)


@pytest.mark.parametrize("keys", [(), ("t",)], ids=["tree", "timeline"])
async def test_steps_of_a_run(tmp_path, keys):
    write_run(tmp_path, "run", in_turn())
    app = explore(tmp_path)
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, "run")
        await press(pilot, *keys)
        rows = [durations(line)[0] for line in screen_text(app).splitlines()[2:5]]
        assert rows == ["1.18 s", "1.24 s", "1.20 s"]


async def test_branches_of_a_step(tmp_path):
    branches = {f"map.{name}": {"internal_name": f"map.{name}", "status": "SUCCESS"} for name in SECONDS}
    for name, seconds in SECONDS.items():
        inner = step(f"map.{name}.work", attempt(START, seconds))
        branches[f"map.{name}"]["steps"] = {inner["internal_name"]: inner}
    write_run(tmp_path, "run", [step("map", step_type="map", branches=branches)])
    app = explore(tmp_path)
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, "run")
        await press(pilot, "g")
        beside = [line.rpartition("▏")[2] for line in screen_text(app).splitlines()]
        found = [durations(line)[0] for line in beside if re.search("✔ (load|train|score)", line)]
        assert len(set(found)) == 3, found


async def test_the_preview_of_a_run(tmp_path):
    write_run(tmp_path, "run", in_turn())
    app = explore(tmp_path)
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        lines = [line for line in screen_text(app).splitlines() if re.search(" (load|train|score) ", line)]
        assert len({durations(line)[-1] for line in lines}) == 3


async def test_the_headings_of_a_comparison(tmp_path):
    for name, seconds in SECONDS.items():
        write_run(tmp_path, name, [step("work", attempt(START, seconds))])
    app = explore(tmp_path)
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        await press(pilot, "space", "space", "space", "c")
        headings = "\n".join(screen_text(app).splitlines()[:6])
        assert len(set(durations(headings))) == 3, headings


async def test_failed_attempts(tmp_path):
    for name, seconds in SECONDS.items():
        failed = attempt(START, seconds, status="FAIL", message="Command failed")
        write_run(tmp_path, name, [step("work", failed)], "FAIL")
    app = explore(tmp_path)
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        await press(pilot, "f", "enter")
        assert len(set(durations(screen_text(app)))) == 3, screen_text(app)
