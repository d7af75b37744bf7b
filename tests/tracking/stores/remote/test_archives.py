"""A store in an archive: everything is as in the folder that was packed, and a hostile archive costs one line."""

import gzip
import io
import os
import shutil
import stat
import tarfile
import zipfile

import pytest

import magnus_tracking
from magnus_tracking.errors import StoreUnreadableError
from magnus_tracking.filesystem.cache_folder import cache_folder
from magnus_tracking.logs.catalog import check_file, run_home
from magnus_tracking.logs.locate import RunLogs
from magnus_tracking.runlog.tree import failure_of, find_step, walk
from magnus_tracking.stores import open_store
from magnus_tracking.stores.remote import copied_files, mirror
from support.stores import stamps

RUN = "fixed-11"
LOG = b'{"run_id": "good", "status": "SUCCESS", "steps": {}}'


def tarred(mode, suffix):
    def pack(project, target):
        with tarfile.open(target.with_suffix(suffix), mode) as archive:
            archive.add(project, "./project")
        return target.with_suffix(suffix)

    return pack


def zipped(project, target):
    return shutil.make_archive(str(target), "zip", project.parent, project.name)


def zipped_store(project, target):
    """The run logs alone, without the folder that holds them."""
    return shutil.make_archive(str(target), "zip", project / ".run_log_store")


PACKED = {
    "zip": zipped,
    "tar": tarred("w", ".tar"),
    "tar.gz": tarred("w:gz", ".tgz"),
    "tar.xz": tarred("w:xz", ".tar.xz"),
}


@pytest.fixture
def project(store_copy):
    return store_copy("magnus-sweep")


def opened(path):
    store = open_store(str(path))
    store.refresh_copy()
    return store


def written(path, *members):
    """A tar of members, each a `TarInfo` or a name of a run log."""
    with tarfile.open(path, "w") as archive:
        for member in members:
            info = tarfile.TarInfo(member) if isinstance(member, str) else member
            info.size = len(LOG) if info.isreg() else 0
            archive.addfile(info, io.BytesIO(LOG) if info.isreg() else None)
    return path


def mirrored(store):
    """What a mirror holds of run logs and catalogs, by path."""
    return sorted(
        path.relative_to(store.root.parent).as_posix()
        for path in store.root.parent.rglob("*")
        if not path.is_dir() and path.name != "origin.json"
    )


@pytest.mark.parametrize("kind", PACKED)
def test_a_packed_store_gives_what_the_folder_gives(project, tmp_path, kind):
    archive = PACKED[kind](project, tmp_path / "packed")
    folder, store = open_store(project), opened(archive)
    ids = {handle.run_id for handle in folder.handles()}
    assert {handle.run_id for handle in store.handles()} == ids
    for run_id in ids:
        assert repr(store.document(run_id)) == repr(folder.document(run_id))
    run, packed_run = folder.load(RUN), store.load(RUN)
    step = find_step(run, failure_of(run).name)
    (log,) = RunLogs(run, folder, RUN).of(step).logs
    (packed_log,) = RunLogs(packed_run, store, RUN).of(step).logs
    assert packed_log.path.read_bytes() == log.path.read_bytes()
    states = [
        [
            check_file(entry, run_home(home, run.run_config), RUN).state
            for node in walk(run)
            for entry in node.step.data_catalog
        ]
        for home in (folder, store)
    ]
    assert states[0] == states[1]


def test_run_logs_that_are_packed_alone_are_found(project, tmp_path):
    store = opened(zipped_store(project, tmp_path / "packed"))
    assert len(store.handles()) == len(open_store(project).handles())


def test_what_did_not_change_in_an_archive_is_not_unpacked_again(project, tmp_path):
    archive = zipped(project, tmp_path / "packed")
    store = opened(archive)
    before = {handle.run_id: handle for handle in store.handles()}
    root = project / ".run_log_store"
    (root / f"{RUN}.json").write_bytes(LOG)
    (root / "fixed-3.json").unlink()
    zipped(project, tmp_path / "packed")
    told = []
    store.refresh_copy(told.append)
    now = {handle.run_id: handle for handle in store.handles()}
    assert set().union(*(one.changed_ids for one in told)) == {RUN, "fixed-3"}
    assert before.keys() - now.keys() == {"fixed-3"}
    assert {run_id for run_id in now if now[run_id] != before[run_id]} == {RUN}


def test_an_archive_is_only_ever_read(project, tmp_path):
    archive = PACKED["tar.gz"](project, tmp_path / "packed")
    before = stamps(archive.parent)
    store = opened(archive)
    RunLogs(store.load(RUN), store, RUN)
    assert stamps(archive.parent) == before


def test_the_copy_is_for_its_user_alone(project, tmp_path):
    store = opened(zipped(project, tmp_path / "packed"))
    RunLogs(store.load(RUN), store, RUN)
    for path in [store.root.parent, *store.root.parent.rglob("*")]:
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077


