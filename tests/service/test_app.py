"""POST /correct and its neighbours: results, options, limits, words for what is wrong."""

import asyncio
import gzip
import json
import logging
import re
import socket
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from types import SimpleNamespace
from unittest.mock import AsyncMock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gaprelm.service import problems
from gaprelm.service.app import _unless_gone
from gaprelm.service.batching import QueueFullError
from gaprelm.service.limits import RefusedError
from tests.service.conftest import THRESHOLDS

CHARACTERS = st.sampled_from("再家不公在高，。\0\r\n😀𠮷<>&") | st.characters(exclude_categories=["Cs"])
TEXT = "😀𠮷野我再家看书，我们不公园。他在在这里，很高。"


def correct(client, *texts, **more):
    return client.post("/correct", json={"texts": list(texts), **more})


def test_edits_have_offsets_in_code_points(client):
    (result,) = correct(client, TEXT).json()["results"]
    assert result["target"] == "😀𠮷野我在家看书，我们不去公园。他在这里，很高。"
    assert result["source"] == TEXT
    assert result["edits"] == [
        {"start": 4, "end": 5, "source": "再", "target": "在", "type": "replace", "confidence": 0.93},
        {"start": 12, "end": 12, "source": "", "target": "去", "type": "insert", "confidence": 0.64},
        {"start": 17, "end": 18, "source": "在", "target": "", "type": "delete", "confidence": 0.99},
    ]
    assert set(result) == {"source", "target", "edits"}


def test_proposals_are_the_edits_before_thresholds(client, model):
    (result,) = correct(client, TEXT, proposals=True).json()["results"]
    assert [edit["target"] for edit in result["proposals"]] == ["在", "去", "", "狠"]
    assert [e for e in result["proposals"] if e["confidence"] >= THRESHOLDS[e["type"]]] == result["edits"]
    assert len(model.batches) == 1, "one pass is enough for both"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(CHARACTERS, max_size=10), max_size=20))
def test_texts_come_back_in_order_and_unharmed(client, texts):
    answer = correct(client, *texts)
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [result["source"] for result in results] == texts
    for result in results:
        target, shift = result["source"], 0
        for edit in result["edits"]:
            assert result["source"][edit["start"] : edit["end"]] == edit["source"]
            target = target[: edit["start"] + shift] + edit["target"] + target[edit["end"] + shift :]
            shift += len(edit["target"]) - len(edit["source"])
        assert target == result["target"]


@pytest.mark.parametrize(
    ("options", "target"),
    [
        ({}, "我在家，他在这里"),
        ({"thresholds": {"replace": 0.95}}, "我再家，他在这里"),
        ({"min_confidence": 1}, "我再家，他在在这里"),
        ({"protect": ["再家"]}, "我再家，他在这里"),
        ({"switched_off": ["delete"]}, "我在家，他在在这里"),
        ({"never": [["再", "在"]]}, "我再家，他在这里"),
        ({"never": {"再": "在"}}, "我再家，他在这里"),
        ({"always": {"这里": "那里"}}, "我在家，他在那里"),
        ({"always": [["这里", "那里"]]}, "我在家，他在那里"),
        ({"editable": ["latin"], "max_rounds": 2, "by_sentence": True}, "我再家，他在在这里"),
        ({"max_insert_per_sentence": 0, "max_insert_ratio": 0.5}, "我在家，他在这里"),
    ],
)
def test_options(client, options, target):
    answer = correct(client, "我再家，他在在这里", options=options)
    assert answer.json()["results"][0]["target"] == target


