"""What users may import: named here one by one, described in the documentation, and nothing besides."""

import re
from importlib import import_module

import pytest

import magnus_tracking
from magnus_tracking import MagnusTrackingError, errors
from support.imports import loaded_by
from support.stores import TESTS

RECORDING = {
    "CurrentStep",
    "RecordingWarning",
    "Run",
    "Step",
    "current_step",
    "get_experiment_tracker_context",
    "start_run",
    "track_this",
}
TRACKERS = {"RunInfo", "Tracker"}
READING = {"Failures", "RunComparison", "RunLog", "RunStore", "RunSummary", "Runs", "StoredRun", "open_store", "query"}
ERRORS = {
    "AmbiguousNameError",
    "CatalogError",
    "CommandFailedError",
    "ConfigurationError",
    "MagnusTrackingError",
    "NoActiveRunError",
    "QueryError",
    "RecordingError",
    "RunNotFoundError",
    "StepNotFoundError",
    "StoreNotFoundError",
    "StoreUnreadableError",
    "UnreadableRunError",
}
DOCS = TESTS.parent / "docs"
PAGES = [TESTS.parent / "README.md", TESTS.parent / "tracking" / "README.md", *sorted(DOCS.glob("*.md"))]


def test_the_public_names_are_these():
    assert set(magnus_tracking.__all__) == RECORDING | TRACKERS | READING | ERRORS


@pytest.mark.parametrize("name", magnus_tracking.__all__)
def test_a_public_name_is_there_and_described(name):
    value = getattr(magnus_tracking, name)
    assert value.__doc__
    assert name in dir(magnus_tracking)
    assert f"`{name}`" in (DOCS / "python.md").read_text()


def test_every_error_is_public():
    raised = {
        name for name, value in vars(errors).items() if isinstance(value, type) and value.__module__ == errors.__name__
    }
    assert raised == ERRORS | {"RecordingWarning"}
    assert all(issubclass(getattr(magnus_tracking, name), MagnusTrackingError) for name in ERRORS)


@pytest.mark.parametrize("name", magnus_tracking.__all__)
def test_a_public_name_is_there_without_importing_its_module(name):
    loaded_by(f"import magnus_tracking; magnus_tracking.{name}")


def test_another_name_is_refused_by_name():
    with pytest.raises(AttributeError, match="'magnus_tracking' has no attribute 'nothing'"):
        _ = magnus_tracking.nothing


def test_all_names_of_the_query_language_are_there():
    query = import_module("magnus_tracking.query")
    assert all(getattr(query, name) is not None for name in query.__all__)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_documentation_imports_public_names_only(page):
    imported = re.findall(r"(?:from|import) (magnus_tracking[.\w]*)(?: import (.+))?", page.read_text())
    for module, names in imported:
        assert module == "magnus_tracking"
        assert set(names.split(", ")) <= set(magnus_tracking.__all__)


def test_importing_the_package_loads_next_to_nothing():
    assert "magnus_tracking" in loaded_by("import magnus_tracking")
    assert not loaded_by("import magnus_tracking") & {"msgspec", "pydantic", "click", "lark", "json", "dataclasses"}
