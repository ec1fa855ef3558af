"""A running page with a model of its own, and a browser."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest

from diffmm.agents import AgentAnswer, Proposal, vote
from diffmm.apis import FoundThing, ReferringStep
from diffmm.apis.depth import DepthImage
from diffmm.apis.segmentation import SegmentedImage
from diffmm.page.examples import Example
from diffmm.page.files import PageFiles
from diffmm.page.models import Strengths
from diffmm.page.rounds import Session

STEPS = 4


class FakeModels:
    """Finds the left half, and with corrections the right half, in four steps.

    Attributes:
        pause: Seconds that a step takes.
        made: Number of steps so far, of all visitors.
        running: Visitors that are served now.
        most: The most that were served at once.
    """

    strengths = Strengths(1.0, 1.0, 1.0, STEPS, 0)

    def __init__(self) -> None:
        self.pause = 0.0
        self.made = self.running = self.most = 0

    def find(self, picture, text, corrections, strengths) -> Iterator[ReferringStep]:
        if text == 'nothing at all':
            raise ValueError('there is no such thing')
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            for number in range(STEPS):
                time.sleep(self.pause)
                self.made += 1
                yield self.step(picture, bool(corrections), number + 1)
            yield self.step(picture, bool(corrections), STEPS)
        finally:
            self.running -= 1

    def step(self, picture, right, number) -> ReferringStep:
        height, width = picture.shape[:2]
        mask = np.zeros((height, width), bool)
        rows = height * number // STEPS
        mask[:rows, slice(width // 2, width) if right else slice(0, width // 2)] = True
        timestep = 999.0 - 250 * number
        return ReferringStep(timestep, mask.astype(np.float32), mask, 1.0)

    def agent(self, picture, text, strengths) -> AgentAnswer:
        first, run = (
            FoundThing(picture, text, own, self.step(picture, bool(own), STEPS))
            for own in ((), ('the tree',))
        )
        proposal = Proposal(('the tree',), 'rules', ('the endpoint is down',))
        mask = vote([run.mask], first.mask)
        return AgentAnswer(picture, text, 'a tree', proposal, first, (run,), mask)

    def depth(self, picture) -> DepthImage:
        height, width = picture.shape[:2]
        rows = np.linspace(5, 1, height, dtype=np.float32)
        return DepthImage(picture, np.repeat(rows[:, None], width, axis=1))

    def names(self, picture, names) -> SegmentedImage:
        class_map = np.zeros(picture.shape[:2], np.int64)
        class_map[:, : picture.shape[1] // 2] = 1
        palette = tuple((40 * index, 90, 200) for index in range(len(names)))
        return SegmentedImage(picture, class_map, tuple(names), palette)


class RunningPage(NamedTuple):
    """A page that is served.

    Attributes:
        url: Its address.
        files: Its private folder.
        models: Its models.
    """

    url: str
    files: PageFiles
    models: FakeModels


class Visitor(NamedTuple):
    """The arguments that gradio passes to an event.

    Attributes:
        session: The visitor's own.
        request: With the name of the visitor's browser window.
    """

    session: Session
    request: SimpleNamespace


@pytest.fixture
def max_waiting() -> int:
    """Requests that wait; more are refused."""
    return 16


@pytest.fixture
def page(monkeypatch):
    """A page with fake models and two examples, which nobody serves."""
    pytest.importorskip('gradio', reason='the page needs gradio: make demo installs it')
    from diffmm.page.page import Page

    # No environment variable of whoever runs the tests changes the page.
    for name in [name for name in os.environ if name.startswith('GRADIO_')]:
        monkeypatch.delenv(name)
    monkeypatch.setenv('GRADIO_TEMP_DIR', 'set by the page')
    grays = np.linspace(60, 200, 96).astype(np.uint8)
    picture = np.dstack([np.repeat(grays[None], 96, axis=0)] * 3)
    names = ('sky', 'tree')
    examples = [
        Example(picture, 'the ball', names),
        Example(255 - picture, 'the tree', names),
    ]
    files = PageFiles()
    yield Page(FakeModels(), files, examples)
    files.remove()


@pytest.fixture
def running_page(page, max_waiting) -> Iterator[RunningPage]:
    """The page, served."""
    from diffmm.page.server import serve

    try:
        url = serve(page, page.files, port=0, max_waiting=max_waiting, block=False)
        yield RunningPage(url, page.files, page.find.models)
    finally:
        page.blocks.close(verbose=False)


@pytest.fixture
def visitor(page) -> Visitor:
    """A visitor of the page who has its first picture, without a browser."""
    session = Session()
    session.choose(page.examples[0].picture)
    return Visitor(session, SimpleNamespace(session_hash='someone'))


@pytest.fixture(scope='session')
def chromium() -> str:
    """The browser of this machine."""
    pytest.importorskip('playwright', reason='make browser installs playwright')
    for name in ('chromium', 'chromium-browser', 'google-chrome'):
        if path := shutil.which(name):
            return path
    pytest.skip('no Chromium here; on Debian: apt-get install chromium')


@pytest.fixture
def open_page(chromium, running_page) -> Iterator[Callable]:
    """Opens the page in a new, empty browser window, as often as it is called."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # A container's root may not start Chromium's sandbox.
        browser = playwright.chromium.launch(
            executable_path=chromium, args=['--no-sandbox', '--disable-gpu']
        )

        def open_one(**options):
            window = browser.new_context(
                viewport=dict(width=1280, height=1000), **options
            ).new_page()
            window.set_default_timeout(120_000)  # a busy machine
            window.goto(running_page.url, wait_until='domcontentloaded')
            window.locator('#find').wait_for()
            return window

        yield open_one
        browser.close()
