"""The explorer: a terminal application over the run logs that the tracking core reads."""
