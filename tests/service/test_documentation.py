"""docs/use/service.md says what the service does."""

import json
import re

from gaprelm.service.limits import Limits
from gaprelm.service.schemas import Options
from tests.conftest import ROOT

TEXT = (ROOT / "docs/use/service.md").read_text(encoding="utf-8")


def test_the_example_is_answered_in_the_form_shown(client):
    request = json.loads(re.search(r"-d '(\{.*\})'", TEXT)[1])
    shown = json.loads(re.search(r"```json\n(.*?)```", TEXT, re.DOTALL)[1])
    answer = client.post("/correct", json=request).json()
    assert answer == shown


def test_options_addresses_and_codes(client):
    names = set()
    for row in re.findall(
        r"^\| (`.*?`(?:, `.*?`)*) \|", TEXT.split("Options, all optional")[1].split("Regular")[0], re.M
    ):
        names |= set(re.findall(r"`(\w+)`", row))
    assert names == set(Options.model_fields)
    addresses = set(re.findall(r"`(?:GET|POST) (/[\w.]+)", TEXT))
    assert addresses == {*client.get("/openapi.json").json()["paths"], "/docs", "/openapi.json"}
    package = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "gaprelm/service").glob("*.py"))
    codes = set(re.findall(r"RefusedError\(\s*[\w.]+,\s*\"(\w+)\"", package))
    rows = TEXT.split("| status | code |")[1].split("## ")[0].splitlines()
    assert codes == {code for row in rows[2:] for code in re.findall(r"`(\w+)`", "".join(row.split("|")[2:3]))}


def test_limits():
    of = Limits()
    assert f"{of.max_texts:,} texts, {of.max_length:,} characters in one, {of.max_characters:,} in all" in TEXT
