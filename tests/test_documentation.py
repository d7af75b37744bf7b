"""The documentation's examples run as they stand, and its links lead somewhere."""

import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

from magnus_tracking.errors import ConfigurationError
from magnus_tracking.query import parse
from magnus_tracking.recorder.configuration import load_configuration
from magnus_tui.cli.group import commands
from support.stores import TESTS

ROOT = TESTS.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "tracking" / "README.md",
    ROOT / "benchmarks" / "README.md",
    ROOT / "sample_runs" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
SET_UP = ("python3.11 -m venv", ".venv/bin/python", ".venv/bin/pre-commit", ".ci/check")
"""Commands that make the environment in which this test runs; the continuous integration runs them as they stand."""

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^|\n\n)((?:    .*\n)(?:(?:    .*)?\n)*)")
_FROM_THE_ROOT = re.compile(r"`((?:tests|tracking|tui|docs|benchmarks|sample_runs)/[^`\s]*)`")
_LINK = re.compile(r"\]\(([^)#\s]+)")


def blocks():
    """Every block of the documentation, as (page, language, text)."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for language, block in _FENCE.findall(text):
            yield page, language, block
        for block in _INDENTED.findall(_FENCE.sub("", text)):
            dedented = "".join(line[4:] if line.strip() else "\n" for line in block.splitlines(keepends=True))
            yield page, "", dedented.strip("\n") + "\n"


def kind_of(page, language, text):
    """What a block holds: python, yaml, shell, usage, query, a journal's line, the shape of a JSON, or set-up."""
    first = text.split()[0]
    if page.name == "notebooks.md":
        return "notebook"  # outside/test_notebook.py runs it as a whole
    if language in {"python", "yaml"}:
        return language
    if re.match(r"(from|import) \w+.* import |import \w+$", text.split("\n")[0]):
        return "python"
    if text.startswith(SET_UP):
        return "set-up"
    if first in {"magnus-tui", "magnus-track"} and re.search(r"\[(-|[A-Z])|…|RUN\b", text):
        return "usage"
    if language == "sh" or first in {"magnus-tui", "magnus-track", "echo"}:
        return "shell"
    if page.name == "queries.md":
        return "queries"
    return "json" if text.startswith('{"') else "shape"


def of_kind(*kinds):
    """The blocks of these kinds, as parameters of a test."""
    found = [(page, text) for page, language, text in blocks() if kind_of(page, language, text) in kinds]
    assert found, kinds
    return [pytest.param(text, id=f"{page.relative_to(ROOT)}-{number}") for number, (page, text) in enumerate(found)]


@pytest.fixture
def shell(tmp_path, store_copy):
    """Runs a script where the documentation's examples are: beside the sample runs, with the scripts that they name."""
    project = store_copy("sample_runs")
    for name in ("prepare.py", "train.py"):
        (project / name).write_text("print('done')\n")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    def run(script):
        environment = {**os.environ, "PATH": path}
        done = subprocess.run(
            ["bash", "-euc", script], cwd=project, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.mark.parametrize("text", of_kind("python"))
def test_python_runs_as_it_stands(text, store_copy):
    project = store_copy("sample_runs")
    (project / "example.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "-W", "error", "example.py"], cwd=project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("text", of_kind("shell"))
def test_commands_run_as_they_stand(text, shell):
    if "$MAGNUS_JOURNAL" in text:
        text = f"magnus-track step rows -- sh -c {shlex.quote(text.strip())}"
    shell(text)


@pytest.mark.parametrize("text", of_kind("usage"))
def test_each_command_and_option_of_a_synopsis_is_there(text):
    for line in text.splitlines():
        words = line.split()
        if words[:1] != ["magnus-tui"] or words[1].startswith("["):
            continue
        help_text = CliRunner().invoke(commands, [words[1], "--help"]).output
        for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", line.partition(words[1])[2]):
            assert option in help_text, f"magnus-tui {words[1]} {option}"


@pytest.mark.parametrize("text", of_kind("yaml"))
def test_configurations_are_taken(text, tmp_path):
    (tmp_path / "config.yaml").write_text(text)
    # MLflow is an extra: that it is missing is the last thing that is looked at.
    missing = pytest.raises(ConfigurationError, match="MLflow is not installed")
    with contextlib.nullcontext() if find_spec("mlflow") else missing:
        load_configuration(tmp_path / "config.yaml")


@pytest.mark.parametrize("text", of_kind("queries"))
def test_queries_are_queries(text):
    for line in text.splitlines():
        parse(re.split(r"\s{3,}", line)[0])


@pytest.mark.parametrize("text", of_kind("json"))
def test_lines_of_json_are_json(text):
    for line in text.splitlines():
        json.loads(line)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_that_are_there(page):
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        assert "://" in target or (page.parent / target).exists(), target


@pytest.mark.parametrize("page", [*PAGES, ROOT / "SECURITY.md"], ids=lambda page: str(page.relative_to(ROOT)))
def test_files_named_from_the_root_are_there(page):
    named = _FROM_THE_ROOT.findall(page.read_text(encoding="utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_continuous_integration_runs_the_test_command_of_the_readme():
    assert "readme_command '-m pytest'" in (ROOT / ".ci" / "run").read_text()


def test_mutation_testing_names_files_that_exist():
    """As CONTRIBUTING.md says, `tool.mutmut` names modules and their tests."""
    chosen = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mutmut"]
    named = [*chosen["only_mutate"], *chosen["pytest_add_cli_args_test_selection"]]
    assert [
        name for name in named if not any((ROOT / place / name).exists() for place in ("", "tracking", "tui"))
    ] == []
