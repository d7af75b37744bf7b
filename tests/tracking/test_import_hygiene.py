"""What importing a part brings with it, read from the modules of a fresh process."""

import pkgutil
from importlib import import_module

import pytest

import magnus_tracking
from support.imports import loaded_by

COMMAND_LINE = {"magnus_tracking.cli", "magnus_tracking.__main__"}
CORE = sorted(
    module.name
    for module in pkgutil.walk_packages(magnus_tracking.__path__, "magnus_tracking.")
    if module.name not in COMMAND_LINE
)


def test_the_root_of_the_package_holds_few_modules():
    alone = [module.name for module in pkgutil.iter_modules(magnus_tracking.__path__) if not module.ispkg]
    assert len(alone) <= 6, alone


def test_the_core_needs_neither_textual_nor_rich_nor_the_explorer():
    loaded = loaded_by("\n".join(f"import {name}" for name in CORE))
    assert loaded & {"textual", "rich", "magnus_tui"} == set()


def test_the_core_loads_no_outside_tool_before_it_is_asked_for():
    loaded = loaded_by("\n".join(f"import {name}" for name in CORE))
    assert loaded & {"mlflow", "magnus", "runnable", "numpy", "pandas", "obstore"} == set()


@pytest.mark.parametrize("heavy", ["pydantic", "textual", "rich", "lark", "watchfiles", "sqlite3"])
def test_tracking_values_loads_nothing_heavy(heavy):
    assert heavy not in loaded_by("from magnus_tracking import start_run, track_this")


@pytest.mark.parametrize("name", [name for name in CORE if hasattr(import_module(name), "__path__")])
def test_no_module_hides_what_its_package_exports(name):
    package = import_module(name)
    modules = {module.name for module in pkgutil.iter_modules(package.__path__)}
    assert not modules.intersection(getattr(package, "__all__", ()))
