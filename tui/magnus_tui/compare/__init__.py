"""Runs, branches or attempts side by side."""
