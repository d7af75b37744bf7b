"""Whatever happens to a real run log, its run is a summary or a reason, never an exception that escapes."""

import json
import shutil
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from magnus_tracking.analysis.failures import failures_of_run
from magnus_tracking.errors import UnreadableRunError
from magnus_tracking.runlog.metrics import series_of_run
from magnus_tracking.stores import open_store
from support.stores import DATA_STORES

ONE_FILE = [
    "magnus-sweep/fixed-9",
    "magnus-sweep/sweep-1",
    "magnus-reruns/fixed-from-toFail",
    "runnable-examples/lazy-yonath-1645",
    "runnable-examples/pallid-cray-1646",
    "runnable-0.20.0/thundering-sinoussi-1802",
]
CHUNKED = ["magnus-sweep/sweep-8", "magnus-examples/muffled-meninsky-1640", "runnable-examples/neat-turing-1647"]
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=8),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.none(), max_size=2),
)
MANY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


def source_of(name):
    store, run_id = name.split("/")
    return DATA_STORES / store / ".run_log_store" / run_id


@cache
def content_of(name):
    return source_of(name).with_name(f"{source_of(name).name}.json").read_bytes()


def examine(root):
    """Read the only run of a store in every way; what is raised on purpose is a reason."""
    store = open_store(root)
    (summary,) = store.runs()
    assert summary.error is None or summary.error.isprintable()
    try:
        run = store.load(summary.run_id)
    except UnreadableRunError:
        return
    assert summary.error is None
    json.dumps(run.model_dump())
    series_of_run(run)
    failures_of_run(run, store, summary.run_id)


def write(root: Path, content: bytes):
    root.mkdir(exist_ok=True)
    (root / "run.json").write_bytes(content)
    return root


@pytest.mark.parametrize("name", ONE_FILE)
@MANY
@given(data=st.data())
def test_changed_bytes_give_a_summary_or_a_reason(tmp_path, name, data):
    content = bytearray(content_of(name))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(content) - 1))
        match data.draw(st.sampled_from(["cut", "replace", "remove", "insert", "double"])):
            case "cut":
                del content[max(place, 1) :]
            case "replace":
                content[place] = data.draw(st.integers(0, 255))
            case "remove":
                del content[place : place + data.draw(st.integers(1, 400))]
                content = content or bytearray(b" ")
            case "insert":
                content[place:place] = data.draw(st.binary(max_size=12))
            case "double":
                content[place:place] = content[place : place + data.draw(st.integers(1, 400))]
    examine(write(tmp_path / ".run_log_store", bytes(content)))


def places(value, path=()):
    """The path to every value inside a JSON value."""
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in children:
        yield from places(item, (*path, key))


@cache
def places_of(name):
    """The places of a run log, those inside long metrics thinned out, so that the structure is hit too."""
    every = list(places(json.loads(content_of(name))))
    return [path for path in every if len(path) < 5 or not str(path[-1]).isdigit() or int(path[-1]) < 2]


@pytest.mark.parametrize("name", ONE_FILE)
@MANY
@given(data=st.data())
def test_values_of_another_type_give_a_summary_or_a_reason(tmp_path, name, data):
    document = json.loads(content_of(name))
    for path in data.draw(st.lists(st.sampled_from(places_of(name)), min_size=1, max_size=3)):
        document = replaced(document, path, data)
    examine(write(tmp_path / ".run_log_store", json.dumps(document, indent=4).encode()))


def replaced(document, path, data):
    if not path:
        return data.draw(JUNK)
    parent = document
    for key in path[:-1]:
        try:
            parent = parent[key]
        except (KeyError, IndexError, TypeError):
            return document
    is_there = (
        path[-1] in parent if isinstance(parent, dict) else isinstance(parent, list) and path[-1] in range(len(parent))
    )
    if not is_there:
        return document
    if data.draw(st.booleans()):
        parent[path[-1]] = data.draw(JUNK)
    elif isinstance(parent, dict):
        parent[data.draw(st.text(max_size=4))] = parent.pop(path[-1])
    else:
        parent.insert(0, parent[path[-1]])
    return document


@pytest.mark.parametrize("name", CHUNKED)
@settings(MANY, max_examples=40)
@given(data=st.data())
def test_changed_chunks_give_a_summary_or_a_reason(tmp_path, name, data):
    root = tmp_path / ".run_log_store"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(source_of(name), root / "run")
    chunks = sorted((root / "run").iterdir())
    chunk = data.draw(st.sampled_from(chunks))
    match data.draw(st.sampled_from(["remove", "cut", "swap", "rename", "junk"])):
        case "remove":
            chunk.unlink()
        case "cut":
            content = chunk.read_bytes()
            chunk.write_bytes(content[: data.draw(st.integers(0, len(content)))])
        case "swap":
            other = data.draw(st.sampled_from(chunks))
            content = other.read_bytes()
            chunk.write_bytes(content)
        case "rename":
            chunk.rename(chunk.with_name(chunk.name.split("-")[0].removesuffix(".json") + "-x.json"))
        case "junk":
            document = json.loads(chunk.read_bytes())
            for path in data.draw(st.lists(st.sampled_from(list(places(document))), min_size=1, max_size=2)):
                document = replaced(document, path, data)
            chunk.write_text(json.dumps(document, indent=4))
    examine(root)
