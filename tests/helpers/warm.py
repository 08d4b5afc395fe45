"""A shell that runs `python -m MODULE` and `dvc` without importing torch or DVC again.

On tiny data a stage spends seconds on these imports, and less on its work; so does `dvc`. DVC runs
the command of a stage in the shell that the variable SHELL names. This one passes the command to a
server that has imported all libraries. The server forks, and the child runs the command with the
code of its folder; each command still has a process for itself, and nothing it does reaches the
server.
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

# The program for SHELL, with -c and a line, or with a command as words. No reply means that the
# child was killed: then it kills itself likewise.
SHELL = """#!{python} -IS
import json, os, signal, socket, sys
words = sys.argv[2].split() if sys.argv[1] == "-c" else sys.argv[1:]
umask = os.umask(0)
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    request = json.dumps([words, os.getcwd(), umask, dict(os.environ)])
    socket.send_fds(server, [request.encode()], [0, 1, 2])
    reply = server.recv(1)
if not reply:
    os.kill(os.getpid(), signal.SIGKILL)
sys.exit(reply[0])
"""

BIN = Path(sys.executable).parent
# What steps and DVC import where they need it.
LATE = [
    "transformers.models.bert.modeling_bert",
    "sklearn.manifold",
    "scipy.stats",
    "pyarrow.dataset",
    "pyarrow.pandas_compat",
    "sacremoses",
    "babel.numbers",
    "tabulate",
    "vl_convert",
    "torch.profiler",
    "dvc.cli.parser",
    "dvc.repo",
    "dvc.cachemgr",
    "dvc.data_cloud",
    "dvc.scm",
    "dvc.stage.cache",
    "dvc_render.vega",
    "dvc_s3",
    "ruamel.yaml",
    "scmrepo.git",
    "networkx",
]


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
    """Import what the steps and DVC import, and forget the code that a test may change."""
    steps = import_module("stages.__main__").STEPS
    for module in [*(f"stages.{step}" for step in steps), *LATE]:
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
    words, folder, umask, variables = json.loads(request)
    if words[0] == "dvc":
        words[:1] = ["python", str(BIN / "dvc")]
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(folder)
    os.umask(umask)
    first = folder if words[1] == "-m" else str(BIN)
    sys.path[:1] = [first, *filter(None, variables.get("PYTHONPATH", "").split(os.pathsep))]
    sys.orig_argv = words
    sys.modules.pop("sitecustomize", None)
    with suppress(ImportError):  # as Python does when it starts: see tests/hooks
        import_module("sitecustomize")
    status = 0
    try:
        if words[1] == "-m":
            sys.argv = words[2:]
            runpy.run_module(words[2], run_name="__main__", alter_sys=True)
        else:
            sys.argv = words[1:]
            runpy.run_path(words[1], run_name="__main__")
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
