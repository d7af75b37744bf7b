"""What an input is: a project folder with two sound runs and what was changed by chance."""

import json
import os
import shutil
import sqlite3
import time
from functools import cache

from fuzzing import originals
from fuzzing.changes import (
    HOSTILE,
    ODD_NAMES,
    chance_of,
    change_bytes,
    change_json,
    change_text,
    put_oddly,
    text_of,
)
from support.stores import DATA_STORES

SOUND = ("fixed-3", "fixed-9")
CHANGED = "changed"
_SOUND_STEPS = 12
"""Steps of their metrics: what takes the time is to be what was changed."""

LONG_AGO = 1_700_000_000
"""A file that changed a moment ago may be half-written, and is read again and again; most are older than that."""


def sound_project(project):
    """A project with two runs in which nothing is wrong; the folder of its store."""
    root = project / ".run_log_store"
    root.mkdir(parents=True)
    for run_id in SOUND:
        (root / f"{run_id}.json").write_text(_sound_run(run_id))
        os.utime(root / f"{run_id}.json", (LONG_AGO, LONG_AGO))
    return root


@cache
def _sound_run(run_id):
    document = originals.document(DATA_STORES / "magnus-sweep" / ".run_log_store" / f"{run_id}.json")
    for step in document["steps"].values():
        for values in step["user_defined_metrics"].values():
            if isinstance(values, dict):
                for index in list(values)[_SOUND_STEPS:-1]:
                    del values[index]
    return json.dumps(document, indent=4)


def _age(project, chance):
    """Make most of a project's run logs old, where they are not of a time of their own."""
    if chance.random() < 0.9:
        for path in (project / ".run_log_store").rglob("*"):
            if not path.is_symlink() and abs(path.stat().st_mtime - time.time()) < LONG_AGO / 100:
                os.utime(path, (LONG_AGO, LONG_AGO))


def _run_log_file(chance):
    return chance.choices(originals.run_logs(), originals.shares(originals.run_logs()))[0]


def run_log(chance):
    """The text of a run log of some dialect, changed as a value or as bytes."""
    original = _run_log_file(chance)
    other = originals.content(_run_log_file(chance))
    if chance.random() < 0.3:
        return change_bytes(originals.content(original), chance, other)
    document = change_json(originals.document(original), chance)
    content = text_of(document).encode("utf-8", "surrogatepass")
    return change_bytes(content, chance, other) if chance.random() < 0.1 else content


def with_run_log(project, chance):
    """A run log in one file."""
    root = sound_project(project)
    put_oddly(root / f"{CHANGED}.json", run_log(chance), chance)


def with_chunks(project, chance):
    """A folder of chunks of which some are changed, exchanged, renamed, gone or something else."""
    folder = sound_project(project) / CHANGED
    shutil.copytree(chance.choice(originals.chunked()), folder)
    for _ in range(chance.choice((1, 1, 2, 4))):
        chunks = sorted(folder.iterdir())
        if not chunks:
            return
        chunk, other = chance.choice(chunks), chance.choice(chunks)
        if not chunk.is_file() or not other.is_file():
            continue
        match chance.randrange(7):
            case 0:
                chunk.unlink()
            case 1:
                chunk.write_bytes(other.read_bytes())
            case 2:
                name = chance.choice(("StepLog-x", "BranchLog-a.b", "Parameter-x", "StepLog-x-" + "9" * 25, "x"))
                chunk.rename(folder / f"{name}.json")
            case 3:
                content = change_bytes(chunk.read_bytes(), chance, other.read_bytes())
                chunk.unlink()
                put_oddly(chunk, content, chance)
            case _:
                try:
                    document = json.loads(chunk.read_bytes())
                except (ValueError, RecursionError):
                    continue
                chunk.write_bytes(text_of(change_json(document, chance)).encode("utf-8", "surrogatepass"))