def test_protected_words_of_the_service_hold_beside_those_of_a_request(corrector):
    from fastapi.testclient import TestClient

    from gaprelm.correction.control import Control
    from gaprelm.service.app import create_app

    corrector.control = Control(protect=("在在",), thresholds={"insert": 0.7})
    with TestClient(create_app(corrector)) as client:
        (result,) = correct(client, "他在在再家，不公园", options={"protect": ["再家"]}).json()["results"]
        assert result["edits"] == []
        assert client.get("/info").json()["thresholds"] == THRESHOLDS | {"insert": 0.7}


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        ({"texts": ["好"] * 21}, 413, "too_many_texts", "21 texts; at most 20"),
        ({"texts": ["", "好" * 101]}, 413, "text_too_long", r"texts\[1\] has 101 characters; at most 100"),
        ({"texts": ["好" * 90] * 3}, 413, "too_many_characters", "270 characters altogether; at most 200"),
        ({"texts": ["好" * 2_000_000]}, 413, "body_too_large", "more than 1050976 bytes"),
        ({"texts": ["好\ud800"]}, 422, "not_unicode", r"texts\[0\] holds half of a surrogate pair"),
        ({"texts": "好"}, 422, "bad_request", "texts: expected a list"),
        ({"texts": ["好", 3]}, 422, "bad_request", r"texts\[1\]: expected text"),
        ({}, 422, "bad_request", "texts: is missing"),
        ([], 422, "bad_request", "expected a JSON object"),
        ({"texts": [], "txets": []}, 422, "bad_request", "txets: is unknown"),
        (
            {"texts": [], "options": {"protect_patterns": ["(a+)+$"]}},
            422,
            "bad_request",
            "protect_patterns: is unknown",
        ),
        (
            {"texts": [], "options": {"min_confidence": 2}},
            422,
            "bad_request",
            "min_confidence: .*less than or equal to 1",
        ),
        ({"texts": [], "options": {"max_rounds": 6}}, 422, "bad_request", "max_rounds: .*less than or equal to 5"),
        ({"texts": [], "options": {"never": [["a"]]}}, 422, "bad_request", r"^options\.never\[0\]: "),
        ({"texts": [], "options": {"always": {"a": 1}}}, 422, "bad_request", r"^options\.always\.a: expected text"),
        ({"texts": [], "options": {"protect": ["好" * 21]}}, 422, "bad_request", r"protect\[0\]: .*at most 20 char"),
        (
            {"texts": [], "options": {"always": {"好" * 99: "a"}}},
            422,
            "bad_request",
            r"^options.always.好{30}…: .*at most 20",
        ),
        ({"texts": [], "options": None}, 422, "bad_request", "options: expected an object"),
        ({"texts": [], "options": {"never": [["a", "好" * 21]]}}, 422, "bad_request", r"never\[0\]\[1\]: .*at most 20"),
        ({"texts": [], "options": {"max_insert_ratio": float("inf")}}, 422, "bad_request", "ratio: expected a number"),
        ({"texts": [], "options": {"min_confidence": float("nan")}}, 422, "bad_request", "confidence: expected a num"),
        ({"texts": [], "options": {"editable": ["runes"]}}, 422, "bad_option", "found 'runes'; expected some of han"),
    ],
)
def test_what_cannot_be_done_is_said_in_plain_words(client, model, body, status, code, words):
    answer = client.post("/correct", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert re.search(words, answer.json()["detail"])
    assert model.batches == []


PROBLEMS = 50_000


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"texts": [1] * PROBLEMS}, r"^texts\[0\]: expected text"),
        ({"texts": [], "options": {"protect": [1] * PROBLEMS}}, r"^options\.protect\[0\]: expected text"),
        ({"texts": [], "options": {"never": [[]] * PROBLEMS}}, r"^options\.never\[0\]: "),
        ({"texts": [], "options": dict.fromkeys(map(str, range(PROBLEMS)))}, "^too many unknown keys"),
        ({"texts": [], "options": {"always": dict.fromkeys(map(str, range(PROBLEMS)))}}, "^too many .* wrong values"),
    ],
)
def test_a_request_of_many_problems_is_refused_for_a_few(client, monkeypatch, body, words):
    """Each one that is collected takes memory, and time in which nobody else is answered."""
    collected, told = [], problems._in_words
    monkeypatch.setattr(problems, "_in_words", lambda found: collected.extend(found) or told(found))
    answer = client.post("/correct", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_request")
    assert re.search(words, answer.json()["detail"])
    assert len(collected) <= 100


@pytest.mark.parametrize(
    ("content", "kind", "status", "words"),
    [
        (b"{", "application/json", 400, "is not JSON"),
        (b'{"texts": ["\xff"]}', "application/json", 400, "in UTF-8"),
        (gzip.compress(b'{"texts": []}', mtime=0), "application/json", 400, "compressed"),
        (b"[" * 100_000, "application/json", 400, "nested too deeply"),
        (b'{"texts": [' + b"1" * 5000 + b"]}", "application/json", 400, "cannot be read"),
        (b'{"texts": []}', "text/plain", 422, "Content-Type: application/json"),
    ],
)
def test_what_is_no_json(client, content, kind, status, words):
    answer = client.post("/correct", content=content, headers={"Content-Type": kind})
    code = {400: "not_json", 422: "bad_request"}[status]
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert words in answer.json()["detail"]


def test_a_body_without_declared_length_is_cut_off_too(client):
    chunks = (b"x" * 65536 for _ in range(20))
    answer = client.post("/correct", content=chunks, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_a_body_that_does_not_come_is_not_waited_for(address, monkeypatch):
    monkeypatch.setattr("gaprelm.service.middleware._BODY_S", 0.2)
    host, port = address.removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((host, int(port))) as slow:
        slow.sendall(f"POST /correct HTTP/1.1\r\nHost: {host}\r\nContent-Length: 30\r\n\r\n{{".encode())
        answer = b"".join(iter(lambda: slow.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"too_slow"' in answer


def test_unknown_addresses_and_methods_have_the_same_form(client):
    assert client.get("/nowhere").json() == {"code": "http", "detail": "Not Found"}
    for method, path, allowed in [
        ("GET", "/correct", "POST"),
        ("HEAD", "/correct", "POST"),
        ("PUT", "/correct", "POST"),
        ("POST", "/health", "GET"),
        ("DELETE", "/info", "GET"),
    ]:
        answer = client.request(method, path)
        assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
    assert client.post("/").status_code == 405
    assert client.head("/health").status_code == 200
    assert client.get("/correct/", follow_redirects=False).status_code == 404


def test_health_looks_at_the_worker(client, monkeypatch):
    monkeypatch.setattr(client.app.state.batcher, "stuck_for", lambda: float("inf"))
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["code"]) == (503, "stuck")


def test_requests_that_come_together_run_together(client, model):
    model.seconds = 0.2
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: correct(client, f"我再家{n}"), range(8)))
    assert [answer.json()["results"][0]["target"] for answer in answers] == [f"我在家{n}" for n in range(8)]
    assert len(model.batches) <= 3


def test_requests_with_other_options_share_a_batch_and_keep_their_own(client, model):
    model.seconds = 0.2
    options = [{}, {"protect": ["再家"]}, {"min_confidence": 0.95}, {}]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda o: correct(client, "我再家", options=o), options))
    targets = [answer.json()["results"][0]["target"] for answer in answers]
    assert targets == ["我在家", "我再家", "我再家", "我在家"]


