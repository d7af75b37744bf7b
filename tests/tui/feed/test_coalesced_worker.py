"""Reading again what changes faster than it can be read."""

import threading

import pytest
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


class RestingScreen(Screen):
    """Reads by a clock that only reading and resting move on, and notes when each reading began and ended."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds
        self.now = 0.0
        self.readings = []
        self.while_resting = lambda: None
        self.reading = CoalescedWorker(self, self.read, "read", clock=lambda: self.now, wait=self.rest)

    def read(self):
        began = self.now
        self.now += self.seconds
        self.readings.append((began, self.now))

    def rest(self, woken, seconds):
        if not woken.is_set():
            self.now += seconds
            self.while_resting()
        return woken.is_set()

    async def request(self, **how):
        self.reading.request(**how)
        await self.app.workers.wait_for_complete()


class RestingApp(App):
    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds

    def get_default_screen(self):
        return RestingScreen(self.seconds)


@pytest.mark.parametrize(("seconds", "rest"), [(0.0, 0.0), (0.25, 0.75), (2.0, 6.0), (4.0, 10.0), (60.0, 10.0)])
async def test_a_reading_is_followed_by_three_times_as_long_a_rest_of_ten_seconds_at_most(seconds, rest):
    async with RestingApp(seconds).run_test() as pilot:
        screen = pilot.app.screen
        for _ in range(3):
            await screen.request()
        (_, first_end), (second, second_end), (third, _) = screen.readings
        assert second - first_end == pytest.approx(rest)
        assert third - second_end == pytest.approx(rest)


async def test_the_time_since_the_last_reading_counts_as_rest():
    async with RestingApp(2.0).run_test() as pilot:
        screen = pilot.app.screen
        await screen.request()
        screen.now = 7.0
        await screen.request()
        screen.now = 30.0
        await screen.request()
        assert [began for began, _ in screen.readings] == pytest.approx([0.0, 8.0, 30.0])


async def test_what_somebody_waits_for_is_read_without_a_rest():
    async with RestingApp(2.0).run_test() as pilot:
        screen = pilot.app.screen
        await screen.request()
        await screen.request(soon=True)
        assert screen.readings == [(0.0, 2.0), (2.0, 4.0)]
        await screen.request()
        assert screen.readings[2][0] == pytest.approx(10.0)


async def test_a_rest_ends_once_somebody_waits():
    async with RestingApp(2.0).run_test() as pilot:
        screen = pilot.app.screen
        await screen.request()
        screen.while_resting = lambda: screen.now > 3 and screen.reading.request(soon=True)
        await screen.request()
        assert screen.readings[1][0] == pytest.approx(3.0, abs=0.1)


async def test_nothing_is_read_for_a_screen_that_goes_while_it_rests():
    async with RestingApp(2.0).run_test() as pilot:
        screen = pilot.app.screen
        await screen.request()
        screen.while_resting = lambda: [worker.cancel() for worker in pilot.app.workers]
        screen.reading.request()
        while len(pilot.app.workers):
            await pilot.pause(0.01)
        assert len(screen.readings) == 1