def with_journals(project, chance):
    """A run in flight with journals, of which some are changed or are something else."""
    root = sound_project(project)
    document = originals.document(root / "fixed-3.json")
    step = next(iter(document["steps"].values()))
    step.update(name="train", internal_name="train", status="PROCESSING", user_defined_metrics={})
    step["attempts"][0].update(status="PROCESSING", end_time="", duration="")
    document.update(run_id=CHANGED, status="PROCESSING", steps={"train": step})
    (root / f"{CHANGED}.json").write_text(json.dumps(document))
    folder = root / f"{CHANGED}.journal"
    folder.mkdir()
    journal = originals.JOURNAL.encode()
    if chance.random() < 0.5:
        # Beside the run of an engine, which may have ended: such journals count for good.
        journal = originals.ENGINES_JOURNAL.encode()
        document["status"] = step["status"] = chance.choice(("PROCESSING", "SUCCESS"))
        (root / f"{CHANGED}.json").write_text(json.dumps(document))
    for number in range(chance.choice((1, 1, 3))):
        lines = journal.split(b"\n")
        if chance.random() < 0.7:
            for _ in range(chance.choice((1, 3))):
                place = chance.choice((0, 0, chance.randrange(len(lines) - 1)))
                try:
                    changed = text_of(change_json(json.loads(lines[place]), chance))
                except (ValueError, RecursionError):
                    continue
                lines[place] = changed.replace("\n", " ").encode("utf-8", "surrogatepass")
        content = b"\n".join(lines)
        if chance.random() < 0.3:
            content = change_bytes(content, chance, journal)
        put_oddly(folder / f"attempt-{number}-1.jsonl", content, chance)


def with_execution_logs(project, chance):
    """A whole store's run with its catalog, whose logs are changed."""
    runs = [path for path in originals.run_logs() if path.stem not in SOUND]
    sources = {path.parent.parent for path in runs}
    source = chance.choice(
        [store for store in originals.stores() if store in sources and (store / ".catalog").is_dir()]
    )
    root = sound_project(project)
    original = chance.choice([path for path in runs if path.parent.parent == source])
    document = originals.document(original)
    document = change_json(document, chance) if chance.random() < 0.3 else document
    (root / f"{original.stem}.json").write_bytes(text_of(document).encode("utf-8", "surrogatepass"))
    catalog = source / ".catalog" / original.stem
    if catalog.is_dir():
        shutil.copytree(catalog, project / ".catalog" / original.stem)
    files = [path for path in sorted((project / ".catalog").rglob("*")) if path.is_file()]
    for path in chance.sample(files, min(len(files), 3)):
        other = originals.content(chance.choice(originals.logs()))
        content = change_bytes(chance.choice((path.read_bytes(), other)), chance, other)
        path.unlink()
        put_oddly(path, content * chance.choice((1, 1, 1, 200)), chance)


def with_buckets(project, chance):
    """Folders as copies of a bucket have them, with runs in them that are changed, cut or in the wrong place."""
    root = sound_project(project)
    folder = root / CHANGED
    folder.mkdir()
    content = run_log(chance)
    encoded = json.dumps(content.decode("utf-8", "replace")).encode()
    once, twice, pieces = f"{CHANGED}.json", f"{CHANGED}.json", ("RunLog", "BranchLog-a.b", "StepLog-a", "Parameter-x")
    match chance.randrange(6):
        case 0:
            put_oddly(folder / once, content, chance)
        case 1 | 2:
            put_oddly(folder / twice, chance.choice((encoded, change_bytes(encoded, chance, content))), chance)
        case 3 | 4:
            for name in ("RunLog", *chance.sample(pieces, 2)):
                if not os.path.lexists(folder / name):
                    put_oddly(folder / name, chance.choice((content, run_log(chance))), chance)
        case 5:
            put_oddly(folder / chance.choice(("RunLog.json", "x", "RunLog.json.json")), encoded, chance)
    if chance.random() < 0.2:
        (folder / "within").mkdir()
        (root / f"{CHANGED}-too.json").write_bytes(content)


@cache
def _large_run():
    document = json.loads(_sound_run(SOUND[0]))
    step = next(step for step in document["steps"].values() if step["user_defined_metrics"])
    step["user_defined_metrics"]["long"] = {str(number): number / 7 for number in range(40_000)}
    step["user_defined_metrics"]["words"] = {str(number): f"w{number}" for number in range(500)}
    return json.dumps(document | {"run_id": CHANGED})


def with_large_run(project, _chance):
    """A run that is large enough for its series to be stored."""
    (sound_project(project) / f"{CHANGED}.json").write_text(_large_run())


def with_log(project, chance):
    """The text of an execution log, changed, and that of another."""
    project.mkdir(parents=True)
    text, other = (originals.content(path) for path in chance.choices(originals.logs(), k=2))
    content = change_bytes(text, chance, other) * chance.choice((*[1] * 20, 30))
    put_oddly(project / "changed.log", content, chance)
    (project / "other.log").write_bytes(other)


def with_hostile_texts(project, chance):
    """A run in which texts, keys and names are hostile, and an execution log that is."""
    root = sound_project(project)
    original = _run_log_file(chance)
    document = _poisoned(originals.document(original), chance, chance.choice((0.05, 0.3, 0.9)))
    text = json.dumps(document, indent=4)
    (root / f"{CHANGED}.json").write_text(text)
    name = chance.choice(HOSTILE).encode("utf-8", "replace").decode().replace("\0", "").replace("/", "")
    (root / f"{name}.json").write_text(text)