def test_failing_texts_reach_neither_logs_nor_other_requests(client, model, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    model.failing = "秘密"
    answer = correct(client, "这是秘密")
    assert (answer.status_code, answer.json()["code"]) == (500, "failed")
    assert "ValueError" in caplog.text
    assert "test_app" not in answer.text
    assert correct(client, "我再家").json()["results"][0]["target"] == "我在家"
    written = caplog.text + "".join(capfd.readouterr()) + answer.text
    assert "秘密" not in written
    assert "再家" not in written


def test_health_info_and_description(client):
    assert client.get("/health").json() == {"status": "ok"}
    info = client.get("/info").json()
    assert info["thresholds"] == THRESHOLDS
    assert info["limits"] == {"max_texts": 20, "max_length": 100, "max_characters": 200, "max_body": 1050976}
    assert info["protect_names"] is False
    paths = client.get("/openapi.json").json()["paths"]
    assert set(paths) == {"/correct", "/health", "/info"}
    assert set(paths["/correct"]["post"]["responses"]) == {
        str(s) for s in (200, 400, 403, 408, 413, 422, 431, 500, 503)
    }


def test_info_says_whether_names_can_be_protected_and_are(client, corrector, monkeypatch):
    pytest.importorskip("rjieba", reason="rjieba is not installed: pip install 'gaprelm[names]'")
    from gaprelm.correction.control import Control

    corrector.control = Control(protect_names=True)
    info = client.get("/info").json()
    assert (info["can_protect_names"], info["protect_names"]) == (True, True)
    monkeypatch.setitem(sys.modules, "rjieba", None)
    assert client.get("/info").json()["can_protect_names"] is False
    answer = correct(client, "好", options={"protect_names": True})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_option")


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_need_nothing_from_elsewhere(client, path):
    page = client.get(path)
    used = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert used
    for name in used:
        assert not re.match(r"\w+:|//", name)
        assert client.get(f"/{name}").status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
    assert "unsafe" not in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert re.search(r"<script(?![^>]*src)|<style|style=|onclick", page.text) is None


def test_answers_are_kept_nowhere(client):
    assert correct(client, "好").headers["Cache-Control"] == "no-store"


def test_a_full_queue_says_when_to_come_again(client, monkeypatch):
    def full(_):
        raise QueueFullError

    monkeypatch.setattr(client.app.state.batcher, "submit", full)
    answer = correct(client, "好")
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert answer.headers["Retry-After"] == "1"


def test_a_client_that_goes_away_frees_its_place(address, model, caplog):
    model.seconds = 0.5
    host, port = address.removeprefix("http://").rstrip("/").split(":")
    head = f"POST /correct HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: "
    for text in ("first", "second"):  # the first keeps the model busy while the second goes away
        body = json.dumps({"texts": [text], "options": {"editable": ["latin"]}})
        with socket.create_connection((host, int(port))) as gone:
            gone.sendall(f"{head}{len(body)}\r\n\r\n{body}".encode())
            time.sleep(0.1)
    time.sleep(1)
    assert model.batches == [["first"]]
    assert caplog.records == [], "nothing is wrong where a client goes away"


def test_the_end_does_not_wait_for_what_was_cut_short():
    """At the end of its patience the server cancels what still waits; the model need not read it any more."""
    app = SimpleNamespace(state=SimpleNamespace(cut_short=False))
    request = SimpleNamespace(is_disconnected=AsyncMock(return_value=False), app=app)
    future = Future()

    async def cut_short():
        await asyncio.wait_for(_unless_gone(future, request), timeout=0.01)

    with pytest.raises(RefusedError, match="the service ends"):
        asyncio.run(cut_short())
    assert future.cancelled()
    assert app.state.cut_short
