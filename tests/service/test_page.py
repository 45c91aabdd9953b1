"""The page in a headless Chromium: typed, corrected, decided, moved, copied, attacked."""

import pytest

from tests.service.conftest import THRESHOLDS
from tests.service.pages import CHROMIUM, TARGET, TEXT, copied, expect, fill, marks

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium")


def test_type_correct_copy(open_page):
    page = open_page()
    page.locator("#input").press_sequentially("我再家", delay=5)
    expect(marks(page)).to_have_count(1)
    assert marks(page).get_attribute("aria-label") == "Wrong: “再” becomes “在”, confidence 93%, made"
    assert copied(page) == "我在家"


def test_each_kind_has_its_own_shape_and_words(open_page):
    page = open_page()
    fill(page, TEXT)
    labels = [mark.get_attribute("aria-label") for mark in marks(page).all()]
    assert labels == [
        "Wrong: “再” becomes “在”, confidence 93%, made",
        "Missing: “去” is added, confidence 64%, made",
        "Redundant: “在” is deleted, confidence 99%, made",
    ]
    assert [mark.locator(".percent").inner_text() for mark in marks(page).all()] == ["93", "64", "99"]
    style = "e => [getComputedStyle(e).borderStyle, getComputedStyle(e).textDecorationLine]"
    replace, insert, delete = (page.locator(f"#marked .mark.{kind}:not([hidden])") for kind in THRESHOLDS)
    assert replace.locator(".new").evaluate(style)[1] == "underline"
    assert replace.locator(".old").evaluate(style)[1] == "line-through"
    assert insert.evaluate(style)[0] == "solid"
    assert "∧" in insert.locator(".new").evaluate("e => getComputedStyle(e, '::before').content")
    assert delete.evaluate(style)[0] == "dashed"
    assert delete.locator(".old").evaluate(style)[1] == "line-through"
    assert delete.evaluate("e => getComputedStyle(e, '::before').content") == '"delete"'
    size = "boxes => boxes.map(e => [e.offsetWidth, e.closest('label').querySelector('.mark').offsetLeft])"
    # A long word leaves the checkbox and the sample of its row as they are in the others.
    assert len({tuple(row) for row in page.locator(".kind-row input[type=checkbox]").evaluate_all(size)}) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_what_is_behind_them(open_page, scheme):
    """As WCAG 2 measures it: 4.5 is the least for small text."""
    page = open_page(color_scheme=scheme)
    contrast = """([selector, pseudo]) => {
        const node = document.querySelector(selector);
        const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
        let [back, share] = [node, 1];
        for (let e = node; e; e = e.parentElement) share *= getComputedStyle(e).opacity;
        while ((numbers(getComputedStyle(back).backgroundColor)[3] ?? 1) === 0) back = back.parentElement;
        const behind = numbers(getComputedStyle(back).backgroundColor);
        const before = numbers(getComputedStyle(node, pseudo).color).map((c, i) => c * share + behind[i] * (1 - share));
        const light = (c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
        const sum = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b) + 0.05;
        const [less, more] = [sum(before), sum(behind)].sort((a, b) => a - b);
        return more / less;
    }"""
    assert page.evaluate(contrast, ["#input", "::placeholder"]) >= 4.5
    fill(page, TEXT)
    marks(page).nth(1).click()
    rejected = "#edits [data-state=rejected]"
    for place in ("#marked .replace .old", "#edits .old", f"{rejected} .context", f"{rejected} .new"):
        assert page.evaluate(contrast, [place, None]) >= 4.5, place


def test_offsets_beyond_the_basic_plane(open_page):
    page = open_page()
    fill(page, TEXT)
    assert copied(page) == TARGET
    assert page.locator("#marked").inner_text().startswith("😀𠮷野我再")


def test_accept_and_reject_single_edits(open_page):
    page = open_page()
    fill(page, TEXT)
    marks(page).nth(0).click()
    expect(marks(page).nth(0)).to_have_attribute("data-state", "rejected")
    assert copied(page) == TARGET.replace("我在家", "我再家")
    rows = page.locator("#edits li:not([hidden])")
    rows.nth(2).get_by_role("button", name="Reject").click()
    assert copied(page) == TARGET.replace("我在家", "我再家").replace("他在这", "他在在这")
    rows.nth(0).get_by_role("button", name="Accept").click()
    expect(marks(page).nth(0)).to_have_attribute("aria-pressed", "true")
    page.click("#reject-all")
    assert copied(page) == TEXT
    page.click("#accept-all")
    assert copied(page) == TARGET


def test_edits_come_and_go_with_the_threshold_without_another_request(open_page, model):
    page = open_page()
    fill(page, TEXT)
    asked = len(model.batches)
    slider = page.locator("input[name=threshold-replace]")
    assert slider.input_value() == "60"
    slider.fill("30")
    expect(marks(page)).to_have_count(4)
    assert copied(page).endswith("狠高。")
    page.locator("input[name=threshold-insert]").fill("100")
    page.locator("input[name=threshold-delete]").fill("100")
    slider.fill("100")
    expect(page.locator("#status")).to_have_text("No edit reaches the thresholds, 4 below")
    page.click("#calibrated")
    slider.fill("94")
    expect(marks(page)).to_have_count(2)
    page.uncheck("input[name=on-delete]")
    expect(marks(page)).to_have_count(1)
    page.click("#calibrated")
    assert copied(page) == TARGET
    assert len(model.batches) == asked


