import os
import subprocess

import pytest

from magnus_tracking import RecordingWarning, start_run, track_this
from magnus_tracking.printable import without_credentials
from magnus_tracking.recorder.code_identity import code_identity
from magnus_tracking.recorder.environment import take_metrics

pytestmark = pytest.mark.usefixtures("project")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("42", 42),
        ("-4.5e3", -4500.0),
        ("Infinity", float("inf")),
        ('{"ham": "world", "n": null}', {"ham": "world", "n": None}),
        ("[1, true]", [1, True]),
        ("true", "true"),
        ("null", "null"),
        ("hello", "hello"),
        ('"quoted"', "quoted"),
        ("007", "007"),
        ("", ""),
        ("{broken", "{broken"),
    ],
)
def test_values_of_variables(text, value):
    environment = {"MAGNUS_TRACK_key": text, "PATH": "x"}
    assert [(m.name, m.step, m.value) for m in take_metrics(environment)] == [("key", 0, value)]
    assert environment == {"PATH": "x"}


def test_steps_and_case_in_the_names_of_variables():
    environment = {"MAGNUS_TRACK_Loss_STEP_12": "1", "MAGNUS_TRACK_a_STEP_b_STEP_3": "2", "MAGNUS_PRM_x": "3"}
    assert [(m.name, m.step) for m in take_metrics(environment)] == [("Loss", 12), ("a_STEP_b", 3)]
    assert list(environment) == ["MAGNUS_PRM_x"]


@pytest.mark.parametrize("step", ["1795948817105555181", "-3", "4.0", "9" * 400])
def test_steps_of_any_size_are_steps_of_one_metric(step):
    (metric,) = take_metrics({f"MAGNUS_TRACK_t_STEP_{step}": "1"})
    assert (metric.name, metric.step) == ("t", int(step.partition(".")[0]))


@pytest.mark.parametrize("name", ["MAGNUS_TRACK_a_STEP_one", "MAGNUS_TRACK__STEP_1", "MAGNUS_TRACK_a_STEP_"])
def test_a_malformed_step_is_told_and_the_value_kept_under_the_whole_name(name):
    with pytest.warns(RecordingWarning, match=name):
        (metric,) = take_metrics({name: "5"})
    assert (metric.name, metric.step, metric.value) == (name.removeprefix("MAGNUS_TRACK_"), 0, 5)


def test_variables_are_collected_when_the_step_ends_and_removed(stored):
    with start_run() as run, run.step("s"):
        track_this(a=1)
        os.environ["MAGNUS_TRACK_a_STEP_1"] = "2"
    assert "MAGNUS_TRACK_a_STEP_1" not in os.environ
    assert stored(run.run_id)["steps"]["s"]["user_defined_metrics"] == {"a": {"0": 1, "1": 2}}


@pytest.mark.parametrize(
    ("remote", "kept"),
    [
        ("https://user:token@host.org/a/b.git", "https://host.org/a/b.git"),
        ("https://token@host.org/a/b.git?access=secret", "https://host.org/a/b.git"),
        ("git@host.org:a/b.git", "git@host.org:a/b.git"),
        ("ssh://git:secret@host.org:22/a.git", "ssh://git@host.org:22/a.git"),
        ("/srv/git/a.git", "/srv/git/a.git"),
    ],
)
def test_a_remote_is_kept_without_credentials(remote, kept):
    assert without_credentials(remote) == kept


def git(*arguments):
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_code_identity_is_the_commit_and_what_was_changed_since(stored, project):
    git("init", "-q")
    (project / "a.py").write_text("1")
    (project / "b.py").write_text("1")
    git("add", "a.py", "b.py")
    git("commit", "-q", "-m", "x")
    git("remote", "add", "origin", "https://me:secret@host.org/r.git")
    clean = code_identity()
    assert clean == {
        "code_identifier": git("rev-parse", "HEAD"),
        "code_identifier_type": "git",
        "code_identifier_dependable": True,
        "code_identifier_url": "https://host.org/r.git",
        "code_identifier_message": "",
    }
    (project / "a.py").write_text("2")
    (project / "b.py").write_text("2")
    git("add", "b.py")
    with start_run() as run, run.step("s"):
        pass
    (identity,) = stored(run.run_id)["steps"]["s"]["code_identities"]
    assert identity == {
        **clean,
        "code_identifier_dependable": False,
        "code_identifier_message": "changes found in a.py, b.py",
    }


def test_outside_a_work_tree_there_is_no_commit(project, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    assert code_identity()["code_identifier"] is None
