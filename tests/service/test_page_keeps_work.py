"""The page in a headless Chromium: nothing typed or decided is lost, errors are said and tried again, long texts."""

import re
import time

import pytest

from tests.service.pages import CHROMIUM, TARGET, TEXT, copied, expect, fill, marks

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium")
SOURCE = "我再家"
REJECTED = ("data-state", "rejected")


def is_guarded(page):
    """Whether the browser asks before it leaves the page."""
    return page.evaluate("window.onbeforeunload !== null")


def test_a_worked_example_at_first_and_replaced_texts_come_back_with_their_decisions(open_page, model):
    page = open_page()
    welcome = page.locator("#welcome")
    expect(welcome).to_contain_text(re.compile("我再在家看书。.*我在家看书。", re.DOTALL))
    assert not is_guarded(page)
    assert model.batches == []
    fill(page, TEXT)
    expect(welcome).to_be_hidden()
    marks(page).nth(0).click()
    assert is_guarded(page)
    page.click("#clear")
    expect(page.locator("#input")).to_have_value("")
    expect(welcome).to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.locator("#input")).to_have_value(TEXT)
    expect(marks(page).nth(0)).to_have_attribute(*REJECTED)
    expect(page.locator("#bring-back")).to_be_hidden()
    page.click("#example")
    expect(page.locator("#input")).to_have_value(re.compile("我再家看书。\n"))
    page.click("#bring-back")
    expect(page.locator("#input")).to_have_value(TEXT)
    expect(marks(page).nth(0)).to_have_attribute(*REJECTED)
    page.click("#undo")
    assert copied(page) == TARGET
    assert not is_guarded(page)


def test_decisions_are_undone_step_by_step(open_page):
    page = open_page()
    fill(page, TEXT)
    marks(page).nth(1).click()
    page.click("#accept-all")
    page.click("#reject-all")
    assert copied(page) == TEXT
    fill(page, TEXT + "好")
    page.click("#undo")
    expect(page.locator("#marked [data-state=accepted]")).to_have_count(3)
    page.keyboard.press("Control+z")
    assert copied(page) == TARGET.replace("不去", "不") + "好"
    page.click("#undo")
    assert copied(page) == TARGET + "好"
    expect(page.locator("#undo")).to_be_disabled()


def test_errors_end_the_waiting_and_are_tried_again(open_page):
    page = open_page(expected="status of 50")
    said, status, again = page.locator("#problem-text"), page.locator("#status"), page.locator("#try-again")
    page.fill("#input", "好" * 201)
    expect(said).to_have_text("The text is too long: at most 200 characters at a time.")
    expect(again).to_be_hidden()
    expect(status).to_have_text("")
    page.route("**/correct", lambda route: route.fulfill(status=502, body="<h1>Bad Gateway</h1>"))
    page.fill("#input", SOURCE)
    expect(said).to_have_text("The request failed: 502 Bad Gateway")
    expect(status).to_have_text("")
    page.unroute("**/correct")
    again.click()
    expect(marks(page)).to_have_count(1)
    expect(page.locator("#problem")).to_be_hidden()


def test_the_service_says_when_it_is_asked_again(open_page):
    page = open_page(expected="status of 503")
    asked = []

    def answer(route):
        asked.append(time.monotonic())
        busy = {"code": "busy", "detail": "later"}
        if len(asked) > 1:
            route.continue_()
        else:
            route.fulfill(status=503, headers={"Retry-After": "1"}, json=busy)

    page.route("**/correct", answer)
    page.fill("#input", "我再")
    expect(page.locator("#problem")).to_contain_text("The service is busy. It is asked again in 1 s.")
    expect(page.locator("#try-again")).to_be_hidden()
    page.fill("#input", SOURCE)
    page.click("#correct")
    expect(marks(page)).to_have_count(1)
    assert len(asked) == 2
    assert asked[1] - asked[0] >= 1
    seconds = page.evaluate("""import("/service.js").then(({ secondsUntil: s }) => [s("7", 0), s(null, 0), s("soon", 0),
        s("Thu, 01 Jan 1970 00:00:09 GMT", 2000), s("Thu, 01 Jan 1970 00:00:00 GMT", 2000)])""")
    assert seconds == [7, None, None, 7, 0]


def test_a_file_comes_back_as_it_was_but_for_its_edits(open_page, tmp_path):
    page = open_page()
    fill(page, "早上好")
    notes = {"name": "notes.txt", "mimeType": "text/plain", "buffer": f"\ufeff{SOURCE}\r\n\r\n好\r\n".encode()}
    page.set_input_files("#file", notes)
    expect(marks(page)).to_have_count(1)
    expect(page.locator("#opened")).to_have_text("File: notes.txt")
    assert not is_guarded(page)
    with page.expect_download() as download:
        page.click("#save")
    assert download.value.suggested_filename == "notes-corrected.txt"
    download.value.save_as(tmp_path / "saved")
    assert (tmp_path / "saved").read_bytes() == "\ufeff我在家\r\n\r\n好\r\n".encode()
    page.set_input_files("#file", {"name": "a.docx", "mimeType": "application/zip", "buffer": b"PK\x03\x04\0\0"})
    expect(page.locator("#problem-text")).to_contain_text("This is not a text file.")
    assert page.input_value("#input").endswith("好\n")
    page.set_input_files("#file", {"name": "b.txt", "mimeType": "", "buffer": f"{SOURCE}\r\n好\n".encode("gb18030")})
    expect(page.locator("#input")).to_have_value(f"{SOURCE}\n好\n")
    expect(page.locator("#opened")).to_contain_text("Read as GB18030")
    expect(page.locator("#opened")).to_contain_text("Its line ends differ")
    page.click("#clear")
    page.click("#bring-back")
    page.click("#bring-back")
    expect(page.locator("#opened")).to_have_text("File: notes.txt")


def test_of_long_texts_what_is_visible_is_drawn(open_page):
    page = open_page()
    text = "我们今天去公园看书，" * 800
    edits = [
        {"start": i, "end": i + 1, "source": text[i], "target": "在", "type": "replace", "confidence": i % 100 / 100}
        for i in range(0, len(text), 4)
    ]
    page.route("**/correct", lambda route: route.fulfill(json={"results": [{"proposals": edits}]}))
    page.evaluate("import('/state.js').then(({ state }) => { state.limit = 8000; })")
    page.fill("#input", text)
    expect(page.locator("#status")).to_have_text("Edits made: 800 of 2,000 proposed")
    page.locator("input[name=threshold-replace]").fill("0")
    expect(page.locator("#status")).to_have_text("Edits made: 2,000 of 2,000 proposed")
    assert page.locator("*").count() < 3000
    page.locator("#list .pages").get_by_role("button", name="Later").click()
    expect(page.locator("#list .pages")).to_contain_text("51 to 100 of 2,000")
    page.locator("#edits li").nth(49).get_by_role("button", name="Show in the text").click()
    place = page.locator("#marked .sought")
    expect(place).to_be_focused()
    expect(place).to_be_in_viewport()
    page.keyboard.press("End")
    expect(page.locator("#marked .mark:focus")).to_be_in_viewport()
    page.keyboard.press("r")
    assert copied(page) == "".join("在" if i % 4 == 0 and i < 7996 else c for i, c in enumerate(text))
    assert page.locator("*").count() < 3000
