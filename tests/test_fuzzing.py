"""The fuzzer makes the same input each time, finds what escapes, hangs or takes too much memory, and keeps it."""

import subprocess
import sys

import pytest

from fuzzing import driving
from fuzzing.__main__ import Child
from fuzzing.worker import write_case
from support.stores import TESTS, stamps


def fuzz(cases, *options):
    command = [sys.executable, "-m", "fuzzing", "--cases", str(cases), *options]
    return subprocess.run(command, cwd=TESTS, capture_output=True, text=True, check=False)


def test_a_few_inputs_of_each_kind_find_nothing(tmp_path):
    ran = fuzz(tmp_path / "cases", "--inputs", "40", "--seed", "1")
    assert "inputs tried: 40" in ran.stdout, ran.stderr
    assert ran.returncode == 0, ran.stdout
    assert "exceptions that escaped: 0" in ran.stdout
    assert not (tmp_path / "cases").exists()


@pytest.mark.parametrize("target", driving.TARGETS)
def test_an_input_is_the_same_whenever_it_is_made(tmp_path, target):
    made = []
    for name in ("one", "two"):
        chance = driving.make(target, 7, tmp_path / name)
        made.append(([(path, *seen[:2]) for path, seen in stamps(tmp_path / name).items()], chance.random()))
    assert [(path, size) for path, _, size in made[0][0] if path != "."] == [
        (path, size) for path, _, size in made[1][0] if path != "."
    ]
    assert made[0][1] == made[1][1]


def test_a_finding_is_kept_with_its_input_and_how_to_repeat_it(tmp_path):
    case = write_case(tmp_path, "chunks", 3, [("escape", "ValueError: no")])
    assert (case / "input" / ".run_log_store" / "changed").is_dir()
    text = (case / "finding.txt").read_text()
    assert "--only chunks --seed 3 --inputs 1" in text
    assert "ValueError: no" in text


def test_a_process_that_ends_is_a_finding(tmp_path):
    child = Child(tmp_path)
    try:
        child.stop()
        child.give("run-log", 1)
        found, _ = child.answer()
        assert found[0][0] == "escape"
        assert "the process ended" in found[0][1]
    finally:
        child.close()


def test_a_process_that_does_not_answer_is_a_finding_that_says_where_it_stands(tmp_path):
    child = Child(tmp_path, patience=0.0)
    try:
        child.give("run-log", 1)
        found, _ = child.answer()
        assert found[0][0] == "hang"
        assert (tmp_path / "run-log-1" / "finding.txt").exists()
    finally:
        child.close()
