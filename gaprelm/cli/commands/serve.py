"""``gaprelm serve``: serves a page and an HTTP service that correct text."""

from __future__ import annotations

import argparse
import ipaddress
import logging
from typing import Any

from gaprelm.cli.control_options import add_control, control_of
from gaprelm.cli.model_options import add_model, load_corrector
from gaprelm.cli.options import positive
from gaprelm.errors import require

logger = logging.getLogger(__name__)


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "serve",
        help="a page and a service",
        description="Serve a page to correct text on, and POST /correct for programs, until Ctrl-C.",
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen at (default: 127.0.0.1, this machine only)"
    )
    parser.add_argument("--port", type=_port, default=8000, help="default: 8000; 0: any free one")
    parser.add_argument("--max-texts", type=positive, default=1000, help="texts in one request (default: 1000)")
    parser.add_argument("--max-length", type=positive, default=20_000, help="characters of one text (default: 20000)")
    parser.add_argument(
        "--max-characters",
        type=positive,
        default=100_000,
        help="characters of all texts of a request (default: 100000)",
    )
    parser.add_argument(
        "--max-connections", type=positive, default=512, help="clients that may be connected (default: 512)"
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="answer under this host name too, as where a web server hands requests on; may be repeated (default: the "
        "loopback's names, and the address that it listens at)",
    )
    add_model(parser)
    add_control(parser)
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    require("fastapi", "uvicorn", "fastapi_offline")
    from gaprelm.service.hosts import Hosts
    from gaprelm.service.server import bind, serve

    control = control_of(args)
    with bind(args.host, args.port) as bound:
        address = bound.getsockname()[0]
        hosts = Hosts.of(args.host, address, args.allow_host)
        if not ipaddress.ip_address(address).is_loopback:
            logger.warning("warning: other machines can reach %s, without a password and without encryption", args.host)
        # The model is loaded after the port is bound, because it takes long and the port may be taken.
        corrector = load_corrector(args, control)
        from gaprelm.service.app import create_app
        from gaprelm.service.limits import Limits

        limits = Limits(args.max_texts, args.max_length, args.max_characters)
        serve(create_app(corrector, limits, args.batch_size, hosts), bound, args.max_connections)
    return 0


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r}; expected a number from 0 to 65535")
    return int(text)
