"""Under which names the service answers."""

import pytest

from gaprelm.cli import main as cli
from gaprelm.errors import ConfigurationError, run_command
from gaprelm.service.hosts import Hosts

HOME = Hosts.of("127.0.0.1", "127.0.0.1")
EVERYWHERE = Hosts.of("0.0.0.0", "0.0.0.0")
NAMED = Hosts.of("Corrector.Example", "192.0.2.7", ["other.example", "[2001:DB8::1]"])


@pytest.mark.parametrize(
    ("hosts", "header", "allowed"),
    [
        (HOME, "127.0.0.1:8000", True),
        (HOME, "localhost:8000", True),
        (HOME, "LOCALHOST.", True),
        (HOME, "[::1]:8000", True),
        (HOME, "[::ffff:127.0.0.1]", True),
        (HOME, "127.0.0.2", True),
        (HOME, "evil.example:8000", False),
        (HOME, "127.0.0.1.evil.example", False),
        (HOME, "localhost.evil.example", False),
        (HOME, "192.0.2.7", False),
        (HOME, "", False),
        (HOME, "localhost:80@evil.example", False),
        (HOME, "[::1", False),
        (HOME, "::1", False),
        (EVERYWHERE, "192.0.2.7:8000", True),
        (EVERYWHERE, "[2001:db8::2]:8000", True),
        (EVERYWHERE, "evil.example", False),
        (Hosts.of("::", "::"), "192.0.2.7", True),
        (NAMED, "corrector.example:80", True),
        (NAMED, "192.0.2.7", True),
        (NAMED, "192.0.2.8", False),
        (NAMED, "Other.Example", True),
        (NAMED, "[2001:db8:0::1]:8000", True),
        (NAMED, "localhost", True),
    ],
)
def test_hosts(hosts, header, allowed):
    assert hosts.allow(header) is allowed


@pytest.mark.parametrize("name", ["http://a.example", "a.example:8000", "a.example/", "", "*", "a b", "a.example\n"])
def test_what_cannot_be_a_host(name):
    with pytest.raises(ConfigurationError, match="expected the name or the address of a host"):
        Hosts.of("127.0.0.1", "127.0.0.1", [name])


def test_a_bad_host_ends_with_two(capsys):
    arguments = ["serve", "--model", "nowhere", "--port", "0", "--allow-host", "a.example", "--allow-host", "b:80"]
    assert run_command(lambda: cli.main(arguments)) == 2
    assert "--allow-host 'b:80'" in capsys.readouterr().err


def test_a_page_of_another_name_gets_nothing(corrector, model):
    from fastapi.testclient import TestClient

    from gaprelm.service.app import create_app

    with TestClient(create_app(corrector, hosts=HOME), base_url="http://localhost:8000") as client:
        assert client.get("/health").json() == {"status": "ok"}
        for method, path in (("GET", "/"), ("GET", "/info"), ("POST", "/correct"), ("OPTIONS", "/nowhere")):
            answer = client.request(method, path, headers={"Host": "evil.example:8000"}, json={"texts": ["好"]})
            assert (answer.status_code, answer.json()["code"]) == (403, "host_not_allowed")
            assert "'evil.example:8000'" in answer.json()["detail"]
    assert model.batches == []
