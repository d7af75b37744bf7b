"""From catalog entries to files, and never out of the catalog."""

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnus_tracking.logs.catalog import (
    FileState,
    RunHome,
    catalog_folders,
    check_file,
    file_hash,
    find_file,
    project_of,
    refusal,
    run_home,
)
from magnus_tracking.logs.locate import RunLogs
from magnus_tracking.runlog.models import DataCatalog, RunLog
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


@pytest.mark.parametrize("stage", ["put", "get"])
def test_a_path_without_the_run_id_is_meant_from_the_folder_of_the_run(home, stage):
    without = entry("data/table.csv", stage=stage)
    (home.catalog / "data").mkdir()
    (home.catalog / "data" / "table.csv").write_text("of no run")
    assert check_file(without, home, RUN).state is FileState.PRESENT
    (home.catalog / RUN / "data" / "table.csv").unlink()
    assert check_file(without, home, RUN).state is FileState.MISSING


def outside(tmp_path):
    """A catalog outside the project, with a file of the same name as the one inside."""
    other = tmp_path / "mnt" / RUN / "data"
    other.mkdir(parents=True)
    (other / "table.csv").write_text("x,y\n")
    return tmp_path / "mnt"


def test_a_catalog_outside_the_project_is_not_read_unless_the_user_named_it(home, tmp_path):
    named = outside(tmp_path)
    assert find_file(entry(location=str(named)), home, RUN).path.read_text() == "a,b\n"
    allowed = RunHome(home.project, (home.catalog,), named=(named,))
    assert find_file(entry(location=str(named)), allowed, RUN).path.read_text() == "x,y\n"


@pytest.mark.parametrize("location", ["{mnt}", "../mnt", "{mnt}/../mnt", "link/../../mnt", "way/mnt"])
def test_what_only_lies_outside_the_project_says_how_to_allow_it(home, tmp_path, location):
    named = outside(tmp_path)
    (home.catalog / RUN / "data" / "table.csv").unlink()
    (home.project / "way").symlink_to(tmp_path)
    location = location.format(mnt=named)
    found = find_file(entry(location=location), home, RUN)
    assert (found.state, found.path) == (FileState.NOT_ALLOWED, None)
    assert f"outside the project and is only read if you name it: --catalog {location}," in refusal(location, home, RUN)


def test_a_folder_below_one_that_the_user_named_may_be_read(home, tmp_path):
    outside(tmp_path)
    allowed = RunHome(home.project, (), named=(tmp_path,))
    assert find_file(entry(location=str(tmp_path / "mnt")), allowed, RUN).state is FileState.PRESENT


def test_catalogs_are_looked_for_in_their_order(home, tmp_path):
    known = RunHome(home.project, (home.catalog, home.project / "catalog"), (tmp_path / "mine",), "kept/there")
    names = [str(folder.relative_to(tmp_path)) for folder in catalog_folders("data", known)]
    expected = ["mine", "project/data", "project/kept/there", "project/.catalog", "project/catalog"]
    assert names == expected


def test_the_catalog_may_be_a_link_but_not_lead_on(home, tmp_path):
    named = outside(tmp_path)
    (named / RUN / "data" / "out.csv").symlink_to(tmp_path / "secret")
    (home.project / "linked").symlink_to(named)
    assert find_file(entry(location="linked"), home, RUN).path.read_text() == "x,y\n"
    (home.catalog / RUN / "data" / "out.csv").symlink_to(tmp_path / "secret")
    assert find_file(entry(path=f"{RUN}/data/out.csv", location="linked"), home, RUN).path is None


def test_a_run_folder_that_is_a_link_out_of_the_catalog_says_where_it_leads_and_how_to_allow_it(home, tmp_path):
    target = outside(tmp_path) / RUN
    shutil.rmtree(home.catalog / RUN)
    (home.catalog / RUN).symlink_to(target)
    assert find_file(entry(), home, RUN).state is FileState.NOT_ALLOWED
    said = refusal(".catalog", home, RUN)
    assert f"{home.catalog / RUN} is a link to {target}, which lies outside" in said
    assert f"--catalog {target}," in said
    for named in (target, target.parent):
        allowed = RunHome(home.project, (home.catalog,), named=(named,))
        assert find_file(entry(), allowed, RUN).path.read_text() == "x,y\n"


@pytest.mark.parametrize("status", ["FAIL", "PROCESSING"])
def test_logs_that_no_entry_names_are_read_through_a_link_only_if_it_is_named(home, tmp_path, status):
    step = {"name": "boom", "internal_name": "boom", "status": status, "step_type": "task"}
    step["attempts"] = [{"attempt_number": 1, "status": status}]
    run = RunLog.model_validate({"run_id": RUN, "status": status, "steps": {"boom": step}})
    target = tmp_path / "mnt" / "kept"
    target.mkdir(parents=True)
    (target / ("boom4AB" if status == "FAIL" else "boom")).with_suffix(".execution.log").write_text("x")
    shutil.rmtree(home.catalog / RUN)
    (home.catalog / RUN).symlink_to(target)
    found = RunLogs(run, home).of(run.steps["boom"])
    assert found.logs == ()
    assert f"--catalog {target}," in found.statement
    assert str(home.catalog / RUN) not in found.looked
    named = RunHome(home.project, (home.catalog,), named=(target,))
    assert RunLogs(run, named).of(run.steps["boom"]).logs[0].path.read_text() == "x"


