"""What the engines call the files of a run: for the formats that read them, and the recorder that writes them."""

from __future__ import annotations

ONE_FILE_SUFFIX = ".json"
"""Stands behind the id of a run in one file."""

CHUNK_SUFFIX = ".json"
RUN_CHUNK, STEP_CHUNK, BRANCH_CHUNK, PARAMETER_CHUNK = "RunLog", "StepLog", "BranchLog", "Parameter"
"""How the names of a chunked run's files begin; behind all but the first stand a dash and the name of the part."""
