"""Driving what is read again and again: live runs whose journals and files change meanwhile, and stored series."""

import contextlib
import json
import os

from fuzzing import originals
from fuzzing.changes import change_bytes, change_json, put_oddly, text_of
from fuzzing.projects import CHANGED, LONG_AGO
from fuzzing.reading import WrongAnswerError, refused
from magnus_tracking.filesystem.cache_folder import cache_folder
from magnus_tracking.follow.polling import Poll
from magnus_tracking.index import RunIndex
from magnus_tracking.series.cache import SeriesCache
from magnus_tracking.stores import open_store


def following(project, chance, watch):
    """A run in flight that is read after each of a few changes; in the end it reads as when read for the first time."""
    root = project / ".run_log_store"
    store = open_store(project)
    cache, poll = SeriesCache(store), Poll(store.root)
    index = RunIndex.open(store)
    with contextlib.closing(index):
        for _ in range(chance.randrange(1, 5)):
            with watch("live series"):
                refused(cache.load, CHANGED)
                refused(cache.open, CHANGED)
            with watch("followed"):
                poll.look([CHANGED])
                index.refresh_runs([CHANGED])
            whole = change_live(root, chance)
        with watch("live series"):
            followed, anew = (refused(one.load, CHANGED) for one in (cache, SeriesCache(store)))
        if whole and repr(followed) != repr(anew):
            raise WrongAnswerError("live series that were read on differ from those that were read anew")
        index.refresh_runs([CHANGED])
        index.refresh()
        row, now = index.summary(CHANGED), {run.run_id: run for run in store.runs()}.get(CHANGED)
        # A file that is perhaps only half-written leaves the row as it was.
        if now is not None and now.error is None and (row is None or row.error is not None):
            raise WrongAnswerError(f"a run that was followed is {row and row.error!r}, and can be read now")


def change_live(root, chance):
    """Change a journal or the run log, or take one away; whether what was read before is still what is there."""
    folder = root / f"{CHANGED}.journal"
    journals = sorted(folder.iterdir()) if folder.is_dir() else []
    journal = chance.choice(journals) if journals else folder / "attempt-0-1.jsonl"
    log = root / f"{CHANGED}.json"
    match chance.randrange(8):
        case 0 | 1 | 2 if journal.is_file() and journal.stat().st_size < 1 << 20:
            lines = originals.JOURNAL.encode().splitlines(keepends=True)[1:]
            more = b"".join(chance.choices(lines, k=5))
            with journal.open("ab") as file:
                file.write(chance.choice((more, more[:-7], change_bytes(more, chance, more))))
            return True
        case 3 if journal.is_file() and journal.stat().st_size < 1 << 20:
            content = change_bytes(journal.read_bytes(), chance, originals.JOURNAL.encode())
            journal.unlink()
            put_oddly(journal, content, chance)
            return True
        case 4 if journal.is_file() and journal.stat().st_size < 1 << 20:
            with journal.open("r+b") as file:
                file.truncate(chance.randrange(journal.stat().st_size + 1))
        case 5 if journals and journal.is_file():
            journal.unlink()
        case 6 if log.is_file() and log.stat().st_size < 1 << 20:
            with contextlib.suppress(ValueError, RecursionError):
                document = change_json(json.loads(log.read_bytes()), chance)
                log.write_bytes(text_of(document).encode("utf-8", "surrogatepass"))
                _age(log, chance)
            return True
        case 7 if log.is_file():
            log.write_bytes(b"")
            _age(log, chance)
    return False


def _age(path, chance):
    """Make a file old, of another time than before: a new one that can't be read is read again and again."""
    if chance.random() < 0.9:
        at = LONG_AGO + chance.randrange(1 << 24)
        os.utime(path, (at, at))


def stored_series(project, chance, watch):
    """The series of a large run, stored, whose file is changed: they are read again, and are the same."""
    store = open_store(project)
    first = SeriesCache(store)
    wanted = repr(first.load(CHANGED))
    first.close()
    (file,) = [path for path in (cache_folder() / "series").rglob("*") if path.is_file()]
    content = file.read_bytes()
    file.unlink()
    put_oddly(file, change_bytes(content, chance, content), chance)
    with watch("stored series"):
        found = SeriesCache(store)
        answer = repr(found.load(CHANGED))
        found.open(CHANGED)
        found.close()
    if answer != wanted:
        raise WrongAnswerError("series that were stored and changed differ from those of the run")
