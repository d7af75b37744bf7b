"""A run in a folder of chunks without an ending: runnable's ``chunked-minio`` store, also synced to a disk.

The chunks are those of `magnus_tracking.stores.formats.chunked`: ``RunLog`` with the top steps, and
``BranchLog-<internal_name>`` with the steps of a branch.
"""

from __future__ import annotations

from typing import ClassVar

from magnus_tracking.stores.formats.chunked import Chunked


class ChunkedMinio(Chunked):
    """See the module."""

    chunk_suffix: ClassVar[str] = ""


CHUNKED_MINIO = ChunkedMinio()
