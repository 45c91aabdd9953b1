"""A Python whose slow imports are done: it forks for each command, which saves the 2 to 5 seconds of importing.

``python()`` is the path of a program that tests may start in place of ``sys.executable``. It hands its arguments,
folder, environment and standard streams to the server below. The server forks, and the fork runs the script, the module
or the code as Python does. The program passes SIGINT and SIGTERM on, ends with the code of the fork, and takes it along
when it is killed. The package itself is not imported before, so each copy of the project runs its own.

Not for tests of what a fork does not have: the process id, the parent and the process group that the test sees, limits
on resources, an end by a signal (here a code of 128 and more), and hashes of strings that differ from run to run.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import json
import os
import runpy
import select
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

# What training, the steps of the workflow and Snakemake import, without what starts threads.
SLOW = (
    *("pandas", "pyarrow.parquet", "pypinyin", "opencc", "rapidfuzz", "jsonschema", "yaml", "matplotlib.figure"),
    *("matplotlib.backends.backend_svg", "snakemake.cli", "torch.distributed.launcher.api", "torch.utils.tensorboard"),
    *("accelerate", "transformers.trainer", "transformers.integrations.integration_utils"),
    *("transformers.models.bert.modeling_bert", "safetensors.torch"),
)

PROGRAM = """
import json, os, signal, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect({address!r})
request = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(server, [b"%16d" % len(request)], [0, 1, 2])
server.sendall(request)
number = int(server.recv(16, socket.MSG_WAITALL))
for name in (signal.SIGINT, signal.SIGTERM):
    if signal.getsignal(name) != signal.SIG_IGN:
        signal.signal(name, lambda name, _: os.kill(number, name))
os._exit(int(server.recv(16, socket.MSG_WAITALL) or 255))
"""


@functools.cache
def python() -> str:
    """The path of the program; the server is started by the first call and ends with this process."""
    folder = tempfile.TemporaryDirectory(prefix="warm")
    address = f"{folder.name}/socket"
    script = Path(folder.name, "program.py")
    script.write_text(PROGRAM.format(address=address), encoding="utf-8")
    program = Path(folder.name, "python")
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -IS {script} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    # libgomp reads this when it is loaded; the workflow's value.
    environment = os.environ | {"GOMP_SPINCOUNT": "1000"}
    server = subprocess.Popen(
        [sys.executable, "-u", __file__, address],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )
    assert server.stdout.readline() == b"ready\n"

    def end() -> None:
        server.stdin.close()
        server.wait()
        folder.cleanup()

    atexit.register(end)
    return str(program)


def environment(path: str = os.environ["PATH"]) -> dict[str, str]:
    """Variables with which the workflow's rules, torchrun and forks start that program, too.

    Args:
        path: where else programs are looked for.
    """
    program = Path(python())
    return {"PATH": f"{program.parent}{os.pathsep}{path}", "PYTHON_EXEC": str(program)}


def serve(address: str) -> list:
    """Wait for requests; returns only in a fork, with its arguments, folder and environment."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        sys.stdout.write("ready\n")
        while True:
            readable = select.select([listener, 0], [], [])[0]
            reap()
            if 0 in readable:  # the tests are at their end
                os._exit(0)
            connection, _ = listener.accept()
            if not os.fork():
                listener.close()
                return supervised(connection)
            connection.close()


def reap() -> None:
    """Let go of what has ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def supervised(connection: socket.socket) -> list:
    """Fork once more for the command, whose end and whose program this process waits for."""
    length, streams, _, _ = socket.recv_fds(connection, 16, 3)
    request = json.loads(connection.recv(int(length), socket.MSG_WAITALL))
    number = os.fork()
    if not number:
        connection.close()
        os.setsid()
        for own, stream in enumerate(streams):
            os.dup2(stream, own)
            os.close(stream)
        return request
    for stream in (0, 1, 2, *streams):
        os.close(stream)
    connection.sendall(b"%16d" % number)
    while not (ended := os.waitpid(number, os.WNOHANG))[0]:
        if select.select([connection], [], [], 0.01)[0]:
            os.killpg(number, signal.SIGKILL)  # as its program was
            os._exit(1)
    code = os.waitstatus_to_exitcode(ended[1])
    connection.sendall(b"%16d" % (code if code >= 0 else 128 - code))
    os._exit(0)


def run(arguments: list[str], folder: str, variables: dict[str, str]) -> None:
    """Do what Python does with these arguments."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    time.tzset()
    if threads := variables.get("OMP_NUM_THREADS"):
        sys.modules["torch"].set_num_threads(int(threads))
    sys.modules["numpy"].random.seed()
    sys.executable = variables.get("PYTHON_EXEC", sys.executable)
    # Made anew, for what these are, pipes or files, is asked when they are made.
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        errors = "backslashreplace" if name == "stderr" else "strict"
        stream = open(number, "w" if number else "r", 1 if number else -1, "utf-8", errors, closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    while arguments[0] == "-u":
        arguments = arguments[1:]
    kind = arguments[0] if arguments[0] in ("-c", "-m") else ""
    what, *more = arguments[bool(kind) :]
    paths = [path for path in variables.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:1] = [folder if kind else str(Path(what).resolve().parent), *paths]
    sys.argv = [kind or what, *more]
    if kind == "-c":
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})
    elif kind == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(what, run_name="__main__")


def end(command: Callable[[], None]) -> None:
    """Call it and end as Python does, but leave the memory to the system, which takes 2 seconds less."""
    code: object = 0
    try:
        command()
    except SystemExit as ended:
        code = ended.code
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        code = 1
    if not isinstance(code, int | None):
        sys.stderr.write(f"{code}\n")
        code = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(int(code or 0) & 255)


if __name__ == "__main__":
    for name in SLOW:
        importlib.import_module(name)
    gc.freeze()
    end(functools.partial(run, *serve(sys.argv[1])))
