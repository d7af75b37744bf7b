"""The real files that are changed: run logs of every dialect, chunks, journals, logs, settings, YAML."""

import json
from functools import cache

from support.stores import DATA_STORES, SAMPLE_RUNS

_LARGEST = 120_000
"""Bytes of a run log that is changed: larger ones take the time of ten."""

_SMALL = 6000
"""Bytes below which files are chosen about as often as one another."""


@cache
def stores():
    """The folders of projects whose stores are changed."""
    return [*sorted(folder for folder in DATA_STORES.iterdir()), SAMPLE_RUNS]


@cache
def run_logs():
    """Run logs in one file, of every dialect."""
    found = [path for store in stores() for path in sorted((store / ".run_log_store").glob("*.json"))]
    return tuple(path for path in found if path.is_file() and path.stat().st_size < _LARGEST)


@cache
def chunked():
    """Folders of chunks, of every dialect."""
    found = [path.parent for store in stores() for path in sorted((store / ".run_log_store").glob("*/RunLog.json"))]
    return [path for path in found if sum(file.stat().st_size for file in path.iterdir()) < _LARGEST]


@cache
def logs():
    """Execution logs."""
    found = [path for store in stores() for path in sorted((store / ".catalog").rglob("*execution.log*"))]
    return tuple(path for path in found if path.is_file() and path.stat().st_size < _LARGEST)


@cache
def shares(paths):
    """How often each of some files is chosen: the smaller the more often, as its changes take less time to read."""
    return [1 / (path.stat().st_size + _SMALL) for path in paths]


@cache
def content(path):
    """The bytes of a file."""
    return path.read_bytes()


def document(path):
    """The JSON of a file, for the caller to change."""
    return json.loads(content(path))


JOURNAL = (
    '{"journal":1,"kind":"attempt","run_id":"live","step":"train","attempt":1,"time":"2026-11-29 10:40:17.119754",'
    '"writer":{"host":"vm","boot":"b","namespace":"pid:[1]","pid":16587,"started":"46209"},"run":null}\n'
    + "".join(
        f'{{"metric":"loss","step":{step},"value":{1 / (step + 1)}}}\n'
        f'{{"metric":"nested","step":{step},"value":{{"a":{step},"b":[1,2]}}}}\n'
        f'{{"metric":"nan","step":{step},"value":NaN}}\n'
        for step in range(20)
    )
)

ENGINES_JOURNAL = JOURNAL.replace(
    '"run":null}', '"run":null,"engine":"magnus","below":"part","worker":"1:2","shell":"3:4"}', 1
)

SETTINGS = """# what I chose
theme = "magnus-light"
columns = ["param.lr", "metric.loss"]
sort = ["-started", "metric.loss"]
preview = true
time_zone = "Europe/Berlin"
stalled_after_minutes = 60.0
follow = false
polling = "auto"
ignore = ["data.*", "*.duration"]
[best]
loss = "min"
[queries]
bad = "status:fail metric.loss>0.3"
"""

CONFIGURATION = """run_log_store:
  type: file-system
  config:
    log_folder: .run_log_store
catalog:
  type: file-system
  config:
    catalog_location: .catalog
experiment_tracker:
  type: do-nothing
on_error: warn
"""

PIPELINE = """dag:
  start_at: prepare
  steps:
    prepare:
      type: task
      command_type: shell
      command: "true"
      next: success
      on_failure: fail
    success:
      type: success
    fail:
      type: fail
"""

PARAMETERS = """lr: 1e-4
layers: [1, 2, 3]
nested: {a: 1, b: {c: 2.5}}
when: 2024-01-09
name: "text"
"""