@pytest.mark.parametrize(
    ("store", "log_folder", "project"),
    [
        ("p/.run_log_store", ".run_log_store", "p"),
        ("p/logs/runs", "logs/runs", "p"),
        ("p/logs/runs", "./logs/runs/", "p"),
        ("p/logs/runs", "other/runs", "p/logs"),
        ("p/logs/runs", "../logs/runs", "p/logs"),
        ("p/logs/runs", "{root}/p/logs/runs", "p/logs"),
        ("p/logs/runs", "", "p/logs"),
        ("mnt/run_logs", "run_logs/", "mnt"),
        ("p/logs/runs", "a\x00b/runs", "p/logs"),
    ],
)
def test_the_project_is_as_many_levels_up_as_the_log_folder_has_parts(tmp_path, store, log_folder, project):
    assert project_of(tmp_path / store, log_folder.format(root=tmp_path)) == tmp_path / project


def test_no_log_makes_the_whole_file_system_its_project(tmp_path):
    everything = str(tmp_path / "store").lstrip("/")
    assert project_of(tmp_path / "store", everything) == tmp_path


@pytest.mark.parametrize(
    ("store", "config", "catalog"),
    [
        ("logs/runs", {"run_log_store": {"log_folder": "logs/runs"}}, ".catalog"),
        ("run_logs", {}, "catalog"),
        (".run_log_store", {"catalog_handler": {"catalog_location": "data/kept"}}, "data/kept"),
    ],
    ids=["nested log folder", "Argo's volume", "runnable 0.28"],
)
def test_logs_that_no_entry_names_are_found_where_the_run_kept_them(tmp_path, store, config, catalog):
    step = {
        "name": "boom",
        "internal_name": "boom",
        "status": "FAIL",
        "step_type": "task",
        "attempts": [{"attempt_number": 1, "status": "FAIL"}],
    }
    run = {"run_id": "r", "status": "FAIL", "steps": {"boom": step}, "run_config": config}
    (tmp_path / store).mkdir(parents=True)
    (tmp_path / store / "r.json").write_text(json.dumps(run))
    folder = tmp_path / (catalog if "log_folder" not in str(config) else ".catalog") / "r"
    if "log_folder" in str(config):
        config["catalog_handler"] = {"catalog_location": ".catalog"}
        (tmp_path / store / "r.json").write_text(json.dumps(run))
    folder.mkdir(parents=True)
    (folder / "boom4AB.execution.log").write_text("here")
    opened = open_store(tmp_path / store)
    log = opened.load("r")
    (found,) = RunLogs(log, opened).of(log.steps["boom"]).logs
    assert found.path.read_text() == "here"
    (folder / "boom4AB.execution.log").unlink()
    missing = RunLogs(log, opened).of(log.steps["boom"])
    assert str(folder) in missing.statement


def test_entries_that_were_got_have_paths_without_the_run(home):
    assert check_file(entry(path="data/table.csv", stage="get"), home, RUN).state is FileState.PRESENT


def test_a_file_whose_content_changed_is_altered(home):
    assert check_file(entry(content=b"something else"), home, RUN).state is FileState.ALTERED


def test_a_file_that_is_gone_is_missing(home):
    (home.catalog / RUN / "data" / "table.csv").unlink()
    found = check_file(entry(), home, RUN)
    assert (found.state, found.path, found.size) == (FileState.MISSING, None, None)


def test_what_is_there_and_no_file_can_not_be_read_and_is_not_gone(home):
    os.mkfifo(home.catalog / RUN / "pipe")
    for name in ("data", "pipe"):
        found = find_file(entry(path=f"{RUN}/{name}"), home, RUN)
        assert (found.state, found.path) == (FileState.UNREADABLE, None)


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


def test_entries_that_are_looked_up_together_are_found_as_one_by_one(home, tmp_path):
    (home.project / ".catalog" / RUN / "out").symlink_to(tmp_path)
    (home.project / "other" / RUN).mkdir(parents=True)
    (home.project / "other" / RUN / "model").write_text("m")
    entries = [
        entry(),
        entry(f"{RUN}/gone"),
        entry("../../secret"),
        entry(f"{RUN}/out/secret"),
        entry(f"{RUN}/model", "other"),
        entry(f"{RUN}/model", "/elsewhere"),
        entry(f"{RUN}/model"),
    ]
    together = run_home(home)
    states = [find_file(one, together, RUN) for one in entries]
    assert states == [find_file(one, home, RUN) for one in entries]
    assert {one.state for one in states} == {
        FileState.PRESENT,
        FileState.MISSING,
        FileState.OUTSIDE,
        FileState.NOT_ALLOWED,
    }
