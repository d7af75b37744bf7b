"""Mutation testing of the modules that `tool.mutmut` in pyproject.toml names."""
