"""Files in S3 and in stores with the same protocol, through awscrt."""

import os
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit
from urllib.request import getproxies_environment

from awscrt.auth import AwsCredentialsProvider
from awscrt.exceptions import AwsCrtError
from awscrt.http import HttpHeaders, HttpRequest
from awscrt.io import ClientTlsContext, TlsConnectionOptions, TlsContextOptions
from awscrt.s3 import (
    S3Client,
    S3RequestTlsMode,
    S3RequestType,
    S3ResponseError,
    S3RetryConfig,
    S3RetryMode,
    create_default_s3_signing_config,
)

from ...common.errors import PipelineError
from ...common.redact import redacted
from .remote import (
    PIECE,
    ChangedError,
    FileInfo,
    RefusedError,
    TransientError,
    ca_bundle,
    check_status,
)

READ_TIMEOUT = 300.0  # seconds, for one request of a few MiB
# Headers arrive at once or never: awscrt hangs on a certificate that it does not trust.
PROBE_TIMEOUT = 20.0  # seconds


class S3File:
    """`s3://bucket/key`, path-style; signed if the default AWS chain has credentials."""

    def __init__(self, url: str, endpoint: str | None) -> None:
        bucket, _, key = url.removeprefix("s3://").partition("/")
        if not bucket or not key or "@" in bucket:
            raise PipelineError(
                f"{redacted(url)}: not s3://bucket/key: correct it, and give credentials by "
                "environment or profile only"
            )
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        self._region = region or "us-east-1"
        address = (
            endpoint
            or os.environ.get("AWS_ENDPOINT_URL_S3")
            or os.environ.get("AWS_ENDPOINT_URL")
            or f"https://s3.{self._region}.amazonaws.com"
        )
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            raise PipelineError(f"{redacted(address)}: not an endpoint: give https://host[:port]")
        self._host = parts.netloc
        self._path = f"{parts.path.rstrip('/')}/{bucket}/{quote(key, safe='/-_.~')}"
        bundle = ca_bundle("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
        proxies = tuple(sorted(getproxies_environment().items()))
        self._client = _client(parts.scheme, parts.netloc, self._region, bundle, proxies)
        self._credentials = _credentials()

    def probe(self) -> FileInfo:
        """Ask for the headers of the object."""
        headers = self._request("HEAD", "HeadObject", {}, lambda _: None)
        length = headers.get("content-length", "")
        if not length.isdecimal():
            raise TransientError("it does not report its length")
        # awscrt delivers only whole ranges: make them smaller for small files, so that a kill
        # loses little.
        piece = max(1 << 20, min(PIECE, int(length) // 192))
        return FileInfo(int(length), headers.get("etag", ""), ranged=True, piece=piece)

    def read(self, info: FileInfo, start: int, stop: int, write: Callable[[bytes], None]) -> None:
        """See `RemoteFile`; awscrt holds a range in memory until it is complete."""
        request_headers = {"Range": f"bytes={start}-{stop - 1}"}
        if info.version:
            request_headers["If-Match"] = info.version
        received = 0

        def write_checked(data: bytes) -> None:
            nonlocal received
            received += len(data)
            if received > stop - start:
                raise TransientError("it sent more than requested")
            write(data)

        headers = self._request("GET", "GetObject", request_headers, write_checked)
        if headers.get("etag", "") != info.version:
            raise ChangedError
        if received < stop - start:
            raise TransientError("the connection ended early")

    def _request(
        self, method: str, operation: str, headers: dict[str, str], write: Callable[[bytes], None]
    ) -> dict[str, str]:
        """Send one request, pass the body of the response to `write`, and return its headers."""
        response_headers: dict[str, str] = {}

        def on_headers(status_code: int, headers: list[tuple[str, str]], **_: Any) -> None:
            response_headers.update((name.lower(), value) for name, value in headers)

        def on_body(chunk: bytes, offset: int, **_: Any) -> None:
            write(chunk)

        request = self._client.make_request(
            type=S3RequestType.DEFAULT,
            operation_name=operation,
            request=HttpRequest(
                method, self._path, HttpHeaders([("Host", self._host), *headers.items()])
            ),
            signing_config=self._signing(),
            on_headers=on_headers,
            on_body=on_body,
        )
        try:
            request.finished_future.result(PROBE_TIMEOUT if method == "HEAD" else READ_TIMEOUT)
        except TimeoutError:
            request.cancel()
            raise TransientError("no response in time") from None
        except S3ResponseError as error:
            _raise_for(error)
        except AwsCrtError as error:
            failed = "server" if error.name.startswith("AWS_ERROR_S3") else "connection"
            raise TransientError(f"the {failed} failed, {error.name}") from None
        return response_headers

    def _signing(self) -> Any:
        if self._credentials is None:
            return None
        return create_default_s3_signing_config(
            region=self._region, credential_provider=self._credentials
        )


def _raise_for(error: S3ResponseError) -> None:
    """Raise the error that a response stands for."""
    headers = {name.lower(): value for name, value in error.headers or []}
    region = headers.get("x-amz-bucket-region")
    if region and error.status_code in {301, 307, 400}:
        raise RefusedError(f"the bucket is in {region}", f"set AWS_REGION={region}") from None
    wait = headers.get("retry-after", "")
    check_status(error.status_code or 0, float(wait) if wait.isdecimal() else 0.0)
    raise TransientError(f"HTTP {error.status_code}, {error.name}")


@cache
def _client(
    scheme: str, host: str, region: str, bundle: str | None, proxies: tuple[tuple[str, str], ...]
) -> S3Client:
    """One client per host and port: a client confuses two ports of one host (awscrt 0.38).

    It reads the proxy variables of the environment only once, here. `proxies` is an argument so
    that a change of them gives a new client.
    """
    tls = None
    if scheme == "https":
        options = TlsContextOptions()
        if bundle:
            options.override_default_trust_store_from_path(None, bundle)
        tls = TlsConnectionOptions(ClientTlsContext(options))
        tls.set_server_name(urlsplit(f"//{host}").hostname)
    return S3Client(
        region=region,
        tls_mode=S3RequestTlsMode.ENABLED if tls else S3RequestTlsMode.DISABLED,
        tls_connection_options=tls,
        # The engine retries, with the same rules for every protocol.
        retry_config=S3RetryConfig(retry_mode=S3RetryMode.NONE),
    )


def _credentials() -> AwsCredentialsProvider | None:
    """Credentials from environment, profile, container or machine role, or None."""
    provider = AwsCredentialsProvider.new_default_chain()
    try:
        provider.get_credentials().result()
    except AwsCrtError:
        return None
    return provider
