"""Under which names the service may be addressed.

A page from elsewhere can have its own host name resolved to this machine (DNS rebinding). The browser then takes the
service for a part of that page, and lets it read. What such a request cannot hide is the name, which stands in Host.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from gaprelm.errors import ConfigurationError, shown
from gaprelm.service.limits import RefusedError
from gaprelm.service.middleware import refused

_LOOPBACK = "localhost"
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,252})\Z")
_PORT = re.compile(r"(:[0-9]*)?\Z")


@dataclass(frozen=True)
class Hosts:
    """The names and addresses under which the service answers. Those of the loopback are always among them.

    names: in small letters; addresses in the form that ``ipaddress`` gives them.
    any_address: whether all addresses are allowed, though not all names. Rebinding needs a name.
    """

    names: frozenset[str] = frozenset()
    any_address: bool = False

    @classmethod
    def of(cls, host: str, address: str, more: Iterable[str] = ()) -> Hosts:
        """What a service answers to that listens at ``address``.

        Args:
            host: as the user named the address.
            address: that is bound. Where it stands for all addresses of the machine, all are allowed.
            more: further names or addresses, without a port.

        Raises:
            ConfigurationError: one of ``more`` cannot be a name or an address.
        """
        own = ipaddress.ip_address(address.partition("%")[0])
        named: set[str] = {host.lower()} if _address(host) is None else set()
        return cls(frozenset({*named, str(own), *map(_checked, more)}), own.is_unspecified)

    def allow(self, header: str) -> bool:
        """Whether a request with this Host header, which may name a port, is answered."""
        name = _without_port(header)
        if name is None:
            return False
        address = _address(name)
        if address is None:
            return name == _LOOPBACK or name in self.names
        return self.any_address or address.is_loopback or str(address) in self.names


class OnlyHosts:
    """Refuses requests to other hosts. Browsers always send the header; a request without it is answered.

    Args:
        app: the next layer.
        hosts: that are allowed.
    """

    def __init__(self, app: ASGIApp, hosts: Hosts) -> None:
        self._app, self._hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope).getlist("host") if scope["type"] == "http" else []
        for header in headers:
            if not self._hosts.allow(header):
                detail = (
                    f"the service does not answer to the host {shown(header[:100])}: use the address that it printed, "
                    "or start it with --allow-host NAME"
                )
                await refused(RefusedError(403, "host_not_allowed", detail), headers={"Connection": "close"})(
                    scope, receive, send
                )
                return
        await self._app(scope, receive, send)


def _checked(name: str) -> str:
    """A name or an address that a user allows, in the form that it is compared in.

    Raises:
        ConfigurationError: it can be neither.
    """
    bare = name.removeprefix("[").removesuffix("]").lower().rstrip(".")
    address = _address(bare)
    if address is None and not _NAME.match(bare):
        raise ConfigurationError(
            f"--allow-host {shown(name)}; expected the name or the address of a host\n"
            "  cure: leave out http:// and the port, as in --allow-host corrector.example.org"
        )
    return bare if address is None else str(address)


def _without_port(header: str) -> str | None:
    """The name or address in a Host header, in small letters; None if the header has another form."""
    if header.startswith("["):
        name, closed, port = header[1:].partition("]")
    else:
        name, colon, port = header.partition(":")
        closed, port = "]", colon + port
    return name.lower().rstrip(".") if closed and _PORT.match(port) else None


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