def test_decisions_outlive_thresholds_and_changes_of_the_text_elsewhere(open_page):
    page = open_page()
    fill(page, TEXT)
    marks(page).nth(2).click()
    page.locator("input[name=threshold-delete]").fill("100")
    expect(marks(page).nth(2)).to_have_attribute("data-state", "rejected")
    fill(page, "早上好！" + TEXT)
    fill(page, "早上好！" + TEXT + "很高。")
    expect(marks(page).nth(2)).to_have_attribute("data-state", "rejected")
    assert copied(page) == "早上好！" + TARGET.replace("他在这", "他在在这") + "很高。"


@pytest.mark.parametrize(
    "attack", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</textarea><b>&amp;</b>"]
)
def test_markup_is_shown_as_text(open_page, attack):
    page = open_page()
    page.on("dialog", lambda dialog: pytest.fail(f"the page ran {attack}"))
    page.evaluate("text => navigator.clipboard.writeText(text)", f"{attack}我再家{attack}")
    page.focus("#input")
    page.keyboard.press("Control+V")
    expect(marks(page)).to_have_count(1)
    assert attack in page.locator("#marked").inner_text()
    assert page.locator("#marked script, #marked img, #marked b").count() == 0
    assert copied(page) == f"{attack}我在家{attack}"


def test_very_long_texts_are_put_together(open_page):
    page = open_page()
    code = """async () => {
        const { apply } = await import("/edits.js");
        const end = { start: 300_000, end: 300_000, target: "。" };
        return apply("的".repeat(300_000), [end], () => true).length;
    }"""
    assert page.evaluate(code) == 300_001


def test_the_browser_refuses_markup_from_text(open_page):
    page = open_page(expected="TrustedHTML")
    refused = "() => { try { document.body.innerHTML = '<b>x</b>'; return 'done'; } catch (e) { return e.name; } }"
    assert page.evaluate(refused) == "TypeError"


def test_nothing_is_corrected_while_an_input_method_composes(open_page, model):
    page = open_page()
    page.focus("#input")
    keyboard = page.context.new_cdp_session(page)
    keyboard.send("Input.imeSetComposition", {"text": "wo zai jia", "selectionStart": 10, "selectionEnd": 10})
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(700)
    assert model.batches == []
    keyboard.send("Input.insertText", {"text": "我再家"})
    expect(marks(page)).to_have_count(1)
    assert model.batches == [["我再家"]]


def test_keyboard_alone_is_enough(open_page):
    page = open_page()
    page.uncheck("#live")
    page.focus("#input")
    page.keyboard.insert_text(TEXT)
    page.keyboard.press("Control+Enter")
    expect(marks(page)).to_have_count(3)
    while page.evaluate("!document.activeElement.closest('#marked')"):
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("r")
    expect(marks(page).nth(1)).to_have_attribute("data-state", "rejected")
    page.keyboard.press("End")
    page.keyboard.press("Space")
    expect(marks(page).nth(2)).to_have_attribute("data-state", "rejected")
    page.keyboard.press("Home")
    page.keyboard.press("a")
    expect(marks(page).nth(0)).to_have_attribute("data-state", "accepted")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "copy"
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_have_text("Copied")


def test_both_languages(open_page):
    page = open_page(locale="zh-CN")
    fill(page, TEXT)
    assert page.locator("#correct").inner_text() == "纠错"
    assert marks(page).nth(1).get_attribute("aria-label") == "漏字：加“去”, 置信度 64%, 已采用"
    page.get_by_role("button", name="English").click()
    assert page.locator("#correct").inner_text() == "Correct"
    assert page.locator("html").get_attribute("lang") == "en"
    assert marks(page).nth(1).get_attribute("aria-label").startswith("Missing")
    page.reload()
    expect(page.locator("#correct")).to_have_text("Correct")


def test_texts_of_both_languages_have_the_same_keys(open_page):
    page = open_page()
    chinese, english = page.evaluate(
        "import('/texts.js').then(m => [Object.keys(m.TEXTS.zh), Object.keys(m.TEXTS.en)])"
    )
    assert chinese == english


def test_phone(open_page):
    page = open_page(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    fill(page, (TEXT * 3)[: -len("，很高。")])
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert marks(page).count() == 9
    assert page.evaluate("document.documentElement.scrollHeight") < 2250
    top = "id => document.getElementById(id).getBoundingClientRect().top"
    assert page.evaluate(top, "marked") < page.evaluate(top, "list") < page.evaluate(top, "thresholds")
    expect(page.locator("#keys-hint")).to_be_hidden()
    folded = page.locator("#thresholds").bounding_box()
    heading = page.locator("#thresholds-heading").bounding_box()
    above, below = heading["y"] - folded["y"], folded["y"] + folded["height"] - heading["y"] - heading["height"]
    assert abs(above - below) < 4
    assert page.locator("summary").bounding_box()["height"] >= 40
    page.locator("summary").tap()
    small = """() => [...document.querySelectorAll('button, input, a')]
        .map(e => [e.closest('label') ?? e, e.matches('#marked .mark') ? 32 : 40])
        .filter(([e, least]) => e.offsetParent && e.getBoundingClientRect().height < least)
        .map(([e]) => e.outerHTML)"""
    assert page.evaluate(small) == []
    marks(page).nth(0).tap()
    expect(marks(page).nth(0)).to_have_attribute("data-state", "rejected")


@pytest.mark.parametrize("width", [840, 1030])
def test_rows_fit_on_a_screen_of_middle_size(open_page, width):
    page = open_page(viewport={"width": width, "height": 740})
    fill(page, TEXT)
    inner = page.locator("#edits").bounding_box()
    for choice in page.locator("#edits .choice").all():
        box = choice.bounding_box()
        assert box["x"] + box["width"] <= inner["x"] + inner["width"]


def test_api_description_works_offline(open_page, address):
    page = open_page()
    page.goto(f"{address}docs")
    expect(page.locator(".opblock-summary-path").first).to_contain_text("/correct")
