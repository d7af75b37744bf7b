"""Charts as pure drawing: numbers in, lines of cells out; no widget, no file, no application."""
