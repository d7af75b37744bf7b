"""A store in which everything is wrong that can be, beside runs that are right."""

import json
import os
import shutil

from support.stores import DATA_STORES

MEGABYTE = 1 << 20
HOSTILE_NAMES = {
    "markup": "[bold]red[/bold] [/] [@click=app.quit]x",
    "escapes": "\x1b[31mred\x1b[0m\x1b]0;title\x07\x1b[2J",
    "newlines": "one\ntwo\r\nthree\ttab",
    "emoji": "🚀 train 👩‍🔬 日本語",
    "right to left": "\u202eevil\u202c שלום مرحبا",
    "control": "\x00\x07\x08\x7f\x9b31m",
}
GOOD_RUNS = ("fixed-3", "fixed-9", "sweep-1")


def make_bad_store(project):
    """Write the store into the folder `project`.

    Returns:
        The reason that a reader may give, in part, by the id of each run that can't be read.
    """
    root = project / ".run_log_store"
    root.mkdir(parents=True)
    for run_id in GOOD_RUNS:
        shutil.copy(DATA_STORES / "magnus-sweep" / ".run_log_store" / f"{run_id}.json", root)
    model = json.loads((root / "fixed-3.json").read_text())
    unreadable = {**_broken_files(root, model), **_broken_chunks(root), **_odd_entries(root)}
    _readable_but_hostile(root, model)
    return unreadable


def _broken_files(root, model):
    text = json.dumps(model, indent=4)
    files = {
        "empty": (b"", "empty"),
        "spaces": (b" \n\n ", ""),
        "half": (text[: len(text) // 2].encode(), ""),
        "half-character": ('{"run_id": "é'.encode()[:-1], ""),
        "no-json": (b"hello, I am no JSON\n", ""),
        "binary": (bytes(range(256)) * 40, ""),
        "utf-16": (text.encode("utf-16"), ""),
        "latin-1": (text.replace("sweep-2", "größe").encode("latin-1"), ""),
        "a-list": (b"[1, 2, 3]", ""),
        "a-number": (b"42", ""),
        "null": (b"null", ""),
        "other-object": (b'{"hello": "world"}', ""),
        "brackets": (b"[" * 100_000, ""),
        "objects": (b'{"steps":' * 100_000, ""),
        "deep-closed": (b'{"run_id": "x", "steps": {}, "run_config": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", ""),
        "steps-a-list": (json.dumps({**model, "steps": []}).encode(), ""),
        "step-a-number": (json.dumps({**model, "steps": {"a": 3}}).encode(), ""),
        "status-a-list": (json.dumps({**model, "status": ["SUCCESS"]}).encode(), ""),
        "gigantic": (b'{"run_id": "' + b"x" * (5 * MEGABYTE), ""),
        "zeros": (b"\0" * 4096, ""),
    }
    for name, (content, _) in files.items():
        (root / f"{name}.json").write_bytes(content)
    return {name: reason for name, (_, reason) in files.items()}


def _broken_chunks(root):
    source = DATA_STORES / "magnus-sweep" / ".run_log_store" / "fixed-8"
    kinds = {
        "no-run-log": lambda folder: (folder / "RunLog.json").unlink(),
        "empty-chunk": lambda folder: next(folder.glob("StepLog-*")).write_bytes(b""),
        "foreign-chunk": lambda folder: next(folder.glob("StepLog-*")).write_text('{"hello": "world"}'),
        "list-chunk": lambda folder: next(folder.glob("Parameter-*")).write_text("[1]"),
        "chunk-a-folder": _chunk_as_folder,
    }
    for name, change in kinds.items():
        shutil.copytree(source, root / name)
        change(root / name)
    return {name: "RunLog.json" if name == "no-run-log" else "" for name in kinds}


def _chunk_as_folder(folder):
    chunk = next(folder.glob("StepLog-*"))
    chunk.unlink()
    chunk.mkdir()


def _odd_entries(root):
    (root / "a-folder.json").mkdir()
    (root / "dangling.json").symlink_to(root / "nowhere.json")
    (root / "to-itself.json").symlink_to(root / "to-itself.json")
    os.mkfifo(root / "pipe.json")
    (root / "empty-folder").mkdir()
    (root / "notes.txt").write_text("no run")
    return {"a-folder": "folder", "dangling": "", "to-itself": "", "pipe": "no regular file"}


def _readable_but_hostile(root, model):
    """Runs that are well formed, and whose texts would do harm where they are not treated as data."""
    for name, text in HOSTILE_NAMES.items():
        run = json.loads(json.dumps(model))
        step = next(iter(run["steps"].values()))
        step.update(name=text, internal_name=text, message=text, status="FAIL")
        step["attempts"][0].update(message=text, status="FAIL")
        step["user_defined_metrics"] = {text: {"0": 1.0, "1": text}}
        step["data_catalog"] = [_catalog_entry(text, path) for path in ("../../etc/passwd", "/etc/passwd", text)]
        run.update(run_id=text, tag=text, status="FAIL", steps={text: step}, parameters={text: text})
        (root / f"hostile {name}.json").write_text(json.dumps(run))
    (root / ("n" * 250 + ".json")).write_text(json.dumps(model))
    odd = {**model, "tag": None, "dag_hash": None, "original_run_id": None}
    (root / "nulls.json").write_text(json.dumps(odd))
    (root / "byte-order-mark.json").write_bytes(json.dumps(model).encode("utf-8-sig"))
    infinite = {**model, "parameters": {"lr": float("nan"), "top": float("inf"), "low": float("-inf"), "big": 2**80}}
    (root / "infinite.json").write_text(json.dumps(infinite))


def _catalog_entry(name, path):
    return {
        "name": name,
        "data_hash": "0" * 64,
        "catalog_relative_path": path,
        "catalog_handler_location": "../../..",
        "stage": "put",
    }
