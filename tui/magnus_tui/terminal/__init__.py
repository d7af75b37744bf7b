"""The terminal that the explorer is drawn on: taking it, lending it to an editor, giving it back."""
