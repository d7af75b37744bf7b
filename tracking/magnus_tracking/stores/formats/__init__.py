"""One module for each way in which a run lies in a store."""
