"""What the server of the explorer answers, and whom, over real connections."""

import asyncio
import re
import signal
import socket
import subprocess
import sys

import pytest

from support.stores import DATA_STORES
from support.waiting import LONG

try:
    import aiohttp
except ImportError:
    # It comes with the extra `serve`; the first tier collects this module, and runs none of it.
    aiohttp = None

pytestmark = pytest.mark.outside

SWEEP = DATA_STORES / "magnus-sweep"
EVIL = "http://evil.example"


@pytest.fixture(scope="module")
def address():
    """Where a server answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "magnus_tui", "serve", SWEEP, "--port", str(port), "--name", "runs.example"]
    with subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        found = re.search(r"http://\S+", process.stdout.readline())
        yield found[0]
        process.send_signal(signal.SIGTERM)
        assert process.wait(LONG) == 0
        assert "Traceback" not in process.stdout.read()


def parts(address):
    """The port and the token in an address."""
    found = re.fullmatch(r"http://localhost:(\d+)/([\w-]{40,})/", address)
    return found[1], found[2]


async def get(url, **headers):
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers, allow_redirects=False) as answer:
        return answer.status, await answer.read(), answer.headers


async def screen(url, until_text, **headers):
    """What the explorer paints on a websocket, as soon as it holds a text."""
    painted = b""
    async with aiohttp.ClientSession() as session, session.ws_connect(url, headers=headers) as connection:
        while until_text not in painted.decode("utf-8", "replace"):
            message = await asyncio.wait_for(connection.receive(), LONG)
            assert message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT), message
            painted += message.data if isinstance(message.data, bytes) else message.data.encode()
    return painted


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "LOCALHOST.", "runs.example"])
async def test_its_own_page_opens_the_explorer_by_each_of_its_names(address, host):
    port, token = parts(address)
    named = f"{host}:{port}"
    status, page, headers = await get(address, Host=named)
    assert status == 200
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    local = f"http://127.0.0.1:{port}/{token}/"
    parts_of_page = re.findall(r'(?:src|href)="([^":]+)"', page.decode())
    assert len(parts_of_page) == 4
    for part in parts_of_page:
        assert (await get(local + part, Host=named))[0] == 200
    url = f"{local}ws?width=120&height=40"
    assert b"fixed-11" in await screen(url, "fixed-11", Host=named, Origin=f"http://{named}")


def cells(painted):
    """How far the places reach that something is painted at."""
    places = re.findall(rb"\x1b\[(\d+);(\d+)H", painted)
    return max(int(row) for row, _ in places), max(int(column) for _, column in places)


@pytest.mark.parametrize("first", ["width=1000000&height=1000000", "width=120&height=40", "width=x&height=y"])
async def test_a_terminal_larger_than_any_screen_is_painted_no_larger(address, first):
    headers = {"Origin": f"http://localhost:{parts(address)[0]}"}
    painted = b""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{address}ws?{first}", headers=headers, max_msg_size=0) as connection,
    ):
        is_resized = False
        while b"\x1b[400;" not in painted or not is_resized:
            message = await asyncio.wait_for(connection.receive(), LONG)
            painted += message.data if isinstance(message.data, bytes) else message.data.encode()
            if not is_resized and b"help" in painted:
                is_resized = True
                await connection.send_json(["resize", {"width": 10**30, "height": 10**6}])
    rows, columns = cells(painted)
    assert rows == 400
    assert columns <= 1000


@pytest.mark.parametrize("where", ["", "ws", "static/js/textual.js", "static/", "download/x", "nothing"])
async def test_a_foreign_name_or_page_or_a_missing_token_gets_nothing(address, where):
    port, token = parts(address)
    local = f"http://127.0.0.1:{port}"
    refused = [
        await get(f"{address}{where}", Host="evil.example"),
        await get(f"{address}{where}", Host=f"evil.example:{port}"),
        await get(f"{address}{where}", Host="localhost.evil.example"),
        await get(f"{address}{where}", Origin=EVIL),
        await get(f"{address}{where}", Origin="null"),
        await get(f"{address}{where}", Origin=f"http://localhost:{int(port) + 1}"),
        await get(f"{address}{where}", Origin=EVIL, Host="evil.example"),
        await get(f"{local}/{where}"),
        await get(f"{local}/{token[:-1]}/{where}"),
        await get(f"{local}/{token}x/{where}"),
        await get(f"{local}//{token}/{where}"),
    ]
    assert [(status, body) for status, body, _ in refused] == [(403, b"")] * len(refused)


@pytest.mark.parametrize(("asked", "status"), [("CONNECT here:80", 403), ("OPTIONS *", 403), ("GET {size}", 200)])
def test_whatever_is_asked_for_is_answered_without_a_fault(address, asked, status):
    port, token = parts(address)
    first = asked.format(size=f"/{token}/?fontsize={'9' * 5000}")
    with socket.create_connection(("127.0.0.1", int(port)), LONG) as connection:
        connection.sendall(f"{first} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode())
        assert connection.recv(64).split()[1] == str(status).encode()


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("ws", {"Origin": EVIL}),
        ("ws", {"Origin": EVIL, "Host": "evil.example"}),
        ("ws", {"Host": "evil.example"}),
        ("../ws", {}),
    ],
    ids=["origin", "rebound", "host", "token"],
)
async def test_a_foreign_websocket_is_not_opened(address, path, headers):
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await screen(f"{address}{path}?width=120&height=40", "fixed", **headers)
    assert refused.value.status == 403


@pytest.mark.parametrize("message", ["nonsense", "[]", "5", '["resize"]', '["stdin", 5]', '["stdin", "\\ud800"]'])
async def test_a_message_that_no_page_sends_ends_its_connection_alone(address, message):
    headers = {"Origin": f"http://localhost:{parts(address)[0]}"}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{address}ws?width=80&height=24", headers=headers) as connection,
    ):
        await connection.send_str(message)
        while (await asyncio.wait_for(connection.receive(), LONG)).type is not aiohttp.WSMsgType.CLOSE:
            continue
    assert b"fixed-11" in await screen(f"{address}ws?width=120&height=40", "fixed-11", **headers)


@pytest.fixture
def alone():
    """A server that no other test asks."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "magnus_tui", "serve", str(SWEEP), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_server_ends_while_pages_are_open_and_does_not_wait_a_minute_for_them(alone, number):
    url = re.search(r"http://\S+", alone.stdout.readline())[0]
    async with aiohttp.ClientSession() as session:
        connections = [await session.ws_connect(f"{url}ws?width=80&height=24") for _ in range(8)]
        await asyncio.wait_for(connections[0].receive(), LONG)
        alone.send_signal(number)
        assert await asyncio.to_thread(alone.wait, LONG) == 0
    assert alone.stderr.read() == ""