def _poisoned(value, chance, share):
    """A JSON value in which some texts and keys have something hostile in them; what tells kinds apart stays."""
    if isinstance(value, dict):
        return {_poison(key, chance, share / 4): _poisoned(item, chance, share) for key, item in value.items()}
    if isinstance(value, list):
        return [_poisoned(item, chance, share) for item in value]
    return _poison(value, chance, share) if isinstance(value, str) else value


def _poison(text, chance, share):
    if chance.random() > share:
        return text
    return chance.choice((text[:5] + chance.choice(HOSTILE), chance.choice(HOSTILE) + text))


def with_odd_names(project, chance):
    """Run logs of odd names and times, links, and folders where files are expected."""
    root = sound_project(project)
    for name in chance.sample(ODD_NAMES, 3):
        original = originals.content(_run_log_file(chance))
        put_oddly(root / name, chance.choice((original, run_log(chance))), chance)
    (root / "link.json").symlink_to(
        chance.choice(("fixed-3.json", "nowhere", "link.json", "/dev/zero", "..", "/proc/1/mem"))
    )


def change_index(file, chance):
    """Damage the file of an index."""
    content = file.read_bytes()
    match chance.randrange(6):
        case 0:
            put = change_bytes(content, chance, content)
        case 1:
            put = content[: chance.randrange(len(content) + 1)]
        case 2:
            put = bytearray(content)
            page = 4096 * chance.randrange(max(len(content) // 4096, 1))
            put[page : page + 4096] = chance.choice((bytes(4096), chance.randbytes(4096), content[:4096]))
        case _:
            _change_values(file, chance)
            return
    file.unlink()
    put_oddly(file, bytes(put), chance)


def _change_values(file, chance):
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for _ in range(chance.choice((1, 1, 3))):
            table = chance.choice(tables)
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            column = chance.choice(columns)
            junk = chance.choice((None, "x", b"\xff\x00", 9e999, -1, 1 << 62, 1.5, b"", b"[" * 3000, "\x1b[2J"))
            try:
                if chance.random() < 0.15:
                    connection.execute(f"DELETE FROM {table}")
                else:
                    connection.execute(
                        f"UPDATE OR REPLACE {table} SET {column} = ? WHERE {column} IN "
                        f"(SELECT {column} FROM {table} LIMIT ? OFFSET ?)",
                        (junk, *chance.choice(((1, 0), (1, 1), (1, 2), (1, 7), (100, 0)))),
                    )
            except sqlite3.Error:
                continue
    finally:
        connection.close()


def settings(chance):
    """A settings file, changed."""
    text = change_text(originals.SETTINGS, chance).encode("utf-8", "surrogatepass")
    return change_bytes(text, chance) if chance.random() < 0.3 else text


def with_yaml(project, chance):
    """A configuration, a pipeline and parameters, of which one is changed."""
    sound_project(project)
    texts = {
        "config.yaml": originals.CONFIGURATION,
        "pipeline.yaml": originals.PIPELINE,
        "p.yaml": originals.PARAMETERS,
    }
    changed = chance.choice(sorted(texts))
    for name, text in texts.items():
        content = text.encode()
        if name == changed:
            content = change_text(text, chance).encode("utf-8", "surrogatepass")
            content = change_bytes(content, chance) if chance.random() < 0.3 else content
        if name == changed:
            put_oddly(project / name, content, chance)
        else:
            (project / name).write_bytes(content)
    return changed


def change_again(project, chance):
    """Change the run once more, as while somebody looks."""
    path = project / ".run_log_store" / f"{CHANGED}.json"
    if path.is_symlink() or path.is_dir() or not path.exists() or not path.is_file():
        return
    content = run_log(chance)
    path.write_bytes(content)
    os.utime(path, ns=(1, chance.randrange(1, 10**18)))


MAKERS = {
    "run-log": with_run_log,
    "chunks": with_chunks,
    "journal": with_journals,
    "execution-log": with_execution_logs,
    "names": with_odd_names,
    "buckets": with_buckets,
    "following": with_journals,
    "series": with_large_run,
    "terminal": with_hostile_texts,
}


def make_input(target, number, project):
    """Make the project of an input; the chance that goes on from there."""
    chance = chance_of(target, number)
    maker = (
        MAKERS.get(target)
        or MAKERS[chance.choice(("run-log", "run-log", "chunks", "journal", "execution-log", "names", "buckets"))]
    )
    maker(project, chance)
    _age(project, chance)
    return chance
