"""What tests of the page do on it."""

import re
import shutil

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install 'gaprelm[dev]'")
expect = sync_api.expect
expect.set_options(timeout=30_000)  # a machine that has other work is slow
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

TEXT = "😀𠮷野我再家看书，我们不公园。他在在这里，很高。"
TARGET = "😀𠮷野我在家看书，我们不去公园。他在这里，很高。"


def marks(page):
    return page.locator("#marked .mark:not([hidden])")


def fill(page, text):
    page.fill("#input", text)
    expect(page.locator("#marked")).not_to_have_class("outdated")
    expect(page.locator("#marked")).to_have_attribute("aria-busy", "false")


def copied(page):
    page.click("#copy")
    expect(page.locator("#status")).to_have_text(re.compile("Copied|已复制"))
    return page.evaluate("navigator.clipboard.readText()")
