"""Execution logs: find, read, compare, and the tracebacks in them."""
