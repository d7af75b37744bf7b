"""The editor that a file is opened in, and text on its way to the clipboard."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnus_tui.format.text import clean_lines
from magnus_tui.terminal.editor import edit


@pytest.fixture
def log(tmp_path, monkeypatch):
    folder = tmp_path / "-a folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "-x run.json").write_text("{}")
    return folder / "-x run.json"


def test_an_editor_with_arguments_gets_the_absolute_path(log, tmp_path, monkeypatch):
    monkeypatch.setenv("EDITOR", f"""sh -c 'printf "%s" "$2" > "{tmp_path}/given"' sh --wait""")
    assert edit(log.relative_to(log.parent)) is None
    assert (tmp_path / "given").read_text() == str(log)


@pytest.mark.parametrize(
    ("editor", "says"),
    [
        ("", "set $EDITOR"),
        ("   ", "set $EDITOR"),
        ("vi 'x", "can't parse"),
        ("no-such-editor --wait", "can't start the editor 'no-such-editor'"),
        ("false", "ended with status 1"),
        ("sh -c 'kill -9 $$'", "signal 9 (SIGKILL)"),
    ],
)
def test_what_goes_wrong_with_an_editor_is_one_line(log, monkeypatch, editor, says):
    monkeypatch.setenv("EDITOR", editor)
    problem = edit(log)
    assert says in problem
    assert len(problem.splitlines()) == 1


def test_a_file_that_is_gone_is_not_made_anew(log, monkeypatch):
    monkeypatch.setenv("EDITOR", "touch")
    log.unlink()
    assert "there is no file" in edit(log)
    assert not log.exists()


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_any_text_can_be_copied_and_pasted_safely(text):
    copied = clean_lines(text)
    assert base64.b64decode(base64.b64encode(copied.encode())).decode() == copied
    assert all(character.isprintable() or character in "\n\t" or ord(character) > 0x9F for character in copied)
