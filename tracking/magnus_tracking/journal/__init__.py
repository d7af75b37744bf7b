"""The journal: where the metrics of a running attempt are until it ends.

A run in flight has a folder of journals beside it. Each is an append-only file of JSON lines that belongs to one
attempt (or to the run itself, to tell that its process lives); any process and any language may append to it. Readers
lay what it holds over the run log, so that a live run, and one whose process was killed, show all that was tracked.

    for path in find_journals(root, run_id):
        reader = JournalReader(path)
        records = reader.read_new()      # again and again, for what is new

    journals = read_in_flight(root, run_id)      # or all at once, for one reading of a run: before its log is read,
    overlay_run(document, journals)              # so that an attempt that ends in between is in one of them
"""
