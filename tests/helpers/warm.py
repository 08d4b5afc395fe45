"""A shell that runs `python -m stages STEP` without importing torch and transformers again.

On tiny data a stage spends seconds on these imports, and less on its work. DVC runs the command of
a stage in the shell that the variable SHELL names. This one passes the command to a server that has
imported all libraries. The server forks, and the child runs the step with the code of its folder;
each step still has a process for itself, and nothing it does reaches the server.
"""

import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import traceback
from contextlib import suppress
from importlib import import_module
from pathlib import Path

# The program for SHELL. No reply means that the child was killed: then it kills itself likewise.
SHELL = """#!{python} -IS
import json, os, signal, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    request = json.dumps([sys.argv[2], os.getcwd(), dict(os.environ)])
    socket.send_fds(server, [request.encode()], [0, 1, 2])
    reply = server.recv(1)
if not reply:
    os.kill(os.getpid(), signal.SIGKILL)
sys.exit(reply[0])
"""


class WarmShell:
    """The server, started with these variables after the words of `prefix`, and its shell."""

    def __init__(self, folder: Path, *prefix: str, **variables: str) -> None:
        address = folder / "socket"
        self.program = folder / "warm-shell"
        self.program.write_text(SHELL.format(python=sys.executable, address=str(address)))
        self.program.chmod(0o755)
        command = [*prefix, sys.executable, __file__, str(address)]
        self.server = subprocess.Popen(
            command, env={**os.environ, **variables}, stdout=subprocess.PIPE
        )
        assert self.server.stdout is not None
        assert self.server.stdout.readline() == b"ready\n"

    def stop(self) -> None:
        """End the server."""
        self.server.kill()
        self.server.wait()


def preload() -> None:
    """Import what the steps import, and forget the code that a test may change."""
    steps = import_module("stages.__main__").STEPS
    for module in [*(f"stages.{step}" for step in steps), "transformers.models.bert.modeling_bert"]:
        import_module(module)
    for module in [*sys.modules]:
        if module.partition(".")[0] in ("pipeline", "stages"):
            del sys.modules[module]
    gc.freeze()


def serve(address: str) -> None:
    """Fork for every command."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        print("ready", flush=True)
        while True:
            connection, _ = listener.accept()
            with connection:
                if not os.fork():
                    listener.close()
                    become(connection)


def become(connection: socket.socket) -> None:
    """Run one command in its folder, with its variables, input and output, and reply its status."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    request, files, _, _ = socket.recv_fds(connection, 1 << 20, 3)
    for number, file in enumerate(files):
        os.dup2(file, number)
    command, folder, variables = json.loads(request)
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(folder)
    sys.path[:1] = [folder, *filter(None, variables.get("PYTHONPATH", "").split(os.pathsep))]
    sys.orig_argv = command.split()
    sys.modules.pop("sitecustomize", None)
    with suppress(ImportError):  # as Python does when it starts: see tests/hooks
        import_module("sitecustomize")
    python, flag, module, *arguments = sys.orig_argv
    assert (python, flag) == ("python", "-m")
    sys.argv = [module, *arguments]
    status = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as exit:
        if isinstance(exit.code, str):
            print(exit.code, file=sys.stderr)
        status = exit.code if isinstance(exit.code, int) else int(exit.code is not None)
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    connection.send(bytes([status]))
    os._exit(status)


if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[2])
    preload()
    serve(sys.argv[1])
