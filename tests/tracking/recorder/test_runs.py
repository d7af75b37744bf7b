import hashlib
import json
import math
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import BaseModel, Field

from magnus_tracking import NoActiveRunError, RecordingError, start_run, track_this
from magnus_tracking.recorder import names

pytestmark = pytest.mark.usefixtures("project")


class Eggs(BaseModel):
    ham: str


class Score(BaseModel):
    f1: float = Field(serialization_alias="f1-score")


def test_the_examples_of_the_documentation_store_what_it_says(stored, store_type):
    with start_run(store=store_type) as run:
        with run.step("once"):
            track_this(spam="hello", eggs=Eggs(ham="world"))
            track_this(answer=42.0)
            track_this(is_it_true=False)
        with run.step("incremental"):
            track_this(step=0, spam="hello", eggs=Eggs(ham="world"))
            track_this(step=1, spam="hey", eggs=Eggs(ham="universe"))
            track_this(answer=42.0)
            track_this(is_it_true=False)
    steps = stored(run.run_id)["steps"]
    assert steps["once"]["user_defined_metrics"] == {
        "spam": "hello",
        "eggs": {"ham": "world"},
        "answer": 42.0,
        "is_it_true": False,
    }
    assert steps["incremental"]["user_defined_metrics"] == {
        "spam": {"0": "hello", "1": "hey"},
        "eggs": {"0": {"ham": "world"}, "1": {"ham": "universe"}},
        "answer": 42.0,
        "is_it_true": False,
    }


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (None, None),
        (True, True),
        (2**70, 2**70),
        ("ü\u2028\n", "ü\u2028\n"),
        ([1, (2, 3)], [1, [2, 3]]),
        ({"a": {"b": [None]}}, {"a": {"b": [None]}}),
        (math.inf, math.inf),
        (-math.inf, -math.inf),
        (Score(f1=0.91), {"f1-score": 0.91}),
        ([Score(f1=0.5)], [{"f1-score": 0.5}]),
    ],
)
def test_any_json_value_is_kept_as_it_is(stored, value, kept):
    with start_run() as run, run.step("s"):
        track_this(value=value)
    assert stored(run.run_id)["steps"]["s"]["user_defined_metrics"] == {"value": kept}


def test_nan_stays_nan(stored):
    with start_run() as run, run.step("s"):
        track_this(step=1, loss=math.nan, nested={"x": math.nan})
    metrics = stored(run.run_id)["steps"]["s"]["user_defined_metrics"]
    assert math.isnan(metrics["loss"]["1"])
    assert math.isnan(metrics["nested"]["1"]["x"])


class Scalar:
    """Behaves as a scalar of numpy or torch does."""

    ndim = 0

    def __init__(self, value):
        self.value = value

    def item(self):
        return self.value


def test_scalars_of_numpy_and_torch_are_numbers(stored):
    with start_run() as run, run.step("s"):
        track_this(a=Scalar(1.5), b=[Scalar(2)], c=Scalar(True))
    assert stored(run.run_id)["steps"]["s"]["user_defined_metrics"] == {"a": 1.5, "b": [2], "c": True}


@pytest.mark.parametrize("value", [object(), {1, 2}, b"x", 1j, {(1, 2): 3}, Scalar(1j)])
def test_what_is_no_json_value_is_refused_by_name_and_nothing_of_the_call_is_kept(stored, value):
    with start_run() as run, run.step("s"):
        with pytest.raises(TypeError, match="'bad'"):
            track_this(good=1, bad=value)
        with pytest.raises(TypeError, match="step"):
            track_this(step="one", good=1)
        track_this(after=1)
    assert stored(run.run_id)["steps"]["s"]["user_defined_metrics"] == {"after": 1}


def test_tracking_again_at_the_same_step_replaces_and_names_keep_their_case(stored):
    with start_run() as run, run.step("s"):
        track_this(Loss=1.0)
        track_this(Loss=2.0)
        track_this(step=7, only_later=1)
    assert stored(run.run_id)["steps"]["s"]["user_defined_metrics"] == {"Loss": 2.0, "only_later": {"7": 1}}


def test_tracking_outside_a_run_says_how_to_start_one():
    with pytest.raises(NoActiveRunError, match="start_run"):
        track_this(loss=1)


def test_tracking_in_a_run_outside_its_steps_is_kept_under_a_step_of_its_own(stored):
    run = start_run()
    track_this(loss=1)
    with run.step("train"):
        track_this(loss=2)
    track_this(step=1, loss=3)
    run.finish()
    steps = stored(run.run_id)["steps"]
    assert steps["interactive"]["user_defined_metrics"] == {"loss": {"0": 1, "1": 3}}
    assert steps["train"]["user_defined_metrics"] == {"loss": 2}


