"""From catalog entries to files, and never out of the catalog."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnus_tracking.logs.catalog import FileState, check_file, file_hash, find_file
from magnus_tracking.runlog.models import DataCatalog
from magnus_tracking.runlog.tree import walk
from magnus_tracking.stores import open_store
from support.stores import DATA_STORES, STORE_NAMES

RUN = "run-1"


@dataclass(frozen=True)
class Home:
    project: Path

    @property
    def catalog(self):
        return self.project / ".catalog"


@pytest.fixture
def home(tmp_path):
    project = tmp_path / "project"
    folder = project / ".catalog" / RUN / "data"
    folder.mkdir(parents=True)
    (folder / "table.csv").write_text("a,b\n")
    (tmp_path / "secret").write_text("secret")
    (project / "secret").write_text("secret")
    return Home(project)


def entry(path=f"{RUN}/data/table.csv", location=".catalog", stage="put", content=b"a,b\n"):
    digest = hashlib.sha256(content).hexdigest()
    return DataCatalog(
        name="data/table.csv",
        data_hash=digest,
        catalog_relative_path=path,
        catalog_handler_location=location,
        stage=stage,
    )


@pytest.mark.parametrize(
    "location",
    [".catalog", "./.catalog", "", "/mnt/catalog", "/on/another/machine/.catalog", "gone", "a\x00b"],
)
def test_a_file_is_found_wherever_the_catalog_was_when_it_was_written(home, location):
    found = check_file(entry(location=location), home, RUN)
    assert found.state is FileState.PRESENT
    assert found.path.read_text() == "a,b\n"
    assert found.size == 4


def test_an_absolute_catalog_is_looked_into_before_the_one_beside_the_store(home, tmp_path):
    other = tmp_path / "mnt" / RUN / "data"
    other.mkdir(parents=True)
    (other / "table.csv").write_text("x,y\n")
    found = find_file(entry(location=str(tmp_path / "mnt")), home, RUN)
    assert found.path.read_text() == "x,y\n"


def test_entries_that_were_got_have_paths_without_the_run(home):
    assert check_file(entry(path="data/table.csv", stage="get"), home, RUN).state is FileState.PRESENT


def test_a_file_whose_content_changed_is_altered(home):
    assert check_file(entry(content=b"something else"), home, RUN).state is FileState.ALTERED


def test_a_file_that_is_gone_is_missing(home):
    (home.catalog / RUN / "data" / "table.csv").unlink()
    found = check_file(entry(), home, RUN)
    assert (found.state, found.path, found.size) == (FileState.MISSING, None, None)


def test_a_folder_is_no_file(home):
    assert find_file(entry(path=f"{RUN}/data"), home, RUN).state is FileState.MISSING


def test_md5_hashes_of_older_versions_are_held_against_the_content(home):
    old = entry().model_copy(update={"data_hash": hashlib.md5(b"a,b\n", usedforsecurity=False).hexdigest()})
    assert check_file(old, home, RUN).state is FileState.PRESENT


@pytest.mark.parametrize(
    "path",
    [
        "../secret",
        f"{RUN}/../../secret",
        f"{RUN}/../../../secret",
        "../../etc/passwd",
        "/etc/passwd",
        f"{RUN}/data/../../../secret",
        "..",
        "../../../../../../../../../../etc/passwd",
    ],
)
def test_a_path_out_of_the_catalog_is_not_followed(home, path):
    found = check_file(entry(path=path), home, RUN)
    assert found.path is None
    assert found.state in (FileState.OUTSIDE, FileState.MISSING)


@pytest.mark.parametrize("location", ["..", "../", "/", "../..", ".catalog/../.."])
def test_a_location_out_of_the_project_is_not_followed(home, location):
    assert find_file(entry(path="secret", location=location), home, RUN).path is None


def test_a_link_out_of_the_catalog_is_not_followed(home, tmp_path):
    (home.catalog / RUN / "link").symlink_to(tmp_path / "secret")
    (home.catalog / RUN / "folder").symlink_to(tmp_path)
    for path in (f"{RUN}/link", f"{RUN}/folder/secret"):
        assert find_file(entry(path=path), home, RUN).state is FileState.OUTSIDE


@pytest.mark.parametrize("run_id", ["..", ".", "../..", "/etc", ""])
def test_the_name_of_a_run_does_not_lead_out_of_the_catalog(home, run_id):
    assert find_file(entry(path="secret"), home, run_id).path is None
    assert find_file(entry(path="passwd"), home, run_id).path is None


def test_a_loop_of_links_is_no_file(home):
    (home.catalog / RUN / "loop").symlink_to(home.catalog / RUN / "loop")
    assert find_file(entry(path=f"{RUN}/loop"), home, RUN).path is None


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_entry_gives_a_state_and_only_files_inside(tmp_path_factory, path, location):
    project = tmp_path_factory.mktemp("project")
    inside = project / ".catalog" / RUN
    inside.mkdir(parents=True)
    (project / "secret").write_text("secret")
    found = find_file(entry(path=path, location=location), Home(project), RUN)
    assert found.path is None


def test_hashes_of_files_that_cannot_be_read_are_none(home):
    assert file_hash(home.catalog / "gone") is None
    assert file_hash(home.catalog) is None


@pytest.mark.parametrize("name", STORE_NAMES)
def test_files_of_real_catalogs_are_found_and_have_the_hashes_that_engines_wrote(name):
    store = open_store(str(DATA_STORES / name))
    states = [
        check_file(entry, store, summary.run_id).state
        for summary in store.runs()
        for node in walk(store.load(summary.run_id))
        for entry in node.step.data_catalog
    ]
    assert states.count(FileState.PRESENT) > len(states) * 0.4
    assert FileState.OUTSIDE not in states
    assert FileState.UNREADABLE not in states
