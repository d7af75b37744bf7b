"""A run whose row is fine opens, and one whose row says why it can't be read is refused when opened, too."""

import copy
import json
import os

import pytest

from magnus_tracking.errors import UnreadableRunError
from magnus_tracking.runlog.models import RunLog
from magnus_tracking.stores import open_store

ODD = {
    "null": "null",
    "a text": '"text"',
    "a number": "5",
    "a whole float": "4.0",
    "a float": "1.5",
    "a huge number": str(2**70),
    "true": "true",
    "NaN": "NaN",
    "-Infinity": "-Infinity",
    "half a surrogate pair": '"a \\ud800"',
    "a list": "[1]",
    "a list of lists": "[[]]",
    "an object": '{"a": 1}',
    "an object of objects": '{"a": {}}',
    "half a surrogate pair as a key": '{"\\ud800": {}}',
    "a deep list": "[" * 600 + "1" + "]" * 600,
    "a deep list with a NaN": "[" * 600 + "NaN" + "]" * 600,
}
CODE = {
    "code_identifier": "5f2c",
    "code_identifier_type": "git",
    "code_identifier_dependable": True,
    "code_identifier_url": "u",
    "code_identifier_message": "m",
}
FILE = {
    "name": "a.log",
    "data_hash": "0",
    "catalog_relative_path": "r/a.log",
    "catalog_handler_location": ".catalog",
    "stage": "put",
}
ATTEMPT = {
    "attempt_number": 1,
    "start_time": "2024-01-09 05:44:42.841295",
    "end_time": "2024-01-09 05:44:43.841295",
    "duration": "0:00:01",
    "status": "SUCCESS",
    "message": "",
    "parameters": {"p": 1},
    "input_parameters": {"p": 1},
    "output_parameters": {"p": 1},
    "user_defined_metrics": {"loss": {"0": 1.0, "1": 0.5}},
    "retry_indicator": "",
    "code_identities": [CODE],
}
WORK = {
    "status": "SUCCESS",
    "message": "",
    "mock": False,
    "code_identities": [CODE],
    "attempts": [ATTEMPT],
    "user_defined_metrics": {"loss": 0.5},
    "data_catalog": [FILE],
}
TRAIN = {"name": "train", "internal_name": "train", "step_type": "task", **WORK}
INNER = {**TRAIN, "internal_name": "split.a.train"}
BRANCH = {"internal_name": "split.a", "status": "SUCCESS", "steps": {"split.a.train": INNER}, "parameters": {"p": 1}}
SPLIT = {**TRAIN, "name": "split", "internal_name": "split", "step_type": "parallel", "branches": {"split.a": BRANCH}}
STEPS = {
    "run_id": "odd",
    "dag_hash": "d",
    "use_cached": False,
    "tag": "t",
    "original_run_id": "",
    "status": "SUCCESS",
    "steps": {"train": TRAIN, "split": SPLIT},
    "parameters": {"lr": 0.1},
    "run_config": {"executor": {"service_name": "local"}, "dag": {"steps": {"train": {"type": "task"}}}},
}
JOB = {**{key: value for key, value in STEPS.items() if key != "steps"}, "job": {**WORK, "step_type": "x"}, "steps": {}}
HERE = "what is put here"
OF_ANY_SHAPE = ("user_defined_metrics", "parameters", "input_parameters", "output_parameters", "run_config")


def places(value, path=()):
    """Every place in a run log, of what may be of any shape only itself."""
    if path:
        yield path
    if not path or path[-1] not in OF_ANY_SHAPE:
        inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, item in inside:
            yield from places(item, (*path, key))


def put(document, path, *, remove=False):
    """A copy of a run log with `HERE` in one place, or without what is there."""
    changed = copy.deepcopy(document)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    if remove:
        del holder[path[-1]]
    else:
        holder[path[-1]] = HERE
    return changed


