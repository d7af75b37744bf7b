"""A new function of queries is one entry of a table; filters, sorting, completion and errors know it then."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import magnus_tracking

CORE = Path(magnus_tracking.__file__).parent
ENTRY = '        "nans": Function(lambda metric: metric.nans, "how many are not numbers"),\n'

LOOK = """
import sys

from magnus_tracking import open_store
from magnus_tracking.errors import QueryError
from magnus_tracking.query import complete, parse

store = open_store(sys.argv[1])
print(*sorted(run.run_id for run in store.runs("nans(metric.loss)>0")))
print(store.runs("has:metric.loss", sort="-nans(metric.loss)")[0].run_id)
print(parse("nans(metric.loss) > 0"))
print(*[one.text for one in complete("na", 2, ["metric.loss"], lambda field: ())])
try:
    parse("median(metric.loss)>0")
except QueryError as error:
    print(error)
"""


def test_one_entry_makes_a_function(tmp_path, store_copy):
    core, project = tmp_path / "core" / CORE.name, store_copy("sample_runs")
    shutil.copytree(CORE, core, ignore=shutil.ignore_patterns("__pycache__"))
    table = core / "query" / "functions.py"
    before = table.read_text()
    table.write_text(before.replace("        LAST: Function(", f"{ENTRY}        LAST: Function("))
    done = subprocess.run(
        [sys.executable, "-c", LOOK, project],
        env={**os.environ, "PYTHONPATH": str(core.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    found, most, query, completed, error = done.stdout.splitlines()
    assert found.split() == ["fixed-9", "sweep-10", "tracked-diverged"]
    assert most in ("fixed-9", "sweep-10")
    assert query == "nans(metric.loss)>0"
    assert "nans(" in completed.split()
    assert "min, max, mean, nans or last of a metric" in error
