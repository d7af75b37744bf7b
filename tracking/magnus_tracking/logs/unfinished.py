"""The execution log of a step that has not ended, or whose process was killed: no catalog lists it.

magnus and the tracking core write ``<step name, spaces as _>.execution.log``, with ``_<value>`` behind it in a map,
into the run's folder of the catalog; the tracking core in a branch into a folder below that is named after the branch.
magnus writes an attempt only when it has ended.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from magnus_tracking.logs.catalog import CatalogHome, RunHome, catalog_folders, run_folder, run_home
from magnus_tracking.runlog.default_names import LOG_SUFFIX
from magnus_tracking.runlog.vocabulary import GOES_ON

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import StepLog


def open_log(step: StepLog, home: CatalogHome | RunHome, run_id: str, *, ours: bool) -> Path | None:
    """The file that a step writes now, or wrote when it was killed; None where the step has ended, or has no such file.

    After a recovery the run log says that such a step failed.

    Args:
        step: the step.
        home: where the catalog is.
        run_id: the name of the run's folder in the catalog.
        ours: whether the tracking core wrote the run, which lists the log of every attempt that it ends itself.
    """
    goes_on = step.status in GOES_ON and (step.attempts or not ours)
    if not (goes_on or (ours and step.status == "FAIL" and step.attempts)) or step.branches or step.mock:
        return None
    name = step.name.replace(" ", "_") + LOG_SUFFIX
    branch = step.internal_name.rpartition(".")[0]
    listed = {entry.name for entry in step.data_catalog}
    if step.status not in GOES_ON and any(entry == name or entry.startswith(f"{name}_") for entry in listed):
        return None
    home = run_home(home)
    for catalog in catalog_folders("", home):
        root = run_folder(catalog, run_id, home)
        if root is None:
            continue
        try:
            folder = (root / branch).resolve()
            if not folder.is_relative_to(root):
                continue
            for path in sorted(folder.iterdir()):
                ours = path.name == name or path.name.startswith(f"{name}_")
                if ours and path.name not in listed and path.is_file() and not path.is_symlink():
                    return path
        except (OSError, ValueError, RuntimeError):
            continue
    return None
