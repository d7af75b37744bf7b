"""Files: where caches are kept, how anything is opened, and how a path reads."""
