"""Whether a folder lies where the system tells of changed files."""

from __future__ import annotations

import re
from pathlib import Path

from magnus_tracking.filesystem.regular_files import read_text

MOUNTS = Path("/proc/self/mounts")
_SILENT = re.compile(
    r"nfs\d*|cifs|smb\d*|smbfs|9p|afs|auristorfs|ceph|glusterfs|lustre|gpfs|beegfs|ncpfs|pvfs2|orangefs|davfs\d*|"
    r"drvfs|vboxsf|prl_fs|virtiofs|fuse\..*|fuse"
)
"""File systems on which another machine can change files without this one being told."""

_ESCAPE = re.compile(r"\\([0-7]{3})")


def tells_of_changes(folder: Path, mounts: str | None = None) -> bool:
    """Whether file events can be relied on in `folder`; where the system can't say, they are.

    Args:
        folder: any folder.
        mounts: what ``/proc/self/mounts`` holds, if not to be read.
    """
    if mounts is None:
        try:
            mounts = read_text(MOUNTS, "surrogateescape")
        except OSError:
            return True
    resolved = folder.resolve()
    kind, longest = "", -1
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        place = Path(_ESCAPE.sub(lambda match: chr(int(match[1], 8)), fields[1]))
        depth = len(place.parts)
        if depth >= longest and (place == resolved or place in resolved.parents):
            kind, longest = fields[2], depth
    return _SILENT.fullmatch(kind) is None
