"""What every test starts from: a user's folders of its own, and stores that it may change."""

import os
import shutil

import pytest
from hypothesis import HealthCheck, settings

from support.stores import DATA_STORES, SAMPLE_RUNS

# How long an example takes says how busy the machine is, and nothing about the code.
settings.register_profile(
    "quiet", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("quiet")

_USER_FOLDERS = ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
_FOREIGN_VARIABLES = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "EDITOR", "VISUAL", "TEXTUAL_THEME")


@pytest.fixture(autouse=True)
def user_folders(tmp_path_factory, monkeypatch):
    """A home without settings or caches; the folder it is in."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in _USER_FOLDERS:
        monkeypatch.setenv(name, str(home / name.removeprefix("XDG_").lower()))
    for name in _FOREIGN_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture
def store_copy(tmp_path):
    """Copies one of the real engines' stores with its catalog, and gives the copy's project folder."""

    def copy(name):
        source = SAMPLE_RUNS if name == "sample_runs" else DATA_STORES / name
        project = tmp_path / name
        for folder in (".run_log_store", ".catalog"):
            shutil.copytree(source / folder, project / folder)
        return project

    return copy
