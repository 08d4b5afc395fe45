"""A folder at an address, by a real server on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread


@dataclass(frozen=True)
class FolderServer:
    """The address of the folder, and the paths that were requested so far."""

    url: str
    requested: list[str] = field(default_factory=list)


@contextmanager
def serve_folder(folder: Path) -> Iterator[FolderServer]:
    """Serve a folder until the block ends."""
    requested: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            requested.append(self.path)

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield FolderServer(f"http://127.0.0.1:{server.server_port}", requested)
    finally:
        server.shutdown()
