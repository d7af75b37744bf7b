"""Runs of several engines, and of several versions of one: the same stands beside the same."""

from magnus_tracking.analysis.compare import compare
from magnus_tracking.runlog.models import RunLog

CODE = {"code_identifier": "abc", "code_identifier_type": "git", "code_identifier_dependable": True}
TASK = {"on_failure": "", "overrides": {}, "catalog": None, "max_attempts": 1, "command_type": "python"}


def run(name, steps, parameters, config, **more):
    return RunLog.model_validate(
        {"run_id": name, "status": "SUCCESS", "steps": steps, "parameters": parameters, "run_config": config, **more}
    )


def magnus(command="a.b"):
    attempt = {"attempt_number": 1, "start_time": "", "end_time": "", "status": "SUCCESS"}
    log = {"name": "train.execution.log", "data_hash": "1", "stage": "put"}
    step = {"name": "train", "internal_name": "train", "status": "SUCCESS", "attempts": [attempt]}
    node = {"type": "task", "name": "train", "next": "success", **TASK, "command": command, "node_name": "train"}
    ends = {name: {"type": name, "name": name} for name in ("success", "fail")}
    config = {
        "executor": {"service_name": "local", "service_type": "executor", "enable_parallel": False},
        "run_log_store": {
            "service_name": "file-system",
            "service_type": "run_log_store",
            "log_folder": ".run_log_store",
        },
        "secrets_handler": {"service_name": "do-nothing", "service_type": "secrets"},
        "catalog_handler": {"service_name": "file-system", "service_type": "catalog", "catalog_location": ".catalog"},
        "experiment_tracker": {"service_name": "do-nothing", "service_type": "experiment_tracker"},
        "use_cached": False,
        "execution_plan": "chained",
        "dag": {"start_at": "train", "name": "", "description": None, "steps": {"train": node, **ends}},
    }
    steps = {"train": {**step, "code_identities": [CODE], "data_catalog": [log]}}
    return run("magnus", steps, {"lr": 0.1}, config, use_cached=False, dag_hash="1")


def runnable(command="a.b"):
    attempt = {"attempt_number": 1, "start_time": "", "end_time": "", "status": "SUCCESS", "code_identities": [CODE]}
    step = {"name": "train", "internal_name": "train", "status": "SUCCESS", "attempts": [attempt]}
    extra = {"returns": [], "secrets": [], "is_composite": False}
    node = {"node_type": "task", "name": "train", "next_node": "success", **TASK, "command": command, **extra}
    ends = {name: {"node_type": name, "name": name} for name in ("success", "fail")}
    config = {
        "execution_mode": "python",
        "object_serialisation": True,
        "return_objects": {},
        "pipeline_executor": {"service_name": "local", "service_type": "pipeline_executor"},
        "catalog": {"service_name": "file-system", "service_type": "catalog", "compute_data_folder": "."},
        "secrets": {"service_name": "do-nothing", "service_type": "secrets"},
        "pickler": {"extension": ".dill", "service_name": "pickle", "service_type": "pickler"},
        "run_log_store": {"service_name": "file-system", "service_type": "run_log_store"},
        "dag": {"start_at": "train", "name": "", "description": "", "nodes": {"train": node, **ends}},
    }
    parameters = {"lr": {"kind": "json", "value": 0.1, "description": "", "reduced": True}}
    return run("runnable", {"train": step}, parameters, config, job=None, dag_hash="2")


def test_the_same_pipeline_of_two_engines_differs_only_in_the_engine():
    changed = compare([magnus(), runnable()]).changed()
    assert [(row.section, row.key) for row in changed.rows] == [("run", "engine")]


def test_what_really_differs_stands_in_one_row():
    changed = compare([magnus("a.b"), runnable("a.c")]).changed()
    rows = {row.key: row.values for row in changed.rows}
    assert rows == {"engine": ("magnus", "runnable"), "dag_hash": ("1", "2"), "steps.train.command": ("a.b", "a.c")}


def test_runs_of_one_dialect_keep_the_words_of_their_logs():
    keys = {row.key for row in compare([runnable(), runnable("a.c")]).rows}
    assert {"nodes.train.node_type", "pipeline_executor.service_name", "nodes.train.returns"} <= keys
