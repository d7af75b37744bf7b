"""What importing a part brings with it, read from the modules of a fresh process."""

import pkgutil
import subprocess
import sys

import pytest

import magnus_tracking

COMMAND_LINE = {"magnus_tracking.cli", "magnus_tracking.__main__"}
CORE = sorted(
    module.name
    for module in pkgutil.walk_packages(magnus_tracking.__path__, "magnus_tracking.")
    if module.name not in COMMAND_LINE
)


def loaded_by(statement):
    """The top-level packages that a process holds after the statement."""
    script = f"{statement}\nimport sys\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_core_needs_neither_textual_nor_rich_nor_the_explorer():
    loaded = loaded_by("\n".join(f"import {name}" for name in CORE))
    assert loaded & {"textual", "rich", "magnus_tui"} == set()


def test_the_core_loads_no_outside_tool_before_it_is_asked_for():
    loaded = loaded_by("\n".join(f"import {name}" for name in CORE))
    assert loaded & {"mlflow", "magnus", "runnable", "numpy", "pandas"} == set()


@pytest.mark.parametrize("heavy", ["pydantic", "textual", "rich", "lark", "watchfiles", "sqlite3"])
def test_tracking_values_loads_nothing_heavy(heavy):
    assert heavy not in loaded_by("from magnus_tracking import start_run, track_this")


def test_the_explorers_command_line_starts_without_loading_screens():
    assert loaded_by("import magnus_tui.__main__") & {"textual", "pydantic", "rich"} == set()
