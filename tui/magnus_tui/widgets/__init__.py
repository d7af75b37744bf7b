"""The widgets of the explorer, one a file; they are given data and never open files."""
