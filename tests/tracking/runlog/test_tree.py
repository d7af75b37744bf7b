"""Walking through the steps of a run."""

from magnus_tracking.runlog.models import RunLog
from magnus_tracking.runlog.tree import walk


def task(name):
    return {"name": name, "internal_name": name, "status": "SUCCESS", "step_type": "task"}


def composite(name, branches):
    return {**task(name), "step_type": "map", "branches": branches}


def branch(name, *steps):
    return {"internal_name": name, "status": "SUCCESS", "steps": {step["internal_name"]: step for step in steps}}


def test_a_step_is_as_deep_as_the_branches_it_is_in_however_many_steps_stand_before_it():
    inner = composite("m.1.inner", {f"m.1.inner.{n}": branch(f"m.1.inner.{n}", task(f"m.1.inner.{n}.x")) for n in "ab"})
    branches = {
        "m.1": branch("m.1", task("m.1.first"), inner, task("m.1.last")),
        "m.2": branch("m.2", task("m.2.only")),
    }
    steps = {"m": composite("m", branches), "end": task("end")}
    run = RunLog.model_validate({"run_id": "run", "status": "SUCCESS", "steps": steps})
    walked = [(node.step.internal_name, node.depth, node.branch and node.branch.internal_name) for node in walk(run)]
    assert walked == [
        ("m", 0, None),
        ("m.1.first", 1, "m.1"),
        ("m.1.inner", 1, "m.1"),
        ("m.1.inner.a.x", 2, "m.1.inner.a"),
        ("m.1.inner.b.x", 2, "m.1.inner.b"),
        ("m.1.last", 1, "m.1"),
        ("m.2.only", 1, "m.2"),
        ("end", 0, None),
    ]
