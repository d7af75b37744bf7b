from datetime import datetime, timedelta

import expected_runs as expected
from magnus_tracking.analysis.compare import last_success, reruns_of
from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.stores import open_store
from support.stores import SAMPLE_RUNS

START = datetime(2026, 1, 1)


def run(name, hours, status="SUCCESS", pipeline="p"):
    return RunSummary(name, status=status, dag_hash=pipeline, started=START + timedelta(hours=hours))


def test_a_run_finds_its_reruns():
    runs = open_store(expected.STORES / "magnus-reruns").runs()
    assert [other.run_id for other in reruns_of(runs, "lr-too-high")] == ["lr-too-high-rerun"]
    assert reruns_of(runs, "lr-too-high-rerun") == []


def test_the_last_success_is_the_latest_before_the_failure():
    failed = run("failed", 5, "FAIL")
    runs = [run("old", 1), run("before", 4), run("after", 6), run("other", 4.5, pipeline="q"), failed]
    assert last_success(runs, failed).run_id == "before"


def test_without_an_earlier_success_it_is_the_first_one_after():
    failed = run("failed", 0, "FAIL")
    assert last_success([run("mended", 2), run("later", 3), failed], failed).run_id == "mended"


def test_a_pipeline_that_never_succeeded_has_none():
    failed = run("failed", 0, "FAIL")
    assert last_success([failed, run("broken", 1, "FAIL")], failed) is None
    unknown = run("unknown", 2, "FAIL", pipeline="")
    assert last_success([run("nameless", 1, pipeline=""), unknown], unknown) is None


def test_a_script_that_failed_half_way_is_held_against_its_success_though_not_all_of_its_steps_had_begun():
    runs = open_store(SAMPLE_RUNS).runs()
    for failed in (run for run in runs if run.run_id in ("tracked-failed", "tracked-diverged")):
        assert last_success(runs, failed).run_id == "tracked-sweep-4"


def test_a_run_with_another_tag_or_other_steps_is_not_taken_for_its_success():
    def script(name, status, *planned, tag="digits"):
        return RunSummary(name, status=status, planned=planned, tag=tag, started=START)

    failed = script("failed", "FAIL", "prepare", "train")
    others = [
        script("of another tag", "SUCCESS", "prepare", "train", "evaluate", tag="mnist"),
        script("shorter", "SUCCESS", "prepare"),
        script("other steps", "SUCCESS", "load", "train"),
    ]
    assert last_success([failed, *others], failed) is None
    assert last_success([*others, script("whole", "SUCCESS", "prepare", "train", "evaluate")], failed).run_id == "whole"


def test_a_script_that_failed_before_its_first_step_is_held_against_its_success_and_no_other_scripts():
    def script(name, status, *planned, file="train.py"):
        return RunSummary(name, status=status, planned=planned, script=file, started=START)

    failed = script("failed", "FAIL")
    other = script("of another script", "SUCCESS", "prepare", file="other.py")
    assert last_success([failed, other], failed) is None
    assert last_success([failed, other, script("whole", "SUCCESS", "prepare", "train")], failed).run_id == "whole"
