"""The explorer in a real Chromium: the page, keys, clicks, resizing, copying, and what a foreign page gets."""

import asyncio
import http.server
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pyte
import pytest

from support.stores import DATA_STORES
from support.waiting import LONG

try:
    from playwright.async_api import async_playwright
except ImportError:
    # The continuous integration installs it; the first tier collects this module, and runs none of it.
    async_playwright = None

pytestmark = pytest.mark.outside

SWEEP = DATA_STORES / "magnus-sweep"
FOREIGN_PAGE = """<!doctype html><body><script>
const got = [];
const note = (what, value) => { got.push([what, String(value)]); document.title = JSON.stringify(got); };
for (const address of %s) {
  fetch(address).then((answer) => answer.text()).then((text) => note("fetch", text), () => note("refused", address));
  const socket = new WebSocket(address.replace("http:", "ws:") + "ws");
  socket.onopen = () => note("websocket", address);
  socket.onerror = () => note("refused", address);
}
</script></body>"""


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Forwarded:
    """Another port of this machine that leads to a server, as ``ssh -L`` makes one."""

    def __init__(self, target):
        self._target = target
        self.port = free_port()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_):
        self._server.close()

    async def _connect(self, reader, writer):
        there, to_there = await asyncio.open_connection("127.0.0.1", self._target)

        async def pass_on(source, sink):
            try:
                while data := await source.read(1 << 16):
                    sink.write(data)
                    await sink.drain()
            except ConnectionError:
                pass
            finally:
                sink.close()

        await asyncio.gather(pass_on(reader, to_there), pass_on(there, writer))


@pytest.fixture
def address(user_folders):
    """Where a server answers, whose home is the test's."""
    command = [sys.executable, "-m", "magnus_tui", "serve", str(SWEEP), "--port", str(free_port())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield re.search(r"http://\S+", process.stdout.readline())[0]
        process.send_signal(signal.SIGTERM)
        assert process.wait(LONG) == 0


class Tab:
    """A page with the explorer, and the screen that it shows."""

    def __init__(self, page):
        self.page = page
        self.requested = []
        self.sent = []
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)
        page.on("request", lambda request: self.requested.append(request.url))
        page.on("websocket", self._listen)

    def _listen(self, connection):
        connection.on("framereceived", self._take)
        connection.on("framesent", self._took)

    def _take(self, data):
        self._stream.feed(data.encode() if isinstance(data, str) else data)

    def _took(self, data):
        message = json.loads(data)
        self.sent.append(message[0])
        if message[0] == "resize":
            self._screen.resize(message[1]["height"], message[1]["width"])

    @property
    def lines(self):
        return list(self._screen.display)

    @property
    def size(self):
        return self._screen.columns, self._screen.lines

    async def wait_for(self, text):
        """Wait until a text is on the screen; the line and the column where it begins."""
        for _ in range(int(LONG * 20)):
            for row, line in enumerate(self.lines):
                if text in line:
                    return row, line.index(text)
            await self.page.wait_for_timeout(50)
        raise AssertionError(f"{text!r} not in:\n" + "\n".join(self.lines))

    async def click(self, row, column):
        """Click the cell at a place of the screen."""
        box = await self.page.locator(".xterm-screen").bounding_box()
        width, height = box["width"] / self.size[0], box["height"] / self.size[1]
        await self.page.mouse.click(box["x"] + (column + 0.5) * width, box["y"] + (row + 0.5) * height)