def write(file, text):
    """Write a file that was not changed a moment ago: such a one would be read again and again, as half-written."""
    file.write_text(text)
    os.utime(file, (1_700_000_000, 1_700_000_000))


def difference(store):
    """What the list says of the only run, and what is said when it is opened, where that differs; the run log."""
    (row,) = store.runs()
    try:
        run, reason = store.load("odd"), None
    except UnreadableRunError as error:
        run, reason = None, error.reason
    return (None if (row.error is None) == (reason is None) else (row.error, reason)), run


def disagreements(tmp_path, texts):
    """Where the list and opening differ, and what is not dumped as it came."""
    found = []
    root = tmp_path / ".run_log_store"
    root.mkdir()
    store = open_store(tmp_path)
    for path, text in texts:
        write(root / "odd.json", text)
        differs, run = difference(store)
        if differs:
            found.append((path, *differs))
        if run is not None and "\\ud800" not in text and json.dumps(run.model_dump()) != json.dumps(json.loads(text)):
            found.append((path, "dumped otherwise"))
    return found


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("document", [STEPS, JOB], ids=["steps", "a job"])
def test_whatever_a_field_holds_the_list_and_opening_agree(tmp_path, document, odd):
    texts = [
        (path, json.dumps(put(document, path), indent=4).replace(json.dumps(HERE), ODD[odd]))
        for path in places(document)
    ]
    assert disagreements(tmp_path, texts) == []


@pytest.mark.parametrize("document", [STEPS, JOB], ids=["steps", "a job"])
def test_whatever_field_is_not_there_the_list_and_opening_agree(tmp_path, document):
    texts = [(path, json.dumps(put(document, path, remove=True), indent=4)) for path in places(document)]
    assert disagreements(tmp_path, texts) == []


@pytest.mark.parametrize("odd", ODD)
def test_whatever_a_chunk_holds_the_list_and_opening_agree(tmp_path, odd):
    folder = tmp_path / ".run_log_store" / "odd"
    folder.mkdir(parents=True)
    pieces = {
        "RunLog": {**STEPS, "steps": {}},
        "StepLog-train-1": TRAIN,
        "StepLog-split-2": {**SPLIT, "branches": {}},
        "BranchLog-split.a-3": {**BRANCH, "steps": {}},
        "StepLog-split.a.train-4": INNER,
    }
    for name, piece in pieces.items():
        write(folder / f"{name}.json", json.dumps(piece))
    store = open_store(tmp_path)
    found = []
    for name, piece in pieces.items():
        for path in places(piece):
            write(folder / f"{name}.json", json.dumps(put(piece, path), indent=4).replace(json.dumps(HERE), ODD[odd]))
            differs, _ = difference(store)
            if differs:
                found.append((name, path, *differs))
        write(folder / f"{name}.json", json.dumps(piece))
    assert found == []


def test_a_chunk_that_another_takes_the_place_of_costs_nothing_whatever_it_holds(tmp_path):
    folder = tmp_path / ".run_log_store" / "odd"
    folder.mkdir(parents=True)
    (folder / "RunLog.json").write_text(json.dumps({**STEPS, "steps": {}}))
    (folder / "StepLog-train-1.json").write_text(json.dumps({**TRAIN, "attempts": "none"}))
    (folder / "StepLog-train-2.json").write_text(json.dumps(TRAIN))
    store = open_store(tmp_path)
    (row,) = store.runs()
    assert row.error is None
    assert list(store.load("odd").steps) == list(row.step_names) == ["train"]


def test_a_field_that_no_summary_reads_costs_its_own_value_and_is_dumped_as_it_came():
    document = put(put(STEPS, ("steps", "train", "data_catalog")), ("run_config",))
    run = RunLog.model_validate(document)
    assert (run.run_config, run.steps["train"].data_catalog) == ({}, [])
    assert run.odd == {"run_config": HERE}
    assert json.dumps(run.model_dump()) == json.dumps(document)
    assert json.dumps(copy.deepcopy(run).model_dump()) == json.dumps(document)
