"""Reading stores from Python: scripts and notebooks, and what the commands do the same way; see docs/python.md."""
