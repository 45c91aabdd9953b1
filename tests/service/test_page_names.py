"""The page in a headless Chromium: the switch that protects names."""

import sys

import pytest

from tests.service.pages import CHROMIUM, copied, expect, fill, marks

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium")
SOURCE, TARGET, WITH_NAME = "我再家，丛振龙夺冠。", "我在家，丛振龙夺冠。", "我在家，从振龙夺冠。"
SWITCH = "Protect names of people, places and organisations"


@pytest.fixture
def tagger():
    pytest.importorskip("rjieba", reason="rjieba is not installed: pip install 'gaprelm[names]'")


@pytest.fixture
def asked(open_page):
    """A function that opens the page, and the options of the requests that it sends from then on."""
    options = []

    def start(**more):
        page = open_page(**more)
        page.on("request", lambda r: options.append(r.post_data_json.get("options")) if r.post_data else None)
        return page

    return start, options


@pytest.mark.usefixtures("tagger")
def test_names_stay_at_the_press_of_a_key_and_what_was_decided_comes_back(asked):
    open_page, options = asked
    page = open_page()
    fill(page, SOURCE)
    assert copied(page) == WITH_NAME
    marks(page).nth(1).click()
    page.focus("#live")
    page.keyboard.press("Tab")
    switch = page.get_by_role("checkbox", name=SWITCH, exact=True)
    expect(switch).to_be_focused()
    page.keyboard.press("Space")
    expect(marks(page)).to_have_count(1)
    assert copied(page) == TARGET
    page.uncheck("#protect-names")
    expect(marks(page)).to_have_count(2)
    expect(marks(page).nth(1)).to_have_attribute("data-state", "rejected")
    assert options == [{"protect_names": value} for value in (False, True, False)]


@pytest.mark.usefixtures("tagger")
def test_what_was_asked_for_otherwise_is_not_taken_for_the_result(open_page):
    page = open_page(expected="status of 502")
    fill(page, SOURCE)
    page.route("**/correct", lambda route: route.fulfill(status=502, body="<h1>Bad Gateway</h1>"))
    page.check("#protect-names")
    expect(page.locator("#problem-text")).to_have_text("The request failed: 502 Bad Gateway")
    expect(page.locator("#copy")).to_be_disabled()
    expect(page.locator("#status")).to_have_text("")
    page.unroute("**/correct")
    page.click("#try-again")
    expect(marks(page)).to_have_count(1)
    # Without correction while one types, a text that was not corrected yet waits for the button.
    page.uncheck("#live")
    page.fill("#input", SOURCE + "好")
    page.uncheck("#protect-names")
    expect(page.locator("#status")).to_have_text("The text has changed since")
    page.click("#correct")
    expect(marks(page)).to_have_count(2)


@pytest.mark.usefixtures("tagger")
def test_the_switch_begins_as_the_service_was_started_and_is_remembered(open_page, corrector):
    from gaprelm.correction.control import Control

    corrector.control = Control(protect_names=True)
    page = open_page(locale="zh-CN")
    switch = page.get_by_role("checkbox", name="保护人名、地名和机构名")
    expect(switch).to_be_checked()
    fill(page, SOURCE)
    assert copied(page) == TARGET
    switch.uncheck()
    assert copied(page) == WITH_NAME
    page.reload()
    expect(page.locator("#count")).to_contain_text("/ 200")
    expect(switch).not_to_be_checked()


def test_without_the_tagger_there_is_no_switch_and_nothing_is_asked(asked, monkeypatch):
    monkeypatch.setitem(sys.modules, "rjieba", None)
    open_page, options = asked
    page = open_page()
    fill(page, SOURCE)
    assert copied(page) == WITH_NAME
    expect(page.locator("#protect-names")).to_be_hidden()
    assert options == [None]
