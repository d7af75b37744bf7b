"""Stores that the real engine wrote into a real S3 server: every command gives what it gives on a disk."""

import json
import os
import subprocess
import sys
import urllib.request

import pytest

from interop.conftest import environment
from support.stores import TESTS
from support.tmux import explorer
from support.waiting import until
from tracking.stores.test_lossless import differences

pytestmark = pytest.mark.outside

COMMAND = [sys.executable, "-m", "magnus_tui"]
KINDS = ("minio", "chunked-minio")
MODES = ("ok", "map")

CONFIGURATION = """
pipeline-executor: {{type: local}}
run-log-store: {{type: {kind}, config: {{endpoint_url: "{server}", bucket: {kind}/run-logs}}}}
catalog: {{type: minio, config: {{endpoint_url: "{server}", bucket: {kind}}}}}
"""

BUCKETS = """
import sys, boto3
client = boto3.client("s3")
for name in sys.argv[1:]:
    client.create_bucket(Bucket=name)
"""

SYNC = """
import sys, boto3
from pathlib import Path
client = boto3.client("s3")
for kind in sys.argv[2:]:
    for found in client.list_objects_v2(Bucket=kind)["Contents"]:
        file = Path(sys.argv[1], kind, found["Key"])
        file.parent.mkdir(parents=True, exist_ok=True)
        client.download_file(kind, found["Key"], str(file))
"""

READ = """
import json, sys, types
from extensions.run_log_store.chunked_minio import ChunkedMinioRunLogStore
from extensions.run_log_store.minio import MinioRunLogStore
server, kind, run_id = sys.argv[1:]
store = {"minio": MinioRunLogStore, "chunked-minio": ChunkedMinioRunLogStore}[kind]
class Reader(store):
    _context = property(lambda self: types.SimpleNamespace(run_id=run_id, object_serialisation=True))
log = Reader(endpoint_url=server, bucket=f"{kind}/run-logs").get_run_log_by_id(run_id, full=True)
print(json.dumps(log.model_dump()))
"""


class Server:
    """An S3 server of its own process."""

    def __init__(self, python, port_file):
        self.python = python
        self._log = port_file
        self._process = None

    def start(self):
        command = [self.python, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        line = until(self._address, "the server")
        self.url = line.rpartition(" ")[2].strip()

    def _address(self):
        lines = self._log.read_text().splitlines()
        return next((line for line in lines if "Running on http" in line), None)

    def refuse_after(self, requests):
        """Ask for keys that the server knows, from so many requests on."""
        asked = urllib.request.Request(
            f"{self.url}/moto-api/reset-auth", requests.encode(), {"Content-Type": "text/plain"}
        )
        with urllib.request.urlopen(asked):
            pass

    def stop(self):
        self._process.kill()
        self._process.wait()

    def run(self, script, *arguments, **more):
        return subprocess.run(
            [self.python, "-c", script, *map(str, arguments)],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "AWS_ENDPOINT_URL": self.url, **KEYS},
            **more,
        ).stdout


KEYS = {"AWS_ACCESS_KEY_ID": "minioadmin", "AWS_SECRET_ACCESS_KEY": "minioadmin", "AWS_DEFAULT_REGION": "us-east-1"}


def write_run(server, folder, kind, mode, run_id):
    """Run the pipeline with the real engine, in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "runnable-config.yaml").write_text(CONFIGURATION.format(kind=kind, server=server.url))
    (folder / "parameters.yaml").write_text("chunks: [1, 2, 3]\nlr: 0.1\n")
    (folder / "pipe.py").write_text((TESTS / "data" / "bucket_pipeline.py").read_text())
    subprocess.run(
        [server.python, "pipe.py", mode, run_id],
        cwd=folder,
        env={**os.environ, **KEYS, "RUNNABLE_CONFIGURATION_FILE": "runnable-config.yaml"},
        capture_output=True,
        check=mode == "ok",
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server with the stores of the engine in a bucket for each layout, and `synced`, the same on a disk."""
    python = environment("object-store", "OBJECT_STORE_PYTHON", "runnable[s3]==0.50.0", "moto[server,s3]>=5,<6")
    folder = tmp_path_factory.mktemp("buckets")
    server = Server(python, folder / "server.log")
    server.start()
    try:
        server.run(BUCKETS, *KINDS, "late")
        for kind in KINDS:
            for mode in MODES:
                write_run(server, folder / "work" / f"{kind}-{mode}", kind, mode, f"{mode}-{kind}")
        server.synced = folder / "synced"
        server.run(SYNC, server.synced, *KINDS)
        yield server
    finally:
        server.stop()


