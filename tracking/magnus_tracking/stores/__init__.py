"""Where run logs live.

`open_store` recognises a store, the folder that holds one, one run's file and one run's folder. A store
may mix layouts and engines; nothing here writes.
"""

from magnus_tracking.filesystem.regular_files import bring_before_opening
from magnus_tracking.stores.formats import RunHandle
from magnus_tracking.stores.store import Store
from magnus_tracking.stores.store_at_path import open_store, open_stores


def _bring(path: str) -> bool:
    from magnus_tracking.stores.remote.mirror import bring_content  # late: few files are without their content

    return bring_content(path)


bring_before_opening(_bring)

__all__ = ["RunHandle", "Store", "open_store", "open_stores"]
