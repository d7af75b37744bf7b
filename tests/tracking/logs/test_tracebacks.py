"""The cause of a failure, in every form in which logs show tracebacks."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnus_tracking.logs.escapes import strip_escapes
from magnus_tracking.logs.read import read_log
from magnus_tracking.logs.tracebacks import cause_in, cause_of, find_chains, mask, signature_of
from support.stores import DATA_STORES, TESTS

LOGS = TESTS / "data" / "logs"
MISSING = "/data/very/long/path/to/some/folder/that/does/not/exist/configuration/of/the/thing/which/is/missing.yaml"
APP_MESSAGE = (
    "could not load the configuration of the training run number 17 "
    f"from {MISSING} because the file is not there at all"
)


def lines_of(name):
    return read_log(LOGS / name, None).lines


CAUSES = {
    "plain_chained.log": (
        "FileNotFoundError",
        f"[Errno 2] No such file or directory: '{MISSING}'",
        "funcs.py:4 in inner",
    ),
    "runnable_function.log": (
        "FileNotFoundError",
        f"[Errno 2] No such file or directory: '{MISSING}'",
        "funcs.py:4 in inner",
    ),
    "runnable_shell.log": (
        "FileNotFoundError",
        f"[Errno 2] No such file or directory: '{MISSING}'",
        "funcs.py:4 in inner",
    ),
    "magnus_function.log": (
        "FileNotFoundError",
        f"[Errno 2] No such file or directory: '{MISSING}'",
        "funcs.py:4 in inner",
    ),
    "ipython_chained.log": (
        "FileNotFoundError",
        f"[Errno 2] No such file or directory: '{MISSING}'",
        "funcs.py:4 in inner",
    ),
    "runnable_several_lines.log": ("KeyError", "'k'", "funcs.py:11 in multi"),
    "magnus_several_lines.log": ("KeyError", "'k'", "funcs.py:11 in multi"),
    "ipython_cell.log": ("ValueError", "bad 3", "In[2]:3 in f"),
    "ipython_broken_cell.log": ("SyntaxError", "invalid syntax", "In[3]:1"),
    "exception_group.log": ("KeyError", "'x'", "groups.py:2 in a"),
    "unparsable_script.log": ("SyntaxError", "invalid syntax", "broken.py:1"),
    "rich_locals.log": ("ValueError", "loss diverged: nan at step 201", "lc.py:7 in train"),
    "rich_ascii.log": ("ValueError", "loss diverged: nan at step 201", "<string>:7 in train"),
}


@pytest.mark.parametrize("name", CAUSES)
def test_the_root_of_the_chain_is_the_cause_with_the_users_innermost_frame(name):
    cause = cause_in(lines_of(name))
    assert (cause.exception, cause.message, str(cause.frame)) == CAUSES[name]


def test_every_log_of_the_forms_has_an_expectation():
    assert {file.name for file in LOGS.iterdir()} == set(CAUSES)


@pytest.mark.parametrize(
    "name", ["plain_chained.log", "runnable_function.log", "magnus_function.log", "ipython_chained.log"]
)
def test_exceptions_are_chained_however_their_link_is_wrapped(name):
    chain = find_chains(lines_of(name))[0]
    assert [raised.exception.rpartition(".")[2] for raised in chain.raised][:2] == ["FileNotFoundError", "AppError"]
    assert chain.raised[1].message == APP_MESSAGE


def test_messages_keep_their_own_line_breaks_and_lose_those_of_the_console():
    raised = find_chains(lines_of("runnable_several_lines.log"))[0].raised
    assert raised[1].message.split("\n")[:2] == ["line one of the message", "line two"]


def test_the_engines_wrapper_is_the_cause_only_where_there_is_no_other():
    chain = find_chains(lines_of("runnable_function.log"))[0]
    assert chain.raised[-1].exception == "CommandCallError"
    text = ["Traceback (most recent call last):", '  File "a.py", line 1, in f', "    x()", "CommandCallError: no"]
    assert cause_in(text).exception == "CommandCallError"


def test_a_wrapper_behind_the_users_own_traceback_does_not_hide_it():
    own = [
        "Traceback (most recent call last):",
        '  File "a.py", line 1, in f',
        "    x()",
        "KeyError: 'lr'",
        "",
        "",
        "done",
    ]
    wrapper = ["Traceback (most recent call last):", '  File "b.py", line 2, in g', "    y()", "CommandCallError: no"]
    assert cause_in([*own, *wrapper]).exception == "KeyError"


def test_the_last_of_several_failures_is_the_one_that_counts():
    def shown(name):
        return [
            "Traceback (most recent call last):",
            '  File "a.py", line 1, in f',
            "    x()",
            f"{name}: boom",
            "went on",
        ]

    assert cause_in([*shown("KeyError"), *shown("TypeError")]).exception == "TypeError"


def test_frames_name_file_line_function_and_code():
    frame = cause_in(lines_of("rich_locals.log")).frame
    assert frame.file == "/srv/ml/lc.py"
    assert frame.code == 'raise ValueError(f"loss diverged: nan at step {epochs}")'


def test_an_exception_group_stands_behind_what_it_holds():
    (chain,) = find_chains(lines_of("exception_group.log"))
    assert [raised.exception for raised in chain.raised] == [
        "KeyError",
        "RuntimeError",
        "ValueError",
        "RuntimeError",
        "ExceptionGroup",
    ]
    assert (chain.start, chain.end) == (0, 39)


@pytest.mark.parametrize(
    ("file", "is_users"),
    [
        ("/srv/ml/train.py", True),
        ("/home/me/runnable/train.py", True),
        ("/srv/rn/examples/common/functions.py", True),
        ("/srv/rn/runnable/tasks.py", False),
        ("/srv/m/lib/python3.11/site-packages/magnus/tasks.py", False),
        ("/usr/lib/python3.11/json/decoder.py", False),
        ("C:\\Python311\\Lib\\site-packages\\numpy\\core.py", False),
        ("<frozen importlib._bootstrap>", False),
    ],
)
def test_user_code_is_told_from_engines_and_libraries(file, is_users):
    text = ["Traceback (most recent call last):", f'  File "{file}", line 3, in f', "    x()", "KeyError: 1"]
    assert find_chains(text)[0].raised[0].frames[0].is_users is is_users


def failed_logs():
    return sorted(
        file
        for file in DATA_STORES.glob("*/.catalog/*/*.execution.log*")
        if b"Traceback (most recent call last)" in file.read_bytes()
    )


@pytest.mark.parametrize("log", failed_logs(), ids=lambda log: f"{log.parent.name}-{log.name}")
def test_logs_of_the_engines_give_the_exception_that_they_show(log):
    cause = cause_in(read_log(log, None).lines)
    text = " ".join(log.read_text("utf-8").split())
    assert f"{cause.exception}: {cause.message}" in text
    assert cause.exception != "CommandCallError"
    assert cause.frame.is_users


def test_there_are_logs_of_both_engines_to_try():
    engines = {log.parents[2].name.partition("-")[0] for log in failed_logs()}
    assert engines == {"magnus", "runnable"}


@pytest.mark.parametrize(
    ("message", "masked"),
    [
        ("loss diverged: nan at step 201", "loss diverged: nan at step <n>"),
        ("lr=1e-05, loss=-0.25", "lr=<n>, loss=<n>"),
        ("object at 0x7f3a2c", "object at <hex>"),
        ("commit 3a3fc7a8bf4231a14ebfcc3a702b8b90b09e5a0c", "commit <hex>"),
        ("no run 123e4567-e89b-12d3-a456-426614174000", "no run <id>"),
        ("no run chocolaty-murdock-1640", "no run <id>"),
        ("[Errno 2] No such file: '/data/x.yaml'", "[Errno <n>] No such file: <value>"),
        ("can't open /data/run/x.yaml", "can't open <path>"),
        ("can't read the user's file", "can't read the user's file"),
        ("first line 1\nsecond line 2", "first line <n>"),
        ("This is an exception", "This is an exception"),
    ],
)
def test_what_varies_in_a_message_is_masked(message, masked):
    assert mask(message) == masked


def test_the_same_failure_has_one_signature_whether_its_module_was_printed_or_not():
    assert signature_of("json.decoder.JSONDecodeError", "line 3") == signature_of("JSONDecodeError", "line 9")


def test_an_exception_without_a_message_is_signed_by_its_type():
    assert signature_of("KeyboardInterrupt", "") == "KeyboardInterrupt"


PIECES = [
    "Traceback (most recent call last):",
    "╭───── Traceback (most recent call last) ─────╮",
    "+----- Traceback (most recent call last) -----+",
    "╰─────────────────────────────────────────────╯",
    "│ /srv/ml/train.py:28 in train                │",
    "│ ❱ 28 │   raise ValueError(│",
    "ValueError                                Traceback (most recent call last)",
    'Traceback (most recent call last):,  File "a.py", line 4, in f,    x(),KeyError: 1,',
    '  File "a.py", line 3, in f',
    '  File "a.py", line 3',
    "Cell In[1], line 3",
    "----> 3 x()",
    "ValueError: loss diverged",
    "ValueError",
    "  | ExceptionGroup: many (2 sub-exceptions)",
    "  + Exception Group Traceback (most recent call last):",
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another",
    "exception occurred:",
    "",
    "           ERROR    ",
]
any_line = st.one_of(st.sampled_from(PIECES), st.text(max_size=60).map(lambda text: text.replace("\n", " ")))


@given(st.lists(st.tuples(st.sampled_from(["", "  ", "    ", "  | ", " " * 20]), any_line), max_size=40))
def test_any_text_gives_chains_within_its_lines_and_never_an_error(parts):
    lines = [indent + line for indent, line in parts]
    for chain in find_chains(lines):
        assert 0 <= chain.start < chain.end <= len(lines)
        cause = cause_of(chain)
        assert "\n" not in signature_of(cause.exception, cause.message)


@given(st.text(), st.text())
def test_masking_is_stable_and_gives_one_line(exception, message):
    masked = mask(message)
    assert "\n" not in masked
    assert not set(masked) & set(string.digits)


@given(st.sampled_from(sorted(CAUSES)), st.data())
def test_a_log_that_is_cut_anywhere_gives_no_error(name, data):
    text = (LOGS / name).read_bytes()
    start = data.draw(st.integers(0, len(text)))
    cut = strip_escapes(text[start : data.draw(st.integers(start, len(text)))].decode("utf-8", "replace"))
    cause_in(cut.split("\n"))
