"""Reading the outline of a run, in one file or in chunks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from magnus_tracking.runlog.json import parse_object
from magnus_tracking.runlog.natural_order import natural_key
from magnus_tracking.runlog.outline import RunOutline, decode_branch, decode_run, decode_step
from magnus_tracking.stores.files import read_as
from magnus_tracking.stores.formats.chunked import (
    assemble,
    chunk_paths,
    creation_ns,
    read_pieces,
    starting,
)
from magnus_tracking.stores.handles import RUN_LOG_CHUNK

Decode = Callable[[bytes], RunOutline]
"""Makes the outline of a run of the content of its file; raises as `decode_run` does."""


def read_outline(
    location: str, *, chunked: bool, content: bytes | None = None, decode: Decode = decode_run
) -> RunOutline:
    """The outline of a run.

    Args:
        location: a file or a folder of chunks.
        chunked: whether it is a folder.
        content: of the file, where it has just been read.
        decode: makes the outline of a file.

    Raises:
        UnreadableRunError: a file can't be read or understood.
    """
    if not chunked:
        return read_as(location, decode, content)
    path = Path(location)
    chunks = chunk_paths(path)
    run = read_as(chunks[RUN_LOG_CHUNK], decode_run)
    parameters = {}
    for parameter in starting(chunks, "Parameter-"):
        parameters.update(read_as(parameter, parse_object))
    if parameters:
        run.parameters = {key: parameters[key] for key in sorted(parameters, key=natural_key)}
    assemble(
        run,
        path,
        read_pieces(chunks, "StepLog-", decode_step),
        read_pieces(chunks, "BranchLog-", decode_branch),
    )
    run.chunk_times_ns = tuple(sorted(filter(None, map(creation_ns, chunks))))
    return run
