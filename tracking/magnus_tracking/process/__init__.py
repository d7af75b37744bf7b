"""A command as a process: its standard streams, its children, its end, the report of its crash."""
