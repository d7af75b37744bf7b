"""The only door from the screens to the core."""