def test_members_that_lead_out_of_the_archive_are_left_where_they_are(tmp_path):
    link = tarfile.TarInfo("linked.json")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    hard = tarfile.TarInfo("hard.json")
    hard.type, hard.linkname = tarfile.LNKTYPE, "../../etc/passwd"
    pipe = tarfile.TarInfo("pipe.json")
    pipe.type = tarfile.FIFOTYPE
    folder = tarfile.TarInfo("there")
    folder.type, folder.linkname = tarfile.SYMTYPE, str(tmp_path)
    archive = written(
        tmp_path / "hostile.tar", "good.json", f"{tmp_path}/absolute.json", "../up.json", "there/there.json",
        "a/../../up.json", "..\\up.json", ".hidden.json", "x" * 300 + ".json", link, hard, pipe, folder,
    )  # fmt: skip
    before = sorted(tmp_path.rglob("*"))
    store = opened(archive)
    assert mirrored(store) == [".run_log_store/good.json", ".run_log_store/there/there.json"]
    assert [handle.run_id for handle in store.handles() if handle.run_id != "there"] == ["good"]
    outside = [path for path in tmp_path.rglob("*") if not path.is_relative_to(cache_folder())]
    assert [path for path in outside if path not in before and not path.is_relative_to(cache_folder().parent)] == []


@pytest.mark.parametrize("name", ["../evil", "/evil", "..", "a/b"])
def test_a_run_whose_id_is_a_path_brings_nothing_from_the_catalog(tmp_path, name):
    store = opened(written(tmp_path / "hostile.tar", "good.json", ".catalog/evil/x", "evil"))
    store.bring_catalog(name)
    assert mirrored(store) == [".run_log_store/good.json"]


def test_an_archive_that_says_it_holds_a_terabyte_is_refused_in_one_line(tmp_path):
    info = tarfile.TarInfo("huge.json")
    info.size = 1 << 40
    archive = tmp_path / "huge.tar.gz"
    archive.write_bytes(gzip.compress(info.tobuf() + b"\0" * 1024))
    with pytest.raises(StoreUnreadableError, match="unpacks to more than") as raised:
        opened(archive)
    assert "\n" not in str(raised.value)


def test_a_zip_that_unpacks_to_more_than_it_may_is_refused_before_anything_is_unpacked(tmp_path):
    archive = tmp_path / "bomb.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(3):
            packed.writestr(f"{number}.json", b"0" * (100 << 20))
    with pytest.raises(StoreUnreadableError, match="unpacks to more than"):
        opened(archive)
    assert mirrored(open_store(str(archive))) == []


@pytest.mark.parametrize(
    ("name", "cut"), [("packed.zip", 20_000), ("packed.tgz", 20_000), ("packed.zip", 0), ("packed.tar", 0)]
)
def test_a_damaged_archive_is_one_line_and_what_was_unpacked_before_stays(project, tmp_path, name, cut):
    archive = tmp_path / name
    if name.endswith("zip"):
        zipped(project, archive.with_suffix(""))
    else:
        tarred("w:gz" if name.endswith("gz") else "w", archive.suffix)(project, archive.with_suffix(""))
    store = opened(archive)
    ids = {handle.run_id for handle in store.handles()}
    archive.write_bytes(archive.read_bytes()[:cut] or b"no archive at all")
    with pytest.raises(StoreUnreadableError, match="the archive") as raised:
        store.refresh_copy()
    assert "\n" not in str(raised.value)
    assert {handle.run_id for handle in store.handles()} == ids


def test_an_archive_that_is_gone_leaves_its_copy(project, tmp_path):
    archive = tmp_path / "packed.zip"
    zipped(project, tmp_path / "packed")
    store = opened(archive)
    archive.unlink()
    with pytest.raises(StoreUnreadableError):
        store.refresh_copy()
    assert store.document(RUN)["run_id"] == RUN


def test_a_large_file_of_the_catalog_is_unpacked_when_it_is_opened(project, tmp_path):
    entry = next(entry for node in walk(open_store(project).load(RUN)) for entry in node.step.data_catalog)
    large = project / ".catalog" / entry.catalog_relative_path
    large.parent.mkdir(parents=True, exist_ok=True)
    large.write_bytes(os.urandom(2 << 20))
    store = opened(zipped(project, tmp_path / "packed"))
    run = store.load(RUN)
    home = run_home(store, run.run_config)
    found = check_file(entry.model_copy(update={"data_hash": ""}), home, RUN)
    assert found.size == 2 << 20
    assert not found.path.stat().st_blocks
    assert check_file(entry, home, RUN).state == "altered"
    assert found.path.read_bytes() == large.read_bytes()


def test_copies_that_take_too_much_room_lose_their_content_and_are_unpacked_again_when_read(
    project, tmp_path, monkeypatch
):
    store = opened(zipped(project, tmp_path / "packed"))
    before = {handle.run_id: handle for handle in store.handles()}
    documents = {run_id: repr(store.document(run_id)) for run_id in before}
    monkeypatch.setattr(mirror, "MOST_BYTES", 0)
    monkeypatch.setattr(copied_files, "_RESTING", -60.0)
    store.refresh_copy()
    assert {handle.run_id: handle for handle in store.handles()} == before
    assert not any(path.stat().st_blocks for path in store.root.glob("*.json"))
    assert {run_id: repr(store.document(run_id)) for run_id in before} == documents


def test_from_python_an_archive_is_a_store_and_its_copy_stays_with_a_warning(project, tmp_path):
    archive = tmp_path / "packed.zip"
    zipped(project, tmp_path / "packed")
    assert len(magnus_tracking.open_store(str(archive)).runs("status:fail")) == 2
    archive.write_bytes(b"no archive any more")
    with pytest.warns(RuntimeWarning, match="this is the copy of"):
        store = magnus_tracking.open_store(str(archive))
    assert len(store.runs("status:fail")) == 2