@pytest.fixture
def bucket(server, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    return server


def called(*arguments):
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("kind", KINDS)
def test_every_command_gives_what_it_gives_on_a_disk(bucket, kind):
    for command in (
        ["runs", "--format", "json"],
        ["runs", "--where", "status:fail", "--sort", "started", "--format", "csv"],
        ["show", f"map-{kind}", "--format", "json"],
        ["metrics", f"ok-{kind}", "--format", "csv"],
        ["compare", f"ok-{kind}", f"map-{kind}", "--format", "json"],
        ["failures", "--format", "json"],
        ["log", f"map-{kind}"],
        ["log", f"ok-{kind}", "say hello"],
    ):
        on_disk = called(*command, "-s", bucket.synced / kind)
        in_bucket = called(*command, "-s", f"s3://{kind}" if command[0] != "log" else f"s3://{kind}/run-logs/")
        assert (in_bucket.stdout, in_bucket.returncode) == (on_disk.stdout, 0), (command, in_bucket.stderr)
    on_disk, in_bucket = called("check", bucket.synced / kind), called("check", f"s3://{kind}")
    assert in_bucket.stdout == on_disk.stdout == ""
    assert in_bucket.stderr == f"no problems found in 2 runs of s3://{kind}\n"


@pytest.mark.parametrize("kind", KINDS)
def test_the_engines_reader_agrees(bucket, kind):
    for mode in MODES:
        run_id = f"{mode}-{kind}"
        said = bucket.run(READ, bucket.url, kind, run_id).splitlines()[-1]
        # What the engine says of an object depends on the process that asks.
        expected = json.loads(said.replace("Object stored in memory as", "Pickled object stored in catalog as"))
        found = json.loads(called("show", run_id, "-s", f"s3://{kind}", "--format", "json").stdout)
        assert differences(expected, found) == []


def test_a_refusal_and_a_lost_network_are_one_line_and_the_copy_stays(bucket, monkeypatch):
    listed = called("runs", "-s", "s3://minio", "--format", "json").stdout
    gone = called("runs", "-s", "s3://nothing-here")
    assert gone.returncode == 1
    assert gone.stderr == "magnus-tui: can't read the run log store s3://nothing-here: there is no such bucket\n"
    bucket.refuse_after("0")
    denied = called("runs", "-s", "s3://minio", "--format", "json")
    bucket.refuse_after("inf")
    assert denied.stdout == listed
    assert "the access key is not known there; this is the copy of" in denied.stderr
    assert denied.stderr.count("\n") == 1
    for name in KEYS:
        monkeypatch.delenv(name)
    nobody = called("runs", "-s", "s3://minio", "--format", "json")
    assert nobody.stdout == listed
    assert "there are no credentials: set AWS_ACCESS_KEY_ID" in nobody.stderr


def test_the_explorer_shows_a_bucket_and_what_comes_into_it(bucket, tmp_path):
    with explorer(tmp_path, "s3://minio", width=140, height=30) as terminal:
        terminal.wait_for("s3://minio", "2 runs", "map-minio", "follow")
        write_run(bucket, tmp_path / "work", "minio", "ok", "late-minio")
        terminal.wait_for("3 runs", "late-minio")
        terminal.press("Enter")
        terminal.wait_for("late-minio", "produce")
        terminal.press("q")


def test_nothing_of_the_extra_is_imported_where_it_is_not_needed():
    code = "import sys, magnus_tui.cli.explore, magnus_tui.app.explorer; assert 'obstore' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_explorer_goes_on_with_its_copy_when_the_network_is_gone(bucket, tmp_path):
    """The last test of the module: the server does not come back."""
    with explorer(tmp_path, "s3://chunked-minio", width=140, height=30) as terminal:
        terminal.wait_for("2 runs", "map-chunked-minio", "follow")
        bucket.stop()
        terminal.wait_for("copy of", "network")
        terminal.press("Enter")
        terminal.wait_for("produce")
        terminal.press("q")
    with explorer(tmp_path, "s3://chunked-minio", width=140, height=30) as terminal:
        terminal.wait_for("2 runs", "map-chunked-minio", "copy of")
        terminal.press("q")
