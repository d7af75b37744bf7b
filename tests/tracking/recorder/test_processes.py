"""Several processes at once, and processes that a step starts."""

import json
import multiprocessing
import os
import pickle
import subprocess
import sys
import textwrap
from datetime import datetime, timedelta

import pytest

from magnus_tracking import NoActiveRunError, start_run, track_this
from magnus_tracking.analysis.liveness import took
from magnus_tracking.journal.journal_paths import find_journals
from magnus_tracking.recorder.recovery import recover_run, recover_store
from magnus_tracking.stores import open_store

pytestmark = pytest.mark.usefixtures("project")

EIGHT = range(8)
POINTS = 200


def child(code, *arguments, **environment):
    command = [sys.executable, "-c", textwrap.dedent(code), *arguments]
    return subprocess.Popen(
        command, env={**os.environ, **environment}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def run_child(code, *arguments):
    with child(code, *arguments) as process:
        output, _ = process.communicate()
    assert process.returncode == 0
    return output


TRACK = f"""
    import sys
    from magnus_tracking import track_this
    for index in range({POINTS}):
        track_this(step=index, **{{f"from_{{sys.argv[1]}}": index}})
"""


def test_eight_processes_track_into_one_step(stored, store_type):
    with start_run(store=store_type) as run, run.step("s"):
        children = [child(TRACK, str(number)) for number in EIGHT]
        for process in children:
            process.communicate()
            assert process.returncode == 0
    metrics = stored(run.run_id)["steps"]["s"]["user_defined_metrics"]
    assert sorted(metrics) == [f"from_{number}" for number in EIGHT]
    assert all(list(values.values()) == list(range(POINTS)) for values in metrics.values())


def record_branch(branch):
    with branch, branch.step("work"):
        print("working on", branch.value)
        for index in range(POINTS):
            track_this(step=index, value=branch.value * 1000 + index)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_eight_processes_record_a_branch_each(stored, store_type, method):
    context = multiprocessing.get_context(method)
    with start_run(store=store_type) as run, run.map("m", EIGHT) as branches:
        workers = [context.Process(target=record_branch, args=(branch,)) for branch in branches]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
            assert worker.exitcode == 0
    document = stored(run.run_id)
    assert document["status"] == "SUCCESS"
    for number in EIGHT:
        branch = document["steps"]["m"]["branches"][f"m.{number}"]
        step = branch["steps"][f"m.{number}.work"]
        expected = {str(i): number * 1000 + i for i in range(POINTS)}
        assert step["user_defined_metrics"] == {"value": expected}
        assert branch["status"] == step["status"] == "SUCCESS"


WHOLE_RUN = f"""
    import sys
    from magnus_tracking import start_run, track_this
    with start_run(tag=sys.argv[1], store=sys.argv[2]) as run:
        for name in ("a", "b"):
            with run.step(name):
                for index in range({POINTS}):
                    track_this(step=index, number=int(sys.argv[1]) * 1000 + index)
    print(run.run_id)
"""


def test_eight_runs_record_into_one_store(stored, store_type):
    children = [child(WHOLE_RUN, str(number), store_type) for number in EIGHT]
    ids = [process.communicate()[0].strip() for process in children]
    assert len(set(ids)) == len(ids)
    for number, run_id in zip(EIGHT, ids, strict=True):
        document = stored(run_id)
        assert document["tag"] == str(number)
        for name in ("a", "b"):
            values = list(document["steps"][name]["user_defined_metrics"]["number"].values())
            assert values == [number * 1000 + index for index in range(POINTS)]


def test_a_child_that_outlives_its_step_is_told_and_what_it_had_tracked_is_kept(stored):
    code = """
        import sys
        from magnus_tracking import NoActiveRunError, track_this
        track_this(early=1)
        print("tracked", flush=True)
        sys.stdin.readline()
        try:
            track_this(late=1)
        except NoActiveRunError as error:
            print(error, flush=True)
    """
    with start_run() as run:
        with run.step("s"):
            process = child(code)
            assert process.stdout.readline() == "tracked\n"
        answer, _ = process.communicate("go on\n")
    assert "has ended" in answer
    assert stored(run.run_id)["steps"]["s"]["user_defined_metrics"] == {"early": 1}


def test_another_language_appends_to_the_journal_in_the_environment(stored):
    with start_run() as run, run.step("s"):
        line = '{"metric": "from shell", "step": 2, "value": [1, null]}'
        subprocess.run(["sh", "-c", f"echo '{line}' >> \"$MAGNUS_JOURNAL\""], check=True)
    assert stored(run.run_id)["steps"]["s"]["user_defined_metrics"] == {"from shell": {"2": [1, None]}}


def test_the_environment_is_left_as_it_was(monkeypatch):
    monkeypatch.setenv("MAGNUS_RUN_ID", "outer")
    before = {name: value for name, value in os.environ.items() if name.startswith("MAGNUS")}
    with start_run(tag="t") as run:
        assert os.environ["MAGNUS_RUN_ID"] == run.run_id
        with run.step("s"):
            assert os.environ["MAGNUS_JOURNAL"]
    assert {name: value for name, value in os.environ.items() if name.startswith("MAGNUS")} == before


def test_our_own_variables_never_look_like_metrics():
    with start_run() as run, run.step("s"):
        assert not [name for name in os.environ if name.startswith("MAGNUS_TRACK_")]


def test_tracking_in_a_forked_child_reaches_the_step(stored):
    with start_run() as run, run.step("s"):
        pid = os.fork()
        if not pid:
            track_this(child=1)
            os._exit(0)
        os.waitpid(pid, 0)
    assert stored(run.run_id)["steps"]["s"]["user_defined_metrics"] == {"child": 1}


KILLED = """
    import sys
    from magnus_tracking import start_run, track_this
    run = start_run(run_id="killed", store=sys.argv[1], tag="t")
    with run.step("done"):
        track_this(a=1)
    with run.parallel("p") as p, p.branch("b") as b, b.step("train"):
        for index in range(50):
            track_this(step=index, loss=index)
        print("ready", flush=True)
        sys.stdin.readline()
"""


@pytest.fixture
def killed(project, store_type):
    with child(KILLED, store_type) as process:
        assert process.stdout.readline() == "ready\n"
        assert "still recording" in recover_store(project / ".run_log_store")[0].reason
        process.kill()
    return "killed"


def test_a_killed_run_shows_all_that_it_had_tracked(stored, killed):
    step = stored(killed)["steps"]["p"]["branches"]["p.b"]["steps"]["p.b.train"]
    assert step["user_defined_metrics"] == {"loss": {str(index): index for index in range(50)}}
    assert stored(killed)["status"] == "PROCESSING"


def test_recovery_folds_in_what_was_tracked_and_says_why_it_failed(stored, killed, project, store_type):
    root = project / ".run_log_store"
    recovery = recover_run(root, killed, chunked=store_type == "chunked-fs")
    assert recovery.attempts == ("p.b.train (attempt 1)",)
    assert not list(root.rglob("*.jsonl"))
    document = stored(killed)
    branch = document["steps"]["p"]["branches"]["p.b"]
    step = branch["steps"]["p.b.train"]
    statuses = [document["status"], document["steps"]["p"]["status"], branch["status"], step["status"]]
    assert statuses == ["FAIL"] * 4
    assert "ended without finishing" in step["attempts"][0]["message"]
    assert step["attempts"][0]["user_defined_metrics"]["loss"]["49"] == 49
    assert document["steps"]["done"]["status"] == "SUCCESS"
    assert not find_journals(root, killed)
    assert recover_store(root) == []


@pytest.mark.parametrize("known", ["", "p", "p.b"])
def test_a_step_that_the_log_does_not_know_is_shown_and_folded_in_by_recovery(
    stored, killed, project, store_type, known
):
    root = project / ".run_log_store"
    if store_type == "chunked-fs":
        for path in list((root / killed).glob("*Log-p*")):
            if not f"{known}.".startswith(f"{path.name.split('-')[1]}."):
                path.unlink()
    else:
        log = json.loads((root / f"{killed}.json").read_text())
        holder = {"": log, "p": log["steps"]["p"], "p.b": log["steps"]["p"]["branches"]["p.b"]}[known]
        holder["branches" if known == "p" else "steps"].clear()
        (root / f"{killed}.json").write_text(json.dumps(log))
    shown, store = stored(killed)["steps"]["p.b.train"], open_store(root)
    assert (shown["status"], shown["user_defined_metrics"]["loss"]["49"]) == ("PROCESSING", 49)
    assert "not in the run log" in shown["message"]
    row = store.summarize(store.handle(killed))
    assert (row.current_step, row.metrics["loss"].last) == ("p.b.train", 49)
    assert recover_run(root, killed, chunked=store_type == "chunked-fs").attempts == ("p.b.train (attempt 1)",)
    branch = stored(killed)["steps"]["p"]["branches"]["p.b"]
    step = branch["steps"]["p.b.train"]
    assert (branch["status"], step["status"]) == ("FAIL", "FAIL")
    assert step["attempts"][0]["user_defined_metrics"]["loss"]["49"] == 49


def test_a_recovered_run_ended_when_it_was_last_heard_of(stored, killed, project, store_type):
    root = project / ".run_log_store"
    store = open_store(project)
    began = store.runs()[0].started
    journal = find_journals(root, killed)[-1]
    heard = datetime.fromisoformat(json.loads(journal.read_text().splitlines()[0])["time"]) + timedelta(seconds=100)
    with journal.open("a") as file:
        file.write('{"metric":"late","step":0,"value":1,"ms":100000}\n')
    os.utime(journal, (heard.timestamp(), heard.timestamp()))
    lasted = (heard - began).total_seconds()
    lost = store.runs()[0]
    assert took(lost, heard + timedelta(days=1), "lost").seconds == lasted
    recover_run(root, killed, chunked=store_type == "chunked-fs")
    recovered = open_store(project).runs()[0]
    assert (recovered.status, recovered.ended, recovered.duration) == ("FAIL", heard, lasted)


def test_a_run_whose_host_is_another_is_left_alone_unless_forced(killed, project, store_type):
    root = project / ".run_log_store"
    for path in find_journals(root, killed):
        lines = path.read_text().splitlines(keepends=True)
        header = json.loads(lines[0])
        header["writer"]["host"] = "elsewhere"
        path.write_text("".join([json.dumps(header) + "\n", *lines[1:]]))
    chunked = store_type == "chunked-fs"
    assert "elsewhere" in recover_run(root, killed, chunked=chunked).reason
    assert recover_run(root, killed, chunked=chunked, force=True).attempts


def test_a_worker_that_is_killed_fails_its_attempt_when_the_run_ends(stored, store_type):
    code = """
        import pickle, sys
        from magnus_tracking import track_this
        branch = pickle.loads(bytes.fromhex(sys.argv[1]))
        with branch.step("work"):
            track_this(a=1)
            print("ready", flush=True)
            sys.stdin.readline()
    """
    with start_run(store=store_type) as run, run.parallel("p") as p:
        branch = p.branch("b")
        with child(code, pickle.dumps(branch).hex()) as process:
            assert process.stdout.readline() == "ready\n"
            process.kill()
    document = stored(run.run_id)
    step = document["steps"]["p"]["branches"]["p.b"]["steps"]["p.b.work"]
    assert document["status"] == step["status"] == "FAIL"
    assert step["user_defined_metrics"] == {"a": 1}


def test_nothing_is_tracked_in_a_process_that_no_step_started():
    output = run_child(
        """
        from magnus_tracking import NoActiveRunError, track_this
        try:
            track_this(a=1)
        except NoActiveRunError as error:
            print(error)
        """
    )
    assert "magnus-track step" in output


def test_a_script_that_forgets_to_finish_is_finished_at_its_end(stored):
    run_child("from magnus_tracking import start_run, track_this; start_run(run_id='ok'); track_this(a=1)")
    with child("from magnus_tracking import start_run; start_run(run_id='bad'); 1 / 0") as process:
        process.communicate()
    assert stored("ok")["status"] == "SUCCESS"
    assert stored("bad")["status"] == "FAIL"


FULL_AT_THE_END = """
    import resource, warnings
    from magnus_tracking import start_run, track_this
    warnings.simplefilter("ignore")
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    run = start_run(run_id="r")
    with run.step("s"):
        track_this(a=1)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, limit[1]))
    run.finish()
    print([path.name for path in run.side.iterdir()] != [])
    resource.setrlimit(resource.RLIMIT_FSIZE, limit)
"""


def test_a_run_that_ended_while_the_disk_was_full_is_written_at_the_end_of_the_program(stored, project):
    assert run_child(FULL_AT_THE_END) == "True\n"
    assert stored("r")["status"] == "SUCCESS"
    assert {path.name for path in (project / ".run_log_store").iterdir()} == {"r.json", "r.times"}


def test_importing_and_tracking_need_nothing_heavy():
    output = run_child(
        """
        import sys
        from magnus_tracking import start_run, track_this
        with start_run() as run, run.step("s"):
            track_this(a=1)
        print([name for name in ("textual", "rich", "mlflow", "pydantic", "msgspec", "yaml") if name in sys.modules])
        """
    )
    assert output.strip() == "[]"
    with pytest.raises(NoActiveRunError):
        track_this(a=1)