def test_an_exception_fails_attempt_step_and_run_and_goes_on_to_the_caller(stored, store_type, project):
    with pytest.raises(ValueError, match="diverged"), start_run(store=store_type) as run, run.step("train"):
        track_this(step=3, loss=math.inf)
        print("about to diverge")
        raise ValueError("diverged at 3")
    document = stored(run.run_id)
    step = document["steps"]["train"]
    attempt = step["attempts"][0]
    assert (document["status"], step["status"], attempt["status"]) == ("FAIL", "FAIL", "FAIL")
    assert (step["message"], attempt["message"]) == ("diverged at 3", "diverged at 3")
    assert attempt["user_defined_metrics"] == step["user_defined_metrics"] == {"loss": {"3": math.inf}}
    assert document["steps"]["fail"]["status"] == "SUCCESS"
    log = (project / ".catalog" / run.run_id / "train.execution.log").read_text()
    assert log.startswith("about to diverge\n")
    assert log.rstrip().endswith("ValueError: diverged at 3")


class Mute(Exception):
    def __str__(self):
        raise ValueError("no words")


def test_an_exception_that_can_not_be_put_into_words_goes_on_to_the_caller_as_it_is(stored, store_type):
    with pytest.raises(Mute), start_run(store=store_type) as run, run.step("train"):
        track_this(a=1)
        raise Mute
    step = stored(run.run_id)["steps"]["train"]
    assert (step["status"], step["message"], step["user_defined_metrics"]) == ("FAIL", "Mute", {"a": 1})


def test_retries_keep_each_attempt_with_its_metrics_and_its_log(stored, store_type, project):
    tries = []

    def flaky(lr):
        tries.append(lr)
        track_this(tries=len(tries))
        print("try", len(tries))
        if len(tries) < 3:
            raise ValueError(f"no luck {len(tries)}")
        return "done"

    with start_run(store=store_type) as run:
        assert run.execute_step("train", flaky, 0.1, max_attempts=3) == "done"
    document = stored(run.run_id)
    step = document["steps"]["train"]
    assert (document["status"], step["status"]) == ("SUCCESS", "SUCCESS")
    assert [a["attempt_number"] for a in step["attempts"]] == [1, 2, 3]
    assert [a["message"] for a in step["attempts"]] == ["no luck 1", "no luck 2", ""]
    assert [a["user_defined_metrics"] for a in step["attempts"]] == [{"tries": 1}, {"tries": 2}, {"tries": 3}]
    assert step["user_defined_metrics"] == {"tries": 3}
    logs = [(project / ".catalog" / e["catalog_relative_path"]).read_text() for e in step["data_catalog"]]
    assert [log.splitlines()[0] for log in logs] == ["try 1", "try 2", "try 3"]


def test_a_traceback_begins_with_the_users_own_code(project):
    def never():
        raise KeyError("nothing")

    with pytest.raises(KeyError), start_run() as run:
        run.execute_step("train", never)
    log = (project / ".catalog" / run.run_id / "train.execution.log").read_text()
    assert "in never" in log
    assert "execute_step" not in log


def test_the_last_failure_of_all_attempts_is_raised(stored):
    def never():
        raise KeyError("nothing")

    with pytest.raises(KeyError), start_run() as run:
        run.execute_step("train", never, max_attempts=2)
    document = stored(run.run_id)
    assert document["status"] == "FAIL"
    assert len(document["steps"]["train"]["attempts"]) == 2


def test_a_step_that_failed_and_was_caught_fails_the_run_unless_it_is_tried_again(stored):
    with start_run() as caught, pytest.raises(ValueError), caught.step("a"):
        raise ValueError("x")
    with start_run() as again:
        with pytest.raises(ValueError), again.step("a"):
            raise ValueError("x")
        with again.step("a"):
            pass
    assert stored(caught.run_id)["status"] == "FAIL"
    assert stored(again.run_id)["status"] == "SUCCESS"


def test_nested_branches_are_stored_below_their_steps(stored, store_type):
    def fit(branch):
        with branch, branch.step("fit"):
            for epoch in range(20):
                track_this(step=epoch, loss=f"{branch.name}-{epoch}")

    with start_run(store=store_type) as run:
        with run.map("per depth", [2, 10, 0.5]) as depths, ThreadPoolExecutor() as pool:
            list(pool.map(fit, list(depths)))
        with run.parallel("side by side") as both, both.branch("a") as a, a.parallel("deeper") as deeper:
            fit(deeper.branch("x"))
    document = stored(run.run_id)
    branches = document["steps"]["per depth"]["branches"]
    assert list(branches) == ["per depth.2", "per depth.10", "per depth.0_5"] or store_type == "chunked-fs"
    for name, branch in branches.items():
        assert branch["status"] == "SUCCESS"
        assert list(branch["steps"]) == [f"{name}.fit", f"{name}.success"]
        loss = branch["steps"][f"{name}.fit"]["user_defined_metrics"]["loss"]
        assert loss == {str(epoch): f"{name.rpartition('.')[2]}-{epoch}" for epoch in range(20)}
    inner = document["steps"]["side by side"]["branches"]["side by side.a"]["steps"]["side by side.a.deeper"]
    assert "side by side.a.deeper.x.fit" in inner["branches"]["side by side.a.deeper.x"]["steps"]
    assert document["status"] == "SUCCESS"


