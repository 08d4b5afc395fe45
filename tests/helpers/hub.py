"""A stand-in for the Hugging Face Hub on loopback, with faults on demand."""

import hashlib
import json
import re
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import ClassVar
from urllib.parse import urlsplit


class Quiet(ThreadingHTTPServer):
    """A server that prints nothing: clients that disconnect are part of the tests."""

    daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.stopped = Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        pass


class Hub(BaseHTTPRequestHandler):
    """The part of the Hugging Face Hub that serves one model at one commit.

    The layout is the published one: `/api/models/NAME/tree/COMMIT` lists the files, and
    `/NAME/resolve/COMMIT/FILE` redirects large ones to a signed address of a store, which is
    another origin. A fault applies to the requests whose path matches `where`:

        silent  no answer        half  half of the body, then silence    cut   half, then a reset
        403 ... the status, with `reply_headers`    page  an HTML page   list  other JSON
    """

    folder: Path
    commit = "0123456789abcdef0123456789abcdef01234567"
    name = "team/tiny"
    old_name = ""  # redirects to `name`
    kind = "model"
    gated = False  # files need a token
    private = False  # all needs a token
    token = "hf_tokentokentoken"  # pragma: allowlist secret
    xet = False  # large files are in Xet too, whose servers are not there
    size = 0  # what large files claim to have; 0: the truth
    store = ""  # origin of large files; empty: they come from here
    fault = ""
    where = "."
    times = 1000  # the fault goes away after so many requests
    reply_headers: ClassVar[dict[str, str]] = {}  # with a status
    requests: ClassVar[list[tuple[str, str]]] = []  # method and path, in this order
    authorized: ClassVar[set[str]] = set()  # what the requests for content had as Authorization
    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self.answer()

    def do_GET(self):
        path = urlsplit(self.path).path
        self.authorized.add(self.headers.get("Authorization", ""))
        if path.startswith("/store/"):
            self.send_file(self.files()[path.removeprefix("/store/")])
        else:
            self.answer()

    def answer(self):
        cls, path = type(self), urlsplit(self.path).path
        cls.requests.append((self.command, self.path))
        prefix = "" if self.kind == "model" else f"{self.kind}s/"
        old = re.match(rf"/(api/{self.kind}s/|{prefix})({self.old_name})/", path)
        if self.old_name and old:
            moved = self.path[: old.start(2)] + self.name + self.path[old.end(2) :]
            self.reply(307, {"Location": moved, "Content-Length": "0"})
            return
        if self.faulty() and self.fault.isdecimal():
            cls.times -= 1
            self.reply(int(self.fault), {"Content-Length": "0", **self.reply_headers})
            return
        if self.faulty() and self.fault == "silent":
            self.server.stopped.wait()
            return
        if self.faulty() and self.fault == "list":
            self.reply(200, {"Content-Type": "application/json"}, b'{"files": []}')
            return
        if self.faulty() and self.fault == "page":
            self.reply(200, {"Content-Type": "text/html"}, b"<html>Log in to the network</html>")
            return
        tree = f"/api/{self.kind}s/{self.name}/tree/"
        resolve = f"/{prefix}{self.name}/resolve/"
        if not path.startswith((tree, resolve)):
            self.refuse("RepoNotFound", "Repository not found", 404 if self.has_token() else 401)
        elif self.private and not self.has_token():
            self.refuse("", "Invalid username or password.", 401)
        elif self.commit not in path:
            self.refuse("RevisionNotFound", "Invalid rev id", 404)
        elif path.startswith(tree):
            self.send_tree()
        elif self.gated and not self.has_token():
            sent = "Authorization" in self.headers
            self.refuse("GatedRepo", "Access is restricted", 403 if sent else 401)
        else:
            self.resolve(path.removeprefix(f"{resolve}{self.commit}/"))

    def has_token(self):
        return self.headers.get("Authorization") == f"Bearer {self.token}"

    def faulty(self):
        return self.fault and re.search(self.where, self.path) and type(self).times > 0

    def files(self):
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }

    def refuse(self, code, message, status):
        headers = {"X-Error-Message": message, **({"X-Error-Code": code} if code else {})}
        body = json.dumps({"error": message}).encode()
        self.reply(status, {"Content-Type": "application/json", **headers}, body)

    def send_tree(self):
        tree = []
        for path, content in self.files().items():
            entry = {"type": "file", "path": path, "size": len(content), "oid": sha1(content)}
            if path.endswith(".safetensors"):
                sha256 = hashlib.sha256(content).hexdigest()
                entry["lfs"] = {"oid": sha256, "size": len(content), "pointerSize": 134}
                entry |= {"xetHash": sha256} if self.xet else {}
            tree.append(entry)
        self.reply(200, {"Content-Type": "application/json"}, json.dumps(tree).encode())

    def resolve(self, file):
        content = self.files().get(file)
        if content is None:
            self.refuse("EntryNotFound", "Entry not found", 404)
            return
        headers = {"X-Repo-Commit": self.commit}
        if self.store and file.endswith(".safetensors"):
            sha256 = hashlib.sha256(content).hexdigest()
            linked = {
                "X-Linked-Size": str(self.size or len(content)),
                "X-Linked-Etag": f'"{sha256}"',
            }
            signed = {"Location": f"{self.store}/store/{file}?Signature=sig-nature"}
            body = {"Content-Length": "0", "ETag": f'"{sha1(sha256.encode())}"'}
            if self.xet:
                body |= {"X-Xet-Hash": sha256, "X-Xet-Refresh-Route": f"{self.store}/absent"}
            self.reply(302, headers | linked | signed | body)
        else:
            self.send_file(content, headers)

    def send_file(self, content, headers=None):
        """The content, or the range that is asked for; half of it with a fault."""
        given = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(given[1]) if given else 0
        headers = {"ETag": f'"{sha1(content)}"', "Accept-Ranges": "bytes", **(headers or {})}
        if given:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        headers["Content-Length"] = str(len(content) - start)
        if self.command == "HEAD" or not (self.faulty() and self.fault in ("half", "cut")):
            self.reply(206 if given else 200, headers, content[start:])
            return
        type(self).times -= 1
        self.reply(206 if given else 200, headers, content[start : (start + len(content)) // 2])
        self.wfile.flush()
        if self.fault == "half":
            self.server.stopped.wait()
        else:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()

    def reply(self, status, headers, body=b""):
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *args):
        pass


def sha1(content):
    return hashlib.sha1(content).hexdigest()


@contextmanager
def serve(handler: type[BaseHTTPRequestHandler], **attributes: object) -> Iterator[Quiet]:
    """Run a server of a Hub or Proxy with these attributes until the block ends."""
    served = type("Served", (handler,), {"requests": [], "authorized": set(), **attributes})
    server = Quiet(served)
    server.handler = served
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.stopped.set()
        server.shutdown()
        server.server_close()
