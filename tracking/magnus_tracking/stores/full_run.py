"""One run in full, through the models; apart from listing, which needs no pydantic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from magnus_tracking.errors import UnreadableRunError
from magnus_tracking.journal.journal_paths import find_journals
from magnus_tracking.journal.overlays import overlay_run, raise_unless_ended
from magnus_tracking.journal.reader import read_in_flight
from magnus_tracking.runlog.garbage_collection import paused_collection
from magnus_tracking.runlog.json import without_surrogates
from magnus_tracking.runlog.models import RunLog
from magnus_tracking.runlog.outline import RunOutline
from magnus_tracking.stores.formats import RunHandle
from magnus_tracking.stores.huge_run import run_in_pieces
from magnus_tracking.stores.run_listing import is_huge_text


def load_run(handle: RunHandle, root: Path) -> RunLog:
    """The full run log of the run behind `handle`, with what it has tracked so far if it is in flight.

    Args:
        handle: the run.
        root: the folder that holds the run logs.

    Raises:
        UnreadableRunError: the run's files can't be understood.
    """
    return _load_huge(handle, root, late=False)[0]


def load_late(handle: RunHandle, root: Path) -> tuple[RunLog, RunOutline | None]:
    """The same; of a huge run that tracks nothing now its outline, and its branches are validated when looked into."""
    return _load_huge(handle, root, late=True)


def _load_huge(handle: RunHandle, root: Path, *, late: bool) -> tuple[RunLog, RunOutline | None]:
    if is_huge_text(handle) and not find_journals(root, handle.run_id):
        with paused_collection():
            in_pieces = run_in_pieces(handle.path, late=late)
        if in_pieces is not None:
            return in_pieces
    return _load(handle, root)[1], None


def load_checked_document(handle: RunHandle, root: Path) -> dict[str, Any]:
    """The same as JSON, key for key as the store holds it; raises as `load_run` does.

    To make it of the models again would take as much memory once more.
    """
    return _load(handle, root)[0]


def _load(handle: RunHandle, root: Path) -> tuple[dict[str, Any], RunLog]:
    with paused_collection():
        problem, journals = None, []
        try:
            journals = read_in_flight(root, handle.run_id)
        except UnreadableRunError as error:
            problem = error
        document = handle.format.document(handle)
        run = validate(handle.path, document)
        raise_unless_ended(problem, run.status)
        return document, validate(handle.path, overlay_run(document, journals)) if journals else run


def validate(path: str | Path, document: dict[str, Any]) -> RunLog:
    """The run log that a document holds.

    Args:
        path: of the run.
        document: all of it.

    Raises:
        UnreadableRunError: it is not a run log.
    """
    try:
        return RunLog.model_validate(document)
    except ValidationError as error:
        if any(one["type"] == "string_unicode" for one in error.errors(include_url=False, include_input=False)):
            # A half of a surrogate pair, which is not text to pydantic; summaries show a question mark, too.
            return validate(path, without_surrogates(document))
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UnreadableRunError(Path(path), f"not a run log: {where}: {first['msg'].lower()}") from None
    except RecursionError:
        raise UnreadableRunError(Path(path), "nested too deeply") from None
