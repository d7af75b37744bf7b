"""Which hosts and origins a server of the explorer answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnus_tui.cli.serving.origins import is_ours, names_us

LOOPBACK = [
    "localhost",
    "LocalHost",
    "localhost.",
    "127.0.0.1",
    "127.8.9.1",
    "[::1]",
    "[0:0::0:1]",
    "[::ffff:127.0.0.1]",
]


@pytest.mark.parametrize("port", ["", ":8000", ":1"])
@pytest.mark.parametrize("host", [*LOOPBACK, "runs.example", "RUNS.example.", "10.0.0.7", "[fe80::1]"])
def test_loopback_by_any_name_and_the_names_of_the_server_are_its_own(host, port):
    assert names_us(host + port, ["runs.example", "10.0.0.7", "fe80::1"])


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        ":8000",
        "evil.example",
        "localhost.evil.example",
        "evil-localhost",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "evil.example#localhost",
        "localhost:x",
        "localhost:8000:1",
        "[::1",
        "[::2]",
        "128.0.0.1",
        "0.0.0.0",
        "10.0.0.8",
        "localhost localhost",
        "ｌocalhost",
    ],
)
def test_any_other_host_is_foreign(host):
    assert not names_us(host, ["runs.example", "10.0.0.7"])


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        (None, "localhost:8000"),
        ("http://localhost:8000", "localhost:8000"),
        ("http://LOCALHOST:8000", "localhost.:8000"),
        ("http://localhost", "localhost"),
        ("http://localhost:80", "localhost"),
        ("https://runs.example", "runs.example"),
        ("https://runs.example", "runs.example:443"),
        ("http://[::1]:8000", "[0:0::1]:8000"),
    ],
)
def test_the_page_of_the_server_itself_is_ours(origin, host):
    assert is_ours(origin, host)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("null", "localhost:8000"),
        ("", "localhost:8000"),
        ("http://evil.example", "localhost:8000"),
        ("http://localhost:8001", "localhost:8000"),
        ("http://127.0.0.1:8000", "localhost:8000"),
        ("http://localhost", "localhost:8000"),
        ("http://localhost:8000.evil.example", "localhost:8000"),
        ("http://localhost:8000@evil.example", "localhost:8000"),
        ("http://localhost:8000/path", "localhost:8000"),
        ("file://localhost:8000", "localhost:8000"),
        ("chrome-extension://localhost:8000", "localhost:8000"),
        ("http://", ""),
    ],
)
def test_any_other_page_is_foreign(origin, host):
    assert not is_ours(origin, host)


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_header_is_too_odd_to_be_judged(origin, host):
    assert is_ours(origin, host) in (True, False)
    assert names_us(host, [origin]) in (True, False)
