"""Calls of huggingface_hub within bounded time, with progress and one line for each failure."""

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from huggingface_hub import constants, set_client_factory
from huggingface_hub.utils._http import default_client_factory
from huggingface_hub.utils.logging import get_verbosity, set_verbosity
from huggingface_hub.utils.tqdm import disable_progress_bars

from ...common.errors import PipelineError
from ...common.progress import ByteProgress
from .client import Requests, client
from .reasons import NO_SPACE, reason

# Xet has time limits of many minutes and reports no reasons; telemetry is one more request that can
# stall.
LEFT_OUT = {"HF_HUB_DISABLE_XET", "HF_HUB_DISABLE_TELEMETRY"}


@contextmanager
def hub_access(shown: str, repository: str) -> Iterator[None]:
    """Within the block, calls of huggingface_hub end in bounded time and report their progress.

    `shown` names in messages what is fetched from `repository`, team/name or datasets/team/name.
    HF_HUB_DOWNLOAD_TIMEOUT and HF_HUB_ETAG_TIMEOUT (10 s each) are the seconds without a byte after
    which a request is repeated. Any error of the block becomes a PipelineError of one line. A
    repository that has been renamed is reported on stderr.

    Xet, the hub's second way of transfer, and telemetry are used only if HF_HUB_DISABLE_XET=0 and
    HF_HUB_DISABLE_TELEMETRY=0 ask for them.
    """
    verbosity, before = get_verbosity(), {name: getattr(constants, name) for name in LEFT_OUT}
    requests = Requests(ByteProgress(shown))
    set_client_factory(lambda: client(requests))
    if "HF_HUB_VERBOSITY" not in os.environ and not constants.HF_DEBUG:
        set_verbosity(logging.ERROR)
    for name in LEFT_OUT - os.environ.keys():
        setattr(constants, name, True)
    try:
        with requests.progress, disable_progress_bars(), warnings.catch_warnings():
            warnings.filterwarnings("error", NO_SPACE)
            yield
    except PipelineError:
        raise
    except Exception as error:  # the hub's client raises many unrelated classes
        why = reason(error, repository)
        raise PipelineError(f"{shown}: not downloaded ({why.what}): {why.remedy}") from None
    finally:
        set_client_factory(default_client_factory)
        set_verbosity(verbosity)
        for name, value in before.items():
            setattr(constants, name, value)
    if requests.renamed:
        note = f"{shown}: is called {requests.renamed!r} now: write that name"
        print(note, file=sys.stderr, flush=True)