def test_a_branch_that_fails_fails_its_step_and_the_run(stored, store_type):
    with pytest.raises(ValueError), start_run(store=store_type) as run, run.parallel("p") as p:
        with p.branch("good") as good, good.step("s"):
            pass
        p.branch("never finished")
        with p.branch("bad") as bad, bad.step("s"):
            raise ValueError("x")
    step = stored(run.run_id)["steps"]["p"]
    statuses = {name: branch["status"] for name, branch in step["branches"].items()}
    assert statuses == {"p.good": "SUCCESS", "p.never finished": "FAIL", "p.bad": "FAIL"}
    assert step["status"] == "FAIL"


def test_branches_with_steps_of_one_name_keep_a_log_each(stored, project):
    with start_run() as run, run.parallel("p") as p:
        for name in ("a", "b"):
            with p.branch(name) as branch, branch.step("s"):
                print("this is", name)
    step = stored(run.run_id)["steps"]["p"]
    for name in ("a", "b"):
        entry = step["branches"][f"p.{name}"]["steps"][f"p.{name}.s"]["data_catalog"][0]
        content = (project / ".catalog" / entry["catalog_relative_path"]).read_bytes()
        assert content == f"this is {name}\n".encode()
        assert entry["data_hash"] == hashlib.sha256(content).hexdigest()


def test_a_thread_that_began_no_step_tracks_into_the_only_one_that_runs(stored):
    with start_run() as run, run.step("s"):
        thread = threading.Thread(target=track_this, kwargs={"from_thread": 1})
        thread.start()
        thread.join()
    assert stored(run.run_id)["steps"]["s"]["user_defined_metrics"] == {"from_thread": 1}


def test_a_thread_that_could_belong_to_two_steps_is_told_to_name_one(stored):
    def track_nameless():
        with pytest.raises(NoActiveRunError, match=r"step\.track"):
            track_this(x=1)

    with start_run() as run:
        a, b = run.step("a").start(), run.step("b").start()
        thread = threading.Thread(target=track_nameless)
        thread.start()
        thread.join()
        a.track(x="a")
        b.track(step=2, x="b")
        a.finish()
        b.finish()
    steps = stored(run.run_id)["steps"]
    assert steps["a"]["user_defined_metrics"] == {"x": "a"}
    assert steps["b"]["user_defined_metrics"] == {"x": {"2": "b"}}


def test_a_run_shows_what_is_in_flight(stored, store_type):
    with start_run(store=store_type) as run, run.step("s"):
        for epoch in range(3):
            track_this(step=epoch, loss=epoch)
        document = stored(run.run_id)
        assert document["status"] == "PROCESSING"
        assert document["steps"]["s"]["user_defined_metrics"] == {"loss": {"0": 0, "1": 1, "2": 2}}


def test_parameters_are_those_at_the_start_of_each_step(stored, store_type, monkeypatch):
    monkeypatch.setenv("MAGNUS_PRM_from_shell", '{"a": 1}')
    with start_run(parameters={"lr": 0.1, "odd/name": 1}, store=store_type) as run:
        with run.step("a"):
            run.set_parameters(found=[1, 2])
        with run.step("b"):
            pass
    document = stored(run.run_id)
    before = {"from_shell": {"a": 1}, "lr": 0.1, "odd/name": 1}
    assert document["steps"]["a"]["attempts"][0]["parameters"] == before
    assert document["steps"]["b"]["attempts"][0]["parameters"] == {**before, "found": [1, 2]}
    assert document["parameters"] == {**before, "found": [1, 2]}


def test_parameters_may_come_from_a_file(stored, project):
    (project / "parameters.yaml").write_text("lr: 0.5\nnested: {a: [1]}\n")
    with start_run(parameters="parameters.yaml") as run, run.step("s"):
        pass
    assert stored(run.run_id)["parameters"] == {"lr": 0.5, "nested": {"a": [1]}}


def test_a_parameter_that_is_no_json_value_is_refused_by_name():
    with pytest.raises(TypeError, match="'lr'"):
        start_run(parameters={"lr": object()})


