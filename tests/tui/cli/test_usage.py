"""Names of runs, errors on one line, exit statuses, pipes, locales, and what start-up imports."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import expected_runs as expected

SWEEP = expected.STORES / "magnus-sweep"
PROGRAM = [sys.executable, "-m", "magnus_tui"]


def test_a_run_is_named_by_its_id_a_beginning_or_latest(run):
    assert run("show", "sweep-1", "-s", SWEEP, "--format", "json").json["run_id"] == "sweep-1"
    assert run("show", "fixed-11", "-s", SWEEP, "--format", "json").json["run_id"] == "fixed-11"
    newest = run("runs", "-s", SWEEP, "--limit", "1", "--format", "json").json[0]["run_id"]
    assert run("show", "latest", "-s", SWEEP, "--format", "json").json["run_id"] == newest


def test_an_ambiguous_beginning_lists_the_candidates(run):
    wrong = run("show", "sweep-1", "-s", SWEEP)
    assert wrong.status == 0
    wrong = run("show", "fixed", "-s", SWEEP)
    assert (wrong.status, wrong.out) == (1, "")
    assert "fixed-1, fixed-11, fixed-2" in wrong.err


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["show", "nobody", "-s", SWEEP], 1, "no run 'nobody' in"),
        (["runs", "-s", "/nowhere/at/all"], 1, "no run log store at /nowhere/at/all"),
        (["n" * 300], 2, "the explorer needs a terminal"),
        (["runs", "-s", "n" * 300], 1, "no run log store at nnn"),
        (["~nobody-is-called-so"], 2, "the explorer needs a terminal"),
        (["runs", "-s", "~nobody-is-called-so"], 1, "no run log store at ~nobody-is-called-so"),
        (["runs", "--colour"], 2, "No such option"),
        (["runs", "-s", SWEEP, "--format", "xml"], 2, "'xml' is not one of"),
        (["runs", "-s", SWEEP, "--limit", "-1"], 2, "-1"),
        (["runs", "-s", SWEEP, "--sort", "colour"], 2, "there is no field 'colour'"),
        (["show"], 2, "Missing argument"),
        (["runz"], 2, "did you mean runs?"),
        (["plot", "-s", SWEEP], 2, "there is no command and no store 'plot'"),
        (["runs", "-s", "/dev/null"], 1, "neither a folder nor a regular file"),
        (["metrics", "fixed-3", "--metric", "metric.lozz", "-s", SWEEP], 1, "no metric 'lozz' in 'fixed-3'"),
    ],
)
def test_what_goes_wrong_is_one_line_and_a_status(run, arguments, status, says):
    wrong = run(*arguments)
    assert (wrong.status, wrong.out) == (status, "")
    assert wrong.err.startswith("magnus-tui: ")
    assert says in wrong.err
    assert len(wrong.err.splitlines()) == (3 if "colour" in arguments else 1)


def test_what_is_said_of_a_run_that_is_not_there_leads_to_those_that_are(run):
    said = run("show", "nobody", "-s", SWEEP).err
    command = shlex.split(said.partition("`")[2].rpartition("`")[0])
    assert "sweep-1" in run(*command[1:]).out


@pytest.mark.parametrize(
    "arguments", [["runs", "-s"], ["runs", "--where", "status:fail", "-s"], ["failures", "-s"], ["check"]]
)
def test_a_store_without_runs_is_said_to_have_none(run, make_store, arguments):
    store = make_store()
    ran = run(*arguments, store)
    assert ran.status == 0
    assert "there are no runs in " in ran.out + ran.err
    assert "there are no runs" in run("show", "latest", "-s", store).err


def test_a_metric_may_be_named_as_queries_name_it(run):
    plain = run("metrics", "fixed-3", "--metric", "loss", "-s", SWEEP).out
    assert run("metrics", "fixed-3", "--metric", "metric.loss", "-s", SWEEP).out == plain


def test_an_error_in_a_query_points_at_the_character(run):
    wrong = run("runs", "-s", SWEEP, "--where", "tag:é status<")
    assert wrong.status == 2
    message, query, caret = wrong.err.splitlines()
    assert "expected a value" in message
    assert query == "  tag:é status<"
    assert caret.index("^") == len(query)


def test_an_unreadable_run_is_one_line_that_names_the_file(run, make_store, make_run):
    store = make_store(make_run("good"))
    (store / ".run_log_store" / "torn.json").write_text('{"run_id": "torn", "sta')
    wrong = run("show", "torn", "-s", store)
    assert wrong.status == 1
    assert "torn.json" in wrong.err
    assert len(wrong.err.splitlines()) == 1


def test_a_deeply_nested_log_is_shown_or_refused_in_one_line(run, make_store, make_run):
    store = make_store(make_run("good"))
    nested = json.dumps(make_run("deep")).replace(
        '"parameters": {}, "run_config"', '"parameters": {"x": @}, "run_config"'
    )
    for depth in (50, 150, 250, 500, 5000):
        log = nested.replace("@", "[" * depth + "1" + "]" * depth)
        (store / ".run_log_store" / "deep.json").write_text(log)
        for output_format in ("table", "json", "markdown"):
            shown = run("show", "deep", "-s", store, "--format", output_format)
            assert shown.status in (0, 1)
            assert shown.status == 0 or len(shown.err.splitlines()) == 1
            assert run("runs", "-s", store, "--format", output_format).status == 0


def test_the_help_lists_every_command(run):
    shown = run("--help").out
    assert all(name in shown for name in ("runs", "show", "metrics", "compare", "failures", "log", "check", "serve"))


def test_the_schema_describes_a_run_log(run):
    schema = run("schema").json
    assert {"run_id", "steps", "status", "job"} <= set(schema["properties"])


def test_a_mistake_in_the_settings_is_told_and_the_command_works(run):
    (Path(os.environ["MAGNUS_TUI_CONFIG"]) / "settings.toml").write_text("colour = 3\n")
    shown = run("runs", "-s", SWEEP, "--format", "json")
    assert shown.status == 0
    assert shown.json
    assert "unknown setting 'colour'" in shown.err


def test_a_reader_that_goes_away_is_no_error():
    for command in ("runs", "metrics fixed-9", "show fixed-9 --format json"):
        line = f"{sys.executable} -m magnus_tui {command} -s {SWEEP} | head -n 1"
        ran = subprocess.run(["bash", "-c", f"set -o pipefail; {line}"], capture_output=True, text=True, check=False)
        assert ran.stderr == ""
        assert ran.returncode == 0


@pytest.mark.parametrize("locale", ["C", "POSIX"])
def test_the_output_is_utf8_whatever_the_locale(make_store, make_run, locale):
    store = make_store(make_run("één-🚀", tag="日本"))
    environment = {**os.environ, "LC_ALL": locale, "LANG": locale, "PYTHONIOENCODING": "ascii"}
    ran = subprocess.run([*PROGRAM, "runs", "-s", store], capture_output=True, env=environment, check=True)
    assert "één-🚀" in ran.stdout.decode("utf-8")
    assert "日本" in ran.stdout.decode("utf-8")


def imported(code):
    script = f"import sys\n{code}\nprint(' '.join(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(ran.stdout.split("\n")[-2].split())


def test_commands_import_only_what_they_need():
    assert not {"click", "lark", "rich", "textual", "pydantic"} & imported("import magnus_tui.__main__")
    command = f"main(['runs', '-s', {str(SWEEP)!r}, '--format', 'json', '--limit', '1'])"
    listing = imported(f"from magnus_tui.__main__ import main\n{command}")
    assert not {"lark", "textual", "pydantic", "rich.console"} & listing


@pytest.mark.parametrize(
    ("arguments", "same"),
    [
        (["runs", SWEEP, "--limit", "2"], ["runs", "--limit", "2", "-s", SWEEP]),
        (["runs", "--limit", "2", SWEEP], ["runs", "--limit", "2", "-s", SWEEP]),
        (["failures", SWEEP], ["failures", "-s", SWEEP]),
        (["show", SWEEP, "sweep-1"], ["show", "sweep-1", "-s", SWEEP]),
        (
            ["compare", "--changed", SWEEP, "sweep-1", "sweep-2"],
            ["compare", "sweep-1", "sweep-2", "--changed", "-s", SWEEP],
        ),
    ],
)
def test_a_store_is_an_argument_of_every_command_too(run, arguments, same):
    assert run(*arguments).out == run(*same).out != ""


def test_a_name_without_a_slash_is_a_run_and_not_a_store(run):
    assert "no run 'sweep-1' in" in run("show", "sweep-1").err or "no run log store" in run("show", "sweep-1").err
