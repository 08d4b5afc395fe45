"""The internet behind a company's proxy, on loopback: it speaks TLS in the name of every host."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

from certificate import make_certificate
from fault_server import Handler, Served
from hub import serve

Site = type[BaseHTTPRequestHandler]


class TlsProxy(BaseHTTPRequestHandler):
    """A forward proxy that answers for `sites`, by host, and refuses all others.

    `requests` has the host of every connection, and what was asked for without TLS.
    """

    sites: Mapping[str, Site]
    context: ssl.SSLContext
    requests: list[str]

    def do_CONNECT(self) -> None:
        host = self.path.removesuffix(":443")
        self.requests.append(host)
        if host not in self.sites:
            self.send_error(403)
            return
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        with self.context.wrap_socket(self.connection, server_side=True) as connection:
            self.sites[host](connection, self.client_address, self.server)

    def do_GET(self) -> None:
        self.requests.append(self.path)
        self.send_error(403)

    do_HEAD = do_POST = do_GET  # noqa: N815

    def log_message(self, *args: object) -> None:
        pass


def store(files: Mapping[str, bytes]) -> Site:
    """A site that serves files by their path, in ranges, with an ETag."""

    class Store(Handler):
        def do_GET(self) -> None:  # noqa: N802
            content = files.get(urlsplit(self.path).path)
            self.server = SimpleNamespace(served=Served(content or b""))
            if content is None:
                self._empty(404, {})
            else:
                super().do_GET()

    return Store


@contextmanager
def internet(folder: Path, sites: Mapping[str, Site]) -> Iterator[tuple[list[str], dict[str, str]]]:
    """The hosts that were asked for, and the variables that lead everything through the proxy.

    `folder` gets the proxy's certificate, and is where caches belong.
    """
    certificate, key = make_certificate(folder, *sites)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serve(TlsProxy, sites=sites, context=context) as proxy:
        variables = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), proxy.url)
        variables |= {name.lower(): proxy.url for name in variables} | {
            "NO_PROXY": "",
            "no_proxy": "",
        }
        variables |= {"REQUESTS_CA_BUNDLE": str(certificate)}
        variables |= {"XDG_CACHE_HOME": str(folder / "cache"), "HF_HOME": str(folder / "hub")}
        yield proxy.handler.requests, variables
