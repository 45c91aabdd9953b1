"""A corrector whose edits are known, a service around it, and one that really listens."""

from __future__ import annotations

import re
import threading
import time

import pytest

from gaprelm.edits.edit import Edit
from gaprelm.edits.proposed import ProposedEdit

THRESHOLDS = {"replace": 0.6, "insert": 0.5, "delete": 0.75}
# What is found → where in it the edit is, what is written, how sure the model is.
RULES = {
    "再家": (0, 1, "在", 0.93),
    "不公": (1, 1, "去", 0.64),
    "在在": (1, 2, "", 0.99),
    "很高": (0, 1, "狠", 0.30),
    "的家": (1, 1, "大", 0.20),
    "丛振龙": (0, 1, "从", 0.90),
}


class Scripted:
    """A model that makes the edits of ``RULES``; it notes its batches, and can be told to be slow or to fail."""

    max_length = 1000

    def __init__(self):
        self.batches: list[list[str]] = []
        self.seconds = 0.0
        self.failing = ""

    def __call__(self, texts, batch_size=None, thresholds=None):
        if texts:
            self.batches.append(list(texts))
        time.sleep(self.seconds)
        for text in texts:
            if self.failing and self.failing in text:
                raise ValueError(f"cannot read {text}")
        return [list(self._edits(text)) for text in texts]

    def _edits(self, text):
        for place in range(len(text)):
            for found, (start, end, target, confidence) in RULES.items():
                if text.startswith(found, place):
                    yield ProposedEdit(Edit(place + start, place + end, target), confidence)


@pytest.fixture
def model():
    return Scripted()


@pytest.fixture
def corrector(model):
    from gaprelm.correction.corrector import Corrector

    return Corrector(model, THRESHOLDS)


@pytest.fixture
def client(corrector):
    from fastapi.testclient import TestClient

    from gaprelm.service.app import create_app
    from gaprelm.service.limits import Limits

    with TestClient(create_app(corrector, limits=Limits(20, 100, 200), batch_size=8)) as client:
        yield client


@pytest.fixture
def address(corrector):
    """Where a service listens while the test runs."""
    from gaprelm.service.app import create_app
    from gaprelm.service.limits import Limits
    from gaprelm.service.server import Server, address_of, bind, configuration

    bound = bind("127.0.0.1", 0)
    app = create_app(corrector, limits=Limits(max_length=200))
    server = Server(configuration(app, max_connections=8))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield address_of(bound)
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")  # no longer, for its event loop would be in the way of other tests
def browser():
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    from tests.service.pages import CHROMIUM

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, address):
    """A function that opens the page; nothing may go wrong in it, and nothing be asked of other machines."""
    from playwright.sync_api import expect

    contexts, problems = [], []

    def start(expected=None, **options):
        context = browser.new_context(**{"locale": "en-US", "viewport": {"width": 1280, "height": 900}} | options)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)  # a machine that has other work is slow
        page.on("console", lambda m: None if expected and re.search(expected, m.text) else problems.append(m.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda r: None if r.url.startswith(address) else problems.append(f"asked for {r.url}"))
        page.goto(address)
        expect(page.locator("#count")).to_contain_text("/ 200")
        return page

    yield start
    for context in contexts:
        context.close()
    assert problems == []
