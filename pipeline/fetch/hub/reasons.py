"""Why a call of huggingface_hub failed, in one line with a remedy."""

import errno
import os
from json import JSONDecodeError

import httpx2
from huggingface_hub import constants
from huggingface_hub.errors import (
    FileMetadataError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
)

from ...common.redact import redacted
from .network import (
    Reason,
    UnreachableError,
    causes_of,
    network_failure,
    public_line,
    through,
    without_secrets,
)

LOG_IN = "log in (HF_TOKEN or `hf auth login`)"
NO_SPACE = "Not enough free disk space"  # the hub's client warns of it before a large file
FULL = {errno.ENOSPC, errno.EDQUOT}
UNAUTHORIZED, ACCESS_DENIED, NOT_FOUND = 401, 403, 404  # HTTP statuses


def reason(error: Exception, repository: str) -> Reason:
    """Why a call about `team/name` or `datasets/team/name` failed."""
    causes = list(causes_of(error))
    if str(error).startswith(NO_SPACE) or any(getattr(each, "errno", 0) in FULL for each in causes):
        what = f"no space left on device in {constants.HF_HUB_CACHE}"
        return Reason(what, "free some space, or set HF_HOME to another disk")
    # The lack of a file in the cache follows from what the hub's client met before.
    cause = next((each for each in causes if not isinstance(each, LocalEntryNotFoundError)), error)
    if isinstance(cause, HfHubHTTPError):
        return _refusal(cause, repository)
    if isinstance(cause, UnreachableError):
        return cause.reason
    return _fault_here(cause)


def _fault_here(cause: BaseException) -> Reason:
    """The reason of an error before or after the hub's answer."""
    what, endpoint = public_line(cause), redacted(constants.ENDPOINT)
    remedy = "check the network, HF_ENDPOINT and HF_HOME, then run it again"
    if isinstance(cause, OfflineModeIsEnabled | LocalEntryNotFoundError):
        names = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
        variable = next((name for name in names if os.environ.get(name)), names[0])
        what = f"{variable} is set, and {constants.HF_HUB_CACHE} has no complete copy"
        remedy = "unset it, or set HF_HOME to a cache that has one"
    elif isinstance(cause, httpx2.LocalProtocolError | UnicodeEncodeError):
        what = "the request has a header that is not valid"
        remedy = "check HF_TOKEN, which may hold a space or a special character"
    elif isinstance(cause, httpx2.UnsupportedProtocol | httpx2.InvalidURL):
        what, remedy = f"{endpoint!r} is not an address", "write HF_ENDPOINT as https://HOST"
    elif isinstance(cause, httpx2.TransportError):
        return network_failure(cause, httpx2.URL(constants.ENDPOINT))
    elif isinstance(cause, HFValidationError):
        what, remedy = "that cannot be a name on the hub", "check it, and write ORGANISATION/NAME"
    elif isinstance(cause, FileMetadataError | JSONDecodeError | KeyError | TypeError):
        what = f"{endpoint} answers, but not as a hub"
        remedy = "check HF_ENDPOINT, and whether the network asks for a login"
    elif isinstance(cause, OSError) and cause.errno is not None:
        what = f"{cause.filename or constants.HF_HUB_CACHE}, {(cause.strerror or what).lower()}"
        remedy = "check HF_HOME, which must be a folder that you can write"
    return Reason(what, remedy)


def _refusal(error: HfHubHTTPError, repository: str) -> Reason:
    """The reason of an HTTP status that is no success."""
    status, headers = error.response.status_code, error.response.headers
    request, code = error.response.request, headers.get("X-Error-Code", "")
    page = f"{redacted(constants.ENDPOINT)}/{repository}"
    has_token = "authorization" in request.headers
    if code == "GatedRepo" and has_token:
        what = "gated, and the account of your token has no access"
        remedy = f"accept its licence at {page}, and wait if its authors must agree"
    elif code == "GatedRepo":
        what, remedy = "gated", f"{LOG_IN} and accept its licence at {page}"
    elif code == "RevisionNotFound":
        what, remedy = "no such commit", f"check it, or copy one from {page}/commits/main"
    elif code == "EntryNotFound":
        what, remedy = "no such file at this commit", f"check its path at {page}/tree/main"
    elif code != "RepoNotFound" and status == UNAUTHORIZED and has_token:
        what = "the hub does not accept your token, HTTP 401"
        remedy = "renew HF_TOKEN, or run `hf auth login` again"
    elif code == "RepoNotFound" or status in (UNAUTHORIZED, NOT_FOUND):
        what = f"not found, or private, HTTP {status}"
        private = "use a token that may read it" if has_token else LOG_IN
        remedy = f"check the name; if it is private, {private}"
    else:
        message = without_secrets(headers.get("X-Error-Message", "")).splitlines()
        said = f", {message[0][:200]}" if message else ""
        what = f"HTTP {status}{said}{through(request.url)}"
        remedy = (
            f"see {page}" if status == ACCESS_DENIED else "try again later, or check HF_ENDPOINT"
        )
    return Reason(what, remedy)
