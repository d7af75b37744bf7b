"""What the panes of a run say, as lines of styled text; pure, without a widget."""
