"""What a run log says. Nothing here opens a file."""
