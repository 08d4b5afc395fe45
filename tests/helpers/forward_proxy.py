"""A forward proxy on loopback, for `hub.serve`, and an address at which there is none."""

import socket
from http.server import BaseHTTPRequestHandler
from typing import ClassVar
from urllib.request import ProxyHandler, Request, build_opener


class Proxy(BaseHTTPRequestHandler):
    """A forward proxy: `mode` is forward, silent, or the status with which it refuses."""

    mode = "forward"
    requests: ClassVar[list[str]] = []

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        type(self).requests.append(self.path)
        if self.mode == "silent":
            self.server.stopped.wait()
        elif self.mode != "forward":
            self.send_response(int(self.mode))
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            request = Request(self.path, method=self.command)
            with build_opener(ProxyHandler({})).open(request) as response:
                self.send_response(response.status)
                for name, value in response.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(response.read())

    do_CONNECT = do_GET  # noqa: N815

    def log_message(self, *args):
        pass


def closed_port() -> str:
    """An address of this machine at which nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
