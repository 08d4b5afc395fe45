"""Why a server of the hub does not answer, with the proxy named where one is on the way."""

import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from urllib import request as urllib_request
from urllib.request import getproxies_environment

import httpx2
from huggingface_hub.errors import OfflineModeIsEnabled
from huggingface_hub.utils._auth import get_token

from ...common.errors import first_line
from ...common.redact import redacted_proxy, redacted_text

PROXY_LOGIN = 407  # HTTP status


@dataclass(frozen=True)
class Reason:
    """What went wrong and what to do about it; without line breaks, the token and passwords."""

    what: str
    remedy: str


class UnreachableError(OfflineModeIsEnabled):
    """The hub cannot be asked; its client then uses what its cache has, as if offline."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.what)
        self.reason = reason


def network_failure(error: Exception, url: httpx2.URL) -> Reason:
    """Why a request for `url` got no answer."""
    proxy, server = _proxy(url), f"{server_of(url)}{through(url)}"
    place = proxy or server
    remedy = "check the variable and the network" if proxy else "check the network and HF_ENDPOINT"
    causes = list(causes_of(error))
    certificates = [each for each in causes if isinstance(each, ssl.SSLCertVerificationError)]
    if is_final(error) and not certificates:
        return proxy_login(url)
    if certificates:
        why = certificates[0].verify_message
        what = f"the certificate of {server} is not trusted, {why}"
        remedy = "name your authorities in REQUESTS_CA_BUNDLE"
    elif broken := [each.reason for each in causes if isinstance(each, ssl.SSLError)]:
        why = str(broken[0]).replace("_", " ").lower()
        what = f"the encrypted connection to {server} fails, {why}"
    elif isinstance(error, httpx2.ProxyError):
        what = f"{place} refuses, {public_line(error)}"
    elif isinstance(error, httpx2.ConnectTimeout):
        what = f"no connection in time to {place}"
    elif isinstance(error, httpx2.TimeoutException):
        what = f"no data in time from {server}"
        remedy += ", or raise HF_HUB_DOWNLOAD_TIMEOUT and HF_HUB_ETAG_TIMEOUT (seconds)"
    elif any(isinstance(each, socket.gaierror) for each in causes):
        what = f"{place} is not known to the name server"
    elif isinstance(error, httpx2.ConnectError):
        what = f"no connection to {place}, {_system_text(error)}"
    else:
        what = f"the connection to {server} broke off"
    return Reason(what, remedy)


def is_final(error: Exception) -> bool:
    """Whether the same request would fail again."""
    causes = causes_of(error)
    login = isinstance(error, httpx2.ProxyError) and str(error).startswith(str(PROXY_LOGIN))
    return login or any(isinstance(each, ssl.SSLCertVerificationError) for each in causes)


def busy(status: int, url: httpx2.URL, seconds: float) -> Reason:
    """The reason of an HTTP status that asks for patience, for `seconds` (0 if it says none)."""
    asks = f", which asks to wait {seconds:.0f} s" if seconds else ""
    return Reason(f"HTTP {status} from {server_of(url)}{through(url)}{asks}", "try again later")


def proxy_login(url: httpx2.URL) -> Reason:
    """The reason of a proxy's HTTP 407."""
    what = f"{_proxy(url) or 'a proxy'} asks for a user and password, HTTP {PROXY_LOGIN}"
    return Reason(what, "put them into the variable, before HOST and an @")


def unusable_settings(error: Exception) -> Reason:
    """Why no client can be made from the environment's proxies and certificates."""
    proxies = getproxies_environment()
    for scheme in ("http", "https", "all"):
        address = proxies.get(scheme, "")
        try:
            if address:
                full = address if "://" in address else f"http://{address}"
                httpx2.HTTPTransport(proxy=full, verify=False)
        except ImportError:
            what = f"{_variable(scheme)} needs a package for SOCKS"
            return Reason(what, "run `pip install socksio`, or name a proxy for HTTP")
        except (ValueError, httpx2.InvalidURL):
            what = f"{_variable(scheme)} is not the address of a proxy"
            return Reason(what, "write http://HOST:PORT, and %XX for special signs in a password")
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        if os.environ.get(name):
            return Reason(f"{name}={os.environ[name]} has no certificates", "correct the variable")
    return Reason(public_line(error), "check the variables for proxies and certificates")


def through(url: httpx2.URL) -> str:
    """` through the proxy VARIABLE=ADDRESS`; empty if requests for `url` go directly."""
    proxy = _proxy(url)
    return f" through {proxy}" if proxy else ""


def server_of(url: httpx2.URL) -> str:
    """Scheme, host and port."""
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def causes_of(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what led to it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def public_line(error: BaseException) -> str:
    """The first line of the error's text, or its class if it has none, without secrets."""
    return without_secrets(first_line(error)).rstrip(".:")


def _system_text(error: BaseException) -> str:
    """The operating system's word for the failure of a connection."""
    causes = [each for each in causes_of(error) if isinstance(each, OSError) and each.strerror]
    return causes[-1].strerror.lower() if causes and causes[-1].strerror else public_line(error)


def without_secrets(text: str) -> str:
    """The text without the hub's token, and without the passwords and queries of addresses."""
    try:
        token = get_token()
    except Exception:  # one that cannot be read was not sent
        token = None
    return redacted_text(text.replace(token, "…") if token else text)


def _proxy(url: httpx2.URL) -> str:
    """The proxy for requests to `url`, for messages; empty if they go directly."""
    proxies = getproxies_environment()
    scheme = url.scheme if proxies.get(url.scheme) else "all"
    bypass = getattr(urllib_request, "proxy_bypass_environment")  # noqa: B009  not in typeshed
    if not proxies.get(scheme) or bypass(url.netloc.decode("ascii"), proxies):
        return ""
    return f"the proxy {_variable(scheme)}"


def _variable(scheme: str) -> str:
    """VARIABLE=ADDRESS of the proxy of a scheme, without its password."""
    names = [name for name in os.environ if name.lower() == f"{scheme}_proxy"]
    name = max(names, key=str.islower, default=f"{scheme.upper()}_PROXY")  # as urllib prefers
    return f"{name}={redacted_proxy(getproxies_environment()[scheme])}"
