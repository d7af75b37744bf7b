"""Dialogs and notices that any screen may show."""
