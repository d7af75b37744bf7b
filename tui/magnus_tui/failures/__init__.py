"""The failures of a store by cause."""