def test_a_run_log_is_shaped_as_the_engine_writes_it(stored):
    with start_run(tag="a tag", run_id="my run") as run, run.step("train the model"):
        pass
    document = stored("my run")
    assert " ".join(document) == "run_id dag_hash use_cached tag original_run_id status steps parameters run_config"
    step = document["steps"]["train the model"]
    assert " ".join(step) == (
        "name internal_name status step_type message mock code_identities attempts "
        "user_defined_metrics branches data_catalog"
    )
    attempt = step["attempts"][0]
    assert " ".join(attempt) == "attempt_number start_time end_time duration status message parameters"
    assert step["data_catalog"][0] == {
        "name": "train_the_model.execution.log",
        "data_hash": hashlib.sha256(b"").hexdigest(),
        "catalog_relative_path": "my run/train_the_model.execution.log",
        "catalog_handler_location": ".catalog",
        "stage": "put",
    }
    assert document["run_config"]["executor"]["service_name"] == "magnus-tracking"
    assert list(document["run_config"]["dag"]["steps"]) == ["train the model", "success", "fail"]
    assert document["tag"] == document["run_config"]["tag"] == "a tag"


def test_generated_ids_read_like_the_engines_and_never_overwrite(project, monkeypatch):
    words = iter(["fond-euler-1200"] * 3 + ["glad-euler-1200"])
    monkeypatch.setattr("magnus_tracking.recorder.run_start.random_run_id", lambda: next(words))
    ids = []
    for _ in range(2):
        with start_run() as run:
            ids.append(run.run_id)
    assert ids == ["fond-euler-1200", "glad-euler-1200"]
    assert names.random_run_id().count("-") == 2


def test_a_run_id_that_is_there_is_refused_in_either_layout(store_type):
    with start_run(run_id="taken", store=store_type), pytest.raises(RecordingError, match="taken"):
        start_run(run_id="taken", store=store_type)
    for other in ("file-system", "chunked-fs"):
        with pytest.raises(RecordingError, match="taken"):
            start_run(run_id="taken", store=other)


@pytest.mark.parametrize("run_id", ["a/b", "a\\b", "a\nb", ".", "..", "\x7f", "x.journal", ".hidden"])
def test_a_run_id_that_may_not_name_a_file_is_refused(run_id, project):
    with pytest.raises(RecordingError):
        start_run(run_id=run_id)
    assert not (project / ".run_log_store").exists()


@pytest.mark.parametrize("name", ["", "a.b", "a/b", "..", "success", "fail"])
def test_a_step_name_that_the_format_can_not_hold_is_refused(name):
    with start_run() as run, pytest.raises(RecordingError):
        run.step(name)


def test_nothing_is_left_beside_a_finished_run(project, store_type):
    with start_run(store=store_type, run_id="r") as run, run.step("s"):
        track_this(a=1)
    left = {path.name for path in (project / ".run_log_store").iterdir()}
    assert left == ({"r.json", "r.times"} if store_type == "file-system" else {"r"})
    if store_type == "chunked-fs":
        inside = [path.name for path in (project / ".run_log_store" / "r").iterdir()]
        inside.remove("values.times")
        assert all(name.startswith(("RunLog", "StepLog-")) and name.endswith(".json") for name in inside)


def test_a_run_can_be_taken_up_again_later(stored, store_type):
    with start_run(run_id="r", store=store_type) as run, run.step("a"):
        track_this(a=1)
    with start_run(run_id="r", store=store_type, resume=True) as run, run.step("b"):
        track_this(b=2)
    document = stored("r")
    assert [name for name in document["steps"] if name != "success"] == ["a", "b"]
    assert document["status"] == "SUCCESS"


def test_a_buffered_run_leaves_nothing_on_the_disk_but_what_the_catalog_keeps(project):
    with start_run(store="buffered") as run, run.step("s"):
        track_this(a=1)
    assert not (project / ".run_log_store").exists()
    assert not run.side.exists()
    assert run.parameters == {}


def test_large_logs_are_written_on_one_line_and_small_ones_indented(project):
    with start_run(run_id="small") as run, run.step("s"):
        track_this(a=1)
    with start_run(run_id="large") as run, run.step("s"):
        for i in range(30_000):
            track_this(step=i, a=i)
    store = project / ".run_log_store"
    assert (store / "small.json").read_text().count("\n") > 50
    assert (store / "large.json").read_text().count("\n") == 0
    assert len(json.loads((store / "large.json").read_text())["steps"]["s"]["user_defined_metrics"]["a"]) == 30_000


def test_runs_in_threads_leave_the_environment_as_it_was(stored):
    started = threading.Barrier(4)

    def record(number):
        with start_run(tag=str(number)) as run, run.step("s"):
            started.wait()
            track_this(number=number)
        return run.run_id

    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(record, range(4)))
    assert [stored(run_id)["steps"]["s"]["user_defined_metrics"] for run_id in ids] == [{"number": n} for n in range(4)]
    assert not [name for name in os.environ if name.startswith("MAGNUS_")]
