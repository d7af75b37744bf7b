"""A store of real runs in which every name and every text tries to drive the terminal."""

import json
import os
import re
import shutil

from support.stores import DATA_STORES

HOSTILE = "\x1b]0;TAKEN\x07\x1b[?1337h\x1b]52;c;VEFLRU4=\x1b\\\x9b31m\x90q\x9c\x08\x00\x7f\u202e\u2028[red]@"
"""The title, a mode, the clipboard, colours and a device string in both sets of controls, erasing, turning, markup."""

_KEPT_WORDS = {"status", "step_type", "type", "node_type", "start_time", "end_time", "duration", "stage", "kind"}
"""Fields that readers go by: a run with other words in them is a broken one, not a hostile one."""

_LINKS = {"next", "next_node", "on_failure", "on_failure_node", "start_at", "internal_name", "name"}
_OBSTRUCTIVE = re.compile("[\x00/]")
"""What no file name can hold."""


def make_hostile_store(project, *names):
    """Copy runs of the real engines' stores into one store of the folder `project`, hostile text in every field.

    Args:
        project: an empty folder.
        names: the stores.
    """
    root, catalog = project / ".run_log_store", project / ".catalog"
    root.mkdir(parents=True)
    for name in names:
        source = DATA_STORES / name
        for log in sorted((source / "expected").glob("*.json")):
            document = json.loads(log.read_text())
            run_id = in_a_file_name(document["run_id"])
            (root / f"{run_id}.json").write_text(json.dumps(hostile_run(document), indent=4))
            if (source / ".catalog" / document["run_id"]).is_dir():
                _copy_catalog(source / ".catalog" / document["run_id"], catalog / run_id)


def in_a_file_name(text):
    """The text with hostile text behind it, as a file may be called."""
    return os.fsdecode(os.fsencode(text + _OBSTRUCTIVE.sub("", HOSTILE)))


def hostile_run(document):
    """The run log with hostile text behind every name and text that readers don't go by."""
    return _spoil(document, "")


def _spoil(value, field):
    if isinstance(value, dict):
        names = field in {"steps", "branches", "nodes"}
        return {_spoil_key(key, names): _spoil(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_spoil(item, field) for item in value]
    if not isinstance(value, str) or field in _KEPT_WORDS:
        return value
    if field == "run_id":
        return in_a_file_name(value)
    if field in _LINKS:
        return _spoil_path(value)
    if field == "catalog_relative_path":
        return "/".join(in_a_file_name(part) for part in value.split("/"))
    return value + HOSTILE


_SCHEMA = re.compile(
    r"-?\d+|[a-z]+(_[a-z]+)+|steps|branches|status|tag|mock|name|message|attempts|job|dag|stage|kind|value|type|next"
)
"""Keys of the format, and step indexes."""


def _spoil_key(key, names):
    if names:
        return _spoil_path(key)
    return key if _SCHEMA.fullmatch(key) else key + HOSTILE


def _spoil_path(path):
    return ".".join(part + HOSTILE for part in path.split(".")) if path else path


def _copy_catalog(source, target):
    for file in source.rglob("*"):
        if file.is_file():
            to = target.joinpath(*map(in_a_file_name, file.relative_to(source).parts))
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, to)
            if to.name.startswith(file.name) and "execution.log" in file.name:
                lines = file.read_text(errors="surrogateescape").splitlines()
                to.write_text("".join(f"{line} {HOSTILE}\n" for line in lines), errors="surrogateescape")