@pytest.fixture
def behind_a_proxy():
    """The port and the token of a server that a proxy leads to."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--port", str(port), "--public-url", "https://runs.example/magnus/"]
    command = [sys.executable, "-m", "magnus_tui", "serve", str(SWEEP), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield port, re.search(r"https://runs\.example/magnus/([\w-]{40,})/", process.stdout.readline())[1]
        process.send_signal(signal.SIGTERM)


@pytest.mark.parametrize("named", ["runs.example", "localhost"])
async def test_a_proxy_reaches_it_by_its_public_address(behind_a_proxy, named):
    port, token = behind_a_proxy
    local = f"http://127.0.0.1:{port}/{token}/"
    host = named if named == "runs.example" else f"{named}:{port}"
    assert (await get(local, Host=host))[0] == 200
    assert b"fixed-11" in await screen(f"{local}ws", "fixed-11", Host=host, Origin="https://runs.example")
    assert (await get(local, Host=host, Origin="https://evil.example"))[0] == 403


def test_a_public_url_that_is_none_is_one_line():
    command = [sys.executable, "-m", "magnus_tui", "serve", "--public-url", "runs.example"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONG)
    assert (ran.returncode, len(ran.stderr.splitlines())) == (2, 1)


def test_a_port_in_use_is_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-m", "magnus_tui", "serve", "--host", "127.0.0.1"]
        port = str(taken.getsockname()[1])
        ran = subprocess.run([*command, "--port", port], capture_output=True, text=True, check=False, timeout=LONG)
    assert ran.returncode == 1
    (line,) = ran.stderr.splitlines()
    assert f"can't listen on 127.0.0.1, port {port}" in line
