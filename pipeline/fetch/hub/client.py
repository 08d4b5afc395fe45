"""An HTTP client for huggingface_hub, whose own waits forever for a server that says nothing."""

import os
import re
import ssl
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2
from huggingface_hub import constants
from huggingface_hub.utils._http import hf_request_event_hook, parse_ratelimit_headers

from ...common.progress import ByteProgress
from .network import (
    PROXY_LOGIN,
    Reason,
    UnreachableError,
    busy,
    is_final,
    network_failure,
    proxy_login,
    unusable_settings,
)

TRIES = 4  # per request, without progress
FIRST_WAIT = 1.0  # seconds before the second try, doubled for each further one
LONGEST_WAIT = 60.0  # seconds that a busy server may ask for
SLOW_SECONDS, SLOW_BYTES = 60.0, 1 << 16  # a server that sends less in that time has stalled
BUSY = {408, 429, 500, 502, 503, 504}  # HTTP statuses
RETRIED = (
    httpx2.TimeoutException,
    httpx2.NetworkError,
    httpx2.RemoteProtocolError,
    httpx2.ProxyError,
)
REPOSITORY = re.compile(r"/(?:api/models/|api/)?((?:datasets/)?[^/]+(?:/[^/]+)?)/(?:tree|resolve)/")


class BrokenBodyError(httpx2.RemoteProtocolError):
    """The body of an answer stalled or broke off; the hub's client asks for the rest of a file."""


class Requests:
    """What all requests of one access share; several threads use it."""

    def __init__(self, progress: ByteProgress) -> None:
        self.progress = progress
        self.renamed = ""
        self._failures: Counter[tuple[str, str, str]] = Counter()

    def failed(self, request: httpx2.Request, why: Reason) -> float:
        """Count a failure and return the seconds to wait; raises UnreachableError after TRIES.

        A request for the rest of a file differs from the one before it: there was progress.
        """
        key = (request.method, str(request.url), request.headers.get("Range", ""))
        self._failures[key] += 1
        if self._failures[key] >= TRIES:
            raise UnreachableError(why) from None
        return FIRST_WAIT * 2.0 ** (self._failures[key] - 1)

    def note_name(self, request: httpx2.Request, response: httpx2.Response) -> None:
        """Remember the new name of a repository if the server redirects to it."""
        target = urljoin(str(response.url), response.headers.get("Location", ""))
        old, new = (REPOSITORY.search(path) for path in (request.url.path, urlsplit(target).path))
        if old and new and old[1] != new[1]:
            self.renamed = new[1].removeprefix("datasets/")


class Client(httpx2.Client):
    """The client: it has time limits and repeats requests, so that huggingface_hub need not."""

    def __init__(self, requests: Requests) -> None:
        hooks = {"request": [hf_request_event_hook]}
        super().__init__(event_hooks=hooks, follow_redirects=True, verify=_authorities())
        self._requests = requests

    def send(
        self, request: httpx2.Request, *, stream: bool = False, **options: Any
    ) -> httpx2.Response:
        """See httpx2.Client; raises UnreachableError when the server does not answer."""
        head = request.method == "HEAD"
        seconds = constants.HF_HUB_ETAG_TIMEOUT if head else constants.HF_HUB_DOWNLOAD_TIMEOUT
        request.extensions = {**request.extensions, "timeout": httpx2.Timeout(seconds).as_dict()}
        while True:
            try:
                response = super().send(request, stream=True, **options)
                pause = self._pause_if_busy(request, response)
                if pause is None:
                    progress = self._requests.progress if stream else None
                    response.stream = Body(self._requests, request, response, progress)
                    if not stream:
                        response.read()
                    self._requests.note_name(request, response)
                    return response
            except BrokenBodyError:
                pause = FIRST_WAIT
            except RETRIED as error:
                why = network_failure(error, error.request.url)  # after a redirect, another server
                if is_final(error):
                    raise UnreachableError(why) from None
                pause = self._requests.failed(request, why)
            time.sleep(pause)

    def _pause_if_busy(self, request: httpx2.Request, response: httpx2.Response) -> float | None:
        """The seconds to wait before the next try; None if the response is an answer."""
        status, headers = response.status_code, response.headers
        if status == PROXY_LOGIN:
            response.close()
            raise UnreachableError(proxy_login(request.url))
        if status not in BUSY:
            return None
        response.close()
        limit, wait = parse_ratelimit_headers(headers), headers.get("Retry-After", "")
        asked = float(wait) if wait.isdecimal() else 0.0
        if limit and not limit.remaining:
            asked = max(asked, limit.reset_in_seconds)
        why = busy(status, request.url, asked)
        if asked > LONGEST_WAIT:
            raise UnreachableError(why)
        return max(asked, self._requests.failed(request, why))


class Body(httpx2.SyncByteStream):
    """The body of a response, which is watched for stalls and counts towards `progress`."""

    def __init__(
        self,
        requests: Requests,
        request: httpx2.Request,
        response: httpx2.Response,
        progress: ByteProgress | None,
    ) -> None:
        assert isinstance(response.stream, httpx2.SyncByteStream)
        self._stream, self._url = response.stream, response.url
        self._requests, self._request, self._progress = requests, request, progress
        length = response.headers.get("Content-Length", "")
        self._missing = int(length) if length.isdecimal() else 0

    def __iter__(self) -> Iterator[bytes]:
        if self._progress:
            self._progress.expect(self._missing)
        try:
            for block in self._watched():
                if self._progress:
                    self._progress.advance(len(block))
                self._missing -= len(block)
                yield block
        except RETRIED as error:
            if self._progress:
                self._progress.expect(-self._missing)
            self._requests.failed(self._request, network_failure(error, self._url))
            raise BrokenBodyError(str(error)) from error

    def close(self) -> None:
        """Release the connection."""
        self._stream.close()

    def _watched(self) -> Iterator[bytes]:
        start, received = time.monotonic(), 0
        for block in self._stream:
            yield block
            received += len(block)
            if time.monotonic() - start > SLOW_SECONDS:
                if received < SLOW_BYTES:
                    raise httpx2.ReadTimeout("too slow")
                start, received = time.monotonic(), 0


def _authorities() -> ssl.SSLContext | bool:
    """The certificates of REQUESTS_CA_BUNDLE, as for other downloads; True for httpx2's choice."""
    path = os.environ.get("REQUESTS_CA_BUNDLE", "")
    if not path:
        return True
    if Path(path).is_dir():
        return ssl.create_default_context(capath=path)
    return ssl.create_default_context(cafile=path)


def client(requests: Requests) -> Client:
    """A client for some requests; raises UnreachableError if the environment's proxies are bad."""
    try:
        return Client(requests)
    except Exception as error:  # a package for SOCKS is missing, an address or file is not valid
        raise UnreachableError(unusable_settings(error)) from None
