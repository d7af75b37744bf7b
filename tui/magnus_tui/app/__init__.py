"""The application: the stack of screens, which screen a request opens, keys in order."""
