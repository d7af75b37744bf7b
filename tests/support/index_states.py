"""The states in which a start can find the index of a store, made of one that an earlier start filled and closed."""

import sqlite3


def _corrupt(file):
    content = bytearray(file.read_bytes())
    content[100:-1] = b"\xa5" * (len(content) - 101)
    file.write_bytes(content)


def _truncate(file):
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def _age(file):
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version = 1")
        connection.execute("ALTER TABLE runs RENAME TO runs_of_old")
    connection.close()


DAMAGES = {"warm": lambda file: None, "corrupt": _corrupt, "truncated": _truncate, "older-schema": _age}


def put_into(state, cache):
    """Bring the one index in a cache folder into a state."""
    (file,) = cache.rglob("*.sqlite")
    DAMAGES[state](file)
