"""A new format is one module and its name in a list; it is then read like any other."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import magnus_tracking
from support.stores import DATA_STORES

CORE = Path(magnus_tracking.__file__).parent
STORE = DATA_STORES / "runnable-examples" / ".run_log_store"

NESTED = """
import stat
from pathlib import Path

from magnus_tracking.runlog.json import parse_object
from magnus_tracking.runlog.outline import decode_run
from magnus_tracking.stores.files import read_as
from magnus_tracking.stores.formats.base import Format, RunHandle, changed_ns


class Nested(Format):
    def handle(self, name, path, info):
        if not stat.S_ISDIR(info.st_mode):
            return None
        try:
            about = self.main_file(Path(path)).stat()
        except OSError:
            return None
        return RunHandle(name, path, self, about.st_size, changed_ns(about), about.st_ino)

    def owns(self, parts):
        return len(parts) == 2 and parts[1] == "log.json"

    def document(self, handle):
        return read_as(self.main_file(Path(handle.path)), parse_object)

    def outline(self, handle, content=None):
        return read_as(self.main_file(Path(handle.path)), decode_run)

    def main_file(self, path):
        return path / "log.json"


NEW = Nested()
"""

LOOK = """
import os, sys
from pathlib import Path

import msgspec

from magnus_tracking.follow.polling import Poll
from magnus_tracking.index import RunIndex
from magnus_tracking.runlog.metrics import series_of_run
from magnus_tracking.series.read import read_series
from magnus_tracking.stores import open_store
from magnus_tracking.stores.formats import main_file

known, new, folder = map(Path, sys.argv[1:])
wanted, store = open_store(known), open_store(new)
ids = sorted(handle.run_id for handle in store.handles())
assert ids and set(ids) <= {handle.run_id for handle in wanted.handles()}


def row(summary):
    return msgspec.structs.replace(summary, path="", size=0, mtime_ns=0)


index = RunIndex.open(store, folder)
index.refresh()
poll = Poll(new)
poll.look(ids)
for run_id in ids:
    old, handle = wanted.handle(run_id), store.handle(run_id)
    assert handle.format.document(handle) == old.format.document(old), run_id
    assert row(store.summarize(handle)) == row(wanted.summarize(old)), run_id
    assert row(index.summary(run_id)) == row(wanted.summarize(old)), run_id
    assert read_series(handle).series == read_series(old).series, run_id
    assert tuple(series_of_run(store.load(run_id))) == tuple(series_of_run(wanted.load(run_id))), run_id
    shown = main_file(Path(handle.path))
    assert shown.is_file() and open_store(shown).only == open_store(handle.path).only == run_id
    with shown.open("a") as file:
        file.write(" ")
    assert poll.look(ids) == {run_id}
    assert index.refresh_runs([run_id]).changed_ids == {run_id}
    assert index.summary(run_id).size == store.handle(run_id).size > handle.size
index.close()
print(len(ids))
"""


def test_one_module_and_its_name_in_the_list_make_a_format(tmp_path):
    core, store = tmp_path / "core" / CORE.name, tmp_path / "project" / ".run_log_store"
    shutil.copytree(CORE, core, ignore=shutil.ignore_patterns("__pycache__"))
    for source in STORE.glob("*.json"):
        folder = store / source.stem
        folder.mkdir(parents=True)
        shutil.copy(source, folder / "log.json")
    formats = core / "stores" / "formats"
    (formats / "new.py").write_text(NESTED)
    listed = (formats / "__init__.py").read_text()
    imported = "from magnus_tracking.stores.formats.one_file import ONE_FILE\n"
    listed = listed.replace(imported, f"from magnus_tracking.stores.formats.new import NEW\n{imported}")
    (formats / "__init__.py").write_text(listed.replace(" CHUNKED_MINIO)", " CHUNKED_MINIO, NEW)"))
    done = subprocess.run(
        [sys.executable, "-c", LOOK, STORE, store, tmp_path / "index"],
        env={**os.environ, "PYTHONPATH": str(core.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(list(store.iterdir()))
