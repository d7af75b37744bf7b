"""Reading again what changes faster than it can be read."""

import threading

from textual.app import App
from textual.screen import Screen

from magnus_tui.feed.coalesced_worker import CoalescedWorker
from support.waiting import LONG


class ReadingScreen(Screen):
    """Shows what it read last; each reading waits until it is let go."""

    def __init__(self):
        super().__init__()
        self.shown = []
        self.begun = 0
        self.may_end = threading.Semaphore(0)
        self.reading = CoalescedWorker(self, self.read, "read")

    def read(self):
        self.begun += 1
        number = self.begun
        assert self.may_end.acquire(timeout=LONG)
        return lambda: self.shown.append(number)


class ReadingApp(App):
    def get_default_screen(self):
        return ReadingScreen()


async def test_what_changes_while_it_is_read_is_shown_and_read_once_more():
    async with ReadingApp().run_test() as pilot:
        screen = pilot.app.screen
        screen.reading.request()
        while not screen.begun:
            await pilot.pause(0.01)
        for _ in range(20):
            screen.reading.request()
        screen.may_end.release()
        while len(screen.shown) < 1:
            await pilot.pause(0.01)
        screen.may_end.release()
        while len(screen.shown) < 2:
            await pilot.pause(0.01)
        await pilot.app.workers.wait_for_complete()
        assert screen.shown == [1, 2]
        assert screen.begun == 2
