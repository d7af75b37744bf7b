"""Questions asked of runs: what differs, why they failed, where the time went, whether they live."""
