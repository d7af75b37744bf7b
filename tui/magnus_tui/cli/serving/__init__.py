"""The explorer in a browser: the server behind ``magnus-tui serve``, its page, and whom it answers."""
