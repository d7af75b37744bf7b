"""`magnus-tui check`: what can't be read, fell silent, is missing or altered in the catalog."""

import hashlib
import os
import shutil

import pytest

import expected_runs as expected
from magnus_tui.cli.check import check_run
from magnus_tui.cli.store_access import open_for_command


@pytest.mark.parametrize("store", ["magnus-examples", "magnus-reruns", "runnable-examples", "runnable-0.36.1"])
def test_a_sound_store_has_no_findings_but_silence(run, store):
    found = run("check", expected.STORES / store, "--format", "json")
    assert found.status == 0
    assert {finding["kind"] for finding in found.json} <= {"silent", "stalled"}


def entry(name, content, **fields):
    return {
        "name": name,
        "data_hash": hashlib.sha256(content).hexdigest(),
        "catalog_relative_path": f"one/{name}",
        "catalog_handler_location": ".catalog",
        "stage": "put",
        **fields,
    }


def test_every_kind_of_trouble_is_found(run, make_store, make_run):
    log = make_run("one")
    log["steps"]["train"]["data_catalog"] = [
        entry("good.txt", b"good"),
        entry("old.txt", b"as md5", data_hash=hashlib.md5(b"as md5").hexdigest()),
        entry("changed.txt", b"before"),
        entry("gone.txt", b""),
        entry("passwd", b"", catalog_relative_path="../../etc/passwd"),
    ]
    silent = make_run("two", status="PROCESSING")
    store = make_store(log, silent)
    files = store / ".catalog" / "one"
    files.mkdir(parents=True)
    for name, content in (("good.txt", b"good"), ("old.txt", b"as md5"), ("changed.txt", b"after")):
        (files / name).write_bytes(content)
    (store / ".run_log_store" / "torn.json").write_text("{")

    found = run("check", store, "--format", "json")

    assert found.status == 0
    kinds = {(finding["run_id"], finding["name"]): finding["kind"] for finding in found.json}
    assert kinds[("one", "changed.txt")] == "altered"
    assert kinds[("one", "gone.txt")] == "missing"
    assert kinds[("one", "passwd")] in ("outside", "missing")
    assert kinds[("two", None)] == "stalled"
    assert kinds[("torn", None)] == "unreadable"
    assert len(kinds) == 5


def test_a_file_that_another_branch_overwrote_says_by_which_step(run, make_store, make_run):
    log = make_run("one")
    step = log["steps"]["train"]
    log["steps"] = {
        "a": {**step, "name": "a", "internal_name": "a", "data_catalog": [entry("x.log", b"first")]},
        "b": {**step, "name": "b", "internal_name": "b", "data_catalog": [entry("x.log", b"second")]},
    }
    store = make_store(log)
    (store / ".catalog" / "one").mkdir(parents=True)
    (store / ".catalog" / "one" / "x.log").write_bytes(b"second")
    (finding,) = run("check", store, "--format", "json").json
    assert (finding["kind"], finding["step"], finding["detail"]) == ("altered", "a", "overwritten by step b")


def test_fields_that_are_taken_for_missing_are_said(run, make_store, make_run):
    log = make_run("one", run_config=[1])
    log["steps"]["train"]["data_catalog"] = "none"
    log["steps"]["train"]["attempts"][0]["duration"] = 5
    found = run("check", make_store(log), "--format", "json").json
    odd = {(finding["step"], finding["detail"].split(" ")[0]) for finding in found if finding["kind"] == "unreadable"}
    assert odd == {(None, "run_config"), ("train", "data_catalog"), ("train", "duration")}


def test_a_metric_with_several_values_at_a_step_is_said(run, make_store, make_run):
    metrics = {
        "loss": {"01": 1, "1": 2, "2": 3},
        "acc": {"1": 1, "1.0": 2},
        "a.b": 1,
        "a": {"b": {"0": 2, "1": 3}},
        "fine": {"1": 1, "2.0": 2, "003": 3},
    }
    found = run("check", "-s", make_store(make_run("one", metrics=metrics)), "--format", "json").json
    assert [(finding["kind"], finding["step"]) for finding in found] == [("repeated", "train")] * 3
    for finding, said in zip(
        found, ("loss has several values at step 1", "acc", "a.b has several values at step 0"), strict=True
    ):
        assert said in finding["detail"]


def test_checking_a_sound_store_says_so(run, make_store, make_run):
    checked = run("check", make_store(make_run("one")))
    assert (checked.status, checked.out) == (0, "")
    assert "no problems found in 1 run of" in checked.err


def test_what_lies_among_journals_and_is_none_is_said(run, make_store, make_run):
    store = make_store(make_run("live", status="PROCESSING"))
    folder = store / ".run_log_store" / "live.journal"
    folder.mkdir()
    os.mkfifo(folder / "attempt-1-1.jsonl")
    (folder / "attempt-2-1.jsonl").write_text("hello\n")
    (folder / "attempt-3-1.jsonl").write_text('{"journal": 1, "attempt": 1, "kind": "attempt"}\nhello\n')
    found = run("check", store, "--format", "json")
    assert found.status == 0
    details = {finding["name"]: finding["detail"] for finding in found.json if finding["kind"] == "unreadable"}
    assert details == {
        "attempt-1-1.jsonl": "a pipe, no regular file: skipped among the journals",
        "attempt-2-1.jsonl": "its first line is not a header of a journal: skipped among the journals",
        "attempt-3-1.jsonl": "1 damaged line: skipped among the journals",
    }


def test_a_copy_of_a_run_is_called_by_the_name_of_its_file(run, make_store, make_run):
    entry = {"name": "x", "data_hash": "", "catalog_relative_path": "x", "catalog_handler_location": ".catalog"}
    log = make_run("one")
    next(iter(log["steps"].values()))["data_catalog"] = [{**entry, "stage": "put"}]
    store = make_store(log)
    shutil.copy(store / ".run_log_store/one.json", store / ".run_log_store/copy.json")
    found = run("check", "-s", store, "--format", "json").json
    assert {one["run_id"] for one in found} == {"one", "copy"}
    assert run("compare", "one", "copy", "-s", store, "--format", "json").json["runs"] == ["one", "copy"]
    assert run("metrics", "copy", "-s", store, "--format", "json").json["run_id"] == "copy"


@pytest.mark.parametrize(("status", "missing"), [("PROCESSING", []), ("SUCCESS", ["train"]), ("FAIL", ["train"])])
def test_the_log_of_a_step_is_missing_only_when_the_step_has_ended(run, make_store, make_run, status, missing):
    log = make_run("one", status=status)
    # What magnus alone writes.
    del log["use_cached"]
    found = run("check", make_store(log), "--format", "json").json
    assert [finding["step"] for finding in found if finding["kind"] == "missing"] == missing


def test_a_run_that_goes_away_meanwhile_does_not_keep_the_others_from_being_checked(make_store, make_run):
    store = make_store(make_run("one"), make_run("two", metrics={"loss": {"1": 1, "01": 2}}))
    opened = open_for_command(str(store))
    runs = opened.every_run
    (store / ".run_log_store" / "one.json").unlink()
    found = {finding.run_id: finding.kind for run in runs for finding in check_run(opened, run)}
    assert found == {"one": "unreadable", "two": "repeated"}
