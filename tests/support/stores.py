"""Where the stores of the tests are, and what is in them."""

from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
SAMPLE_RUNS = TESTS.parent / "sample_runs"
DATA_STORES = TESTS / "data" / "stores"
STORE_NAMES = sorted(folder.name for folder in DATA_STORES.iterdir())


def runs_with_expected():
    """(store's name, run id) of each run that the engine's own reader read."""
    return [
        (name, file.stem) for name in STORE_NAMES for file in sorted((DATA_STORES / name / "expected").glob("*.json"))
    ]


def stamps(folder):
    """What can be seen of a folder's files from outside: names, kinds, bytes and times of change."""
    found = {}
    for path in sorted([folder, *folder.rglob("*")]):
        info = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else None
        found[str(path.relative_to(folder))] = (info.st_mode, info.st_size, info.st_mtime_ns, info.st_ctime_ns, content)
    return found