@pytest.fixture
async def chromium():
    """A real Chromium."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "no Chromium is installed"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        await browser.close()


async def open_tab(chromium, address, **permissions):
    context = await chromium.new_context(viewport={"width": 1200, "height": 800}, **permissions)
    tab = Tab(await context.new_page())
    await tab.page.goto(address)
    return tab


async def test_a_person_explores_a_store_in_it(chromium, address):
    tab = await open_tab(chromium, address, permissions=["clipboard-read", "clipboard-write"])
    await tab.wait_for("fixed-11")
    # Keys work at once: nothing was clicked.
    await tab.page.keyboard.press("Enter")
    await tab.wait_for("9 raw")
    await tab.wait_for("loss diverged")
    await tab.page.keyboard.press("2")
    await tab.wait_for("train/valid")
    await tab.page.keyboard.press("Escape")
    await tab.page.keyboard.press("Escape")
    await tab.wait_for("sorted by")
    row, column = await tab.wait_for("fixed-8")
    await tab.click(row, column)
    await tab.page.keyboard.press("y")
    await tab.wait_for("copied")
    assert await tab.page.evaluate("navigator.clipboard.readText()") == "fixed-8"
    before = tab.size
    await tab.page.set_viewport_size({"width": 900, "height": 500})
    await tab.page.wait_for_function("() => document.querySelector('.xterm-screen').clientWidth <= 900")
    await tab.wait_for("fixed-8")
    assert tab.size[0] < before[0]
    origin = "/".join(address.split("/")[:3])
    assert {url for url in tab.requested if not url.startswith((origin, "data:"))} == set()
    await tab.page.keyboard.press("q")
    await tab.page.wait_for_selector("body.-closed #ended button", state="visible")


async def test_it_works_behind_a_forwarded_port(chromium, address):
    port = int(re.search(r":(\d+)/", address)[1])
    async with Forwarded(port) as forwarded:
        tab = await open_tab(chromium, address.replace(f":{port}/", f":{forwarded.port}/"))
        await tab.wait_for("fixed-11")
        await tab.page.context.close()


async def test_a_page_of_another_origin_gets_nothing(chromium, address):
    without_token = "/".join(address.split("/")[:3]) + "/"

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write((FOREIGN_PAGE % json.dumps([address, without_token])).encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        page = await chromium.new_page()
        await page.goto(f"http://127.0.0.1:{server.server_port}/")
        await page.wait_for_function("() => document.title && JSON.parse(document.title).length === 4")
        assert {what for what, _ in json.loads(await page.title())} == {"refused"}
    finally:
        server.shutdown()
        server.server_close()


async def test_what_is_served_writes_nothing_and_starts_no_program(chromium, user_folders, address):
    tab = await open_tab(chromium, address)
    await tab.wait_for("fixed-11")
    await tab.page.keyboard.press("e")
    await tab.wait_for("can't be handed to an editor")
    await tab.page.keyboard.press("p")
    await tab.page.keyboard.press("q")
    await tab.page.wait_for_selector("body.-closed")
    assert list(user_folders.rglob("settings.toml")) == []


async def test_what_is_seen_is_copied_and_downloaded_below_the_token_and_never_written_by_the_server(
    chromium, user_folders, address
):
    tab = await open_tab(chromium, address, permissions=["clipboard-read", "clipboard-write"], accept_downloads=True)
    await tab.wait_for("fixed-11")
    await tab.page.keyboard.press("w")
    await tab.wait_for("15 rows")
    await tab.wait_for("download")
    await tab.page.keyboard.press("Tab")
    # Of a path that is typed there only the name counts.
    await tab.page.keyboard.press("Home")
    await tab.page.keyboard.type("/tmp/my ")
    async with tab.page.expect_download() as downloading:
        await tab.page.keyboard.press("Enter")
    download = await downloading.value
    await tab.wait_for("sent to the browser")
    assert download.suggested_filename == "my-runs.csv"
    assert re.fullmatch(re.escape(address) + r"download/\w+", download.url)
    lines = (await asyncio.to_thread(Path(await download.path()).read_text, "utf-8")).splitlines()
    assert lines[0].startswith("status,run_id,")
    assert len(lines) == 16
    await tab.page.keyboard.press("w")
    await tab.wait_for("15 rows")
    await tab.page.keyboard.press("y")
    await tab.wait_for("copied:")
    assert (await tab.page.evaluate("navigator.clipboard.readText()")).split() == "\n".join(lines).split()
    assert len(tab.page.context.pages) == 1
    assert [*user_folders.rglob("*.csv"), *Path.cwd().glob("*.csv")] == []
