"""The tracking core: reads, writes and understands the run logs of magnus and runnable."""
