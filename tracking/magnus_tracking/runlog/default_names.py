"""What the engines call the folder of a store, that of a catalog, and execution logs."""

from __future__ import annotations

STORE_FOLDER = ".run_log_store"
"""Where both engines keep run logs unless they are configured otherwise, below the project folder."""

OTHER_FOLDERS = ("run_logs", "run-logs")
"""Where runnable keeps them on the volume of Argo and Kubernetes, and in a bucket."""

STORE_FOLDERS = (STORE_FOLDER, *OTHER_FOLDERS)
"""What a folder of run logs may be called, the likeliest name first."""

CATALOG_FOLDER = ".catalog"
"""Where both engines keep catalogs unless they are configured otherwise, below the project folder."""

LOG_SUFFIX = ".execution.log"
"""Stands behind the name of a step in that of its execution log; the values of a map or random letters follow."""
