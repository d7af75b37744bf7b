"""`magnus-tui report`: a page that stands alone, whatever the store holds."""

import re

import pytest

from support.bad_input import make_bad_store
from support.stores import DATA_STORES, TESTS, stamps

SAMPLES = TESTS.parent / "sample_runs"


def test_a_report_of_one_run_has_its_facts_curves_and_failure(run, tmp_path):
    page = tmp_path / "page.html"
    ended = run("report", "tracked-failed", "-s", SAMPLES, "-o", page)
    assert (ended.status, ended.out) == (0, "")
    text = page.read_text("utf-8")
    assert "MemoryError: out of memory" in text
    assert text.count("<svg") == 2
    assert re.search(r"<td[^>]*>lr</td><td[^>]*>0\.1</td>", text)


def test_a_report_of_several_runs_says_what_differs(run, tmp_path):
    page = tmp_path / "page.md"
    assert run("report", "tracked-sweep-1", "tracked-sweep-2", "-s", SAMPLES, "-o", page).status == 0
    text = page.read_text("utf-8")
    assert "## What differs" in text
    assert "| parameters | lr |" in text
    assert "data:image/svg+xml;base64," in text


def test_a_page_asks_for_nothing_from_elsewhere(run, tmp_path):
    make_bad_store(tmp_path)
    listed = run("runs", "-s", tmp_path, "--format", "json").json
    ids = [row["run_id"] for row in listed if row["error"] is None]
    page = tmp_path / "page.html"
    assert run("report", *ids, "-s", tmp_path, "-o", page).status == 0
    text = page.read_text("utf-8")
    assert not re.search(r"<script|<link|<img|<iframe|<[^>]+\s(on\w+|src|href)=", text, re.IGNORECASE)
    assert "\x1b" not in text


@pytest.mark.parametrize("name", sorted(path.name for path in DATA_STORES.iterdir() if path.is_dir()))
@pytest.mark.parametrize("ending", ["html", "md"])
def test_runs_of_every_engine_can_be_reported(run, tmp_path, name, ending):
    store = DATA_STORES / name
    before = stamps(store)
    ids = [row["run_id"] for row in run("runs", "-s", store, "--limit", 3, "--format", "json").json]
    assert run("report", *ids, "-s", store, "-o", tmp_path / f"page.{ending}").status == 0
    assert stamps(store) == before


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("page.pdf", "ends in none of"),
        (str(SAMPLES / ".run_log_store" / "page.html"), "nothing is written into a store"),
        ("no/such/folder/page.html", "no such file or directory"),
    ],
)
def test_where_a_page_cannot_go_is_said_in_one_line(run, tmp_path, monkeypatch, output, said):
    monkeypatch.chdir(tmp_path)
    ended = run("report", "latest", "-s", SAMPLES, "-o", output)
    assert ended.status in (1, 2)
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1
