"""Where run logs live.

`open_store` recognises a store, the folder that holds one, one run's file and one run's folder. A store
may mix layouts and engines; nothing here writes.
"""

from magnus_tracking.stores.formats import RunHandle
from magnus_tracking.stores.open import STORE_FOLDER, open_store
from magnus_tracking.stores.store import Store

__all__ = ["STORE_FOLDER", "RunHandle", "Store", "open_store"]
