"""A store that speaks S3, on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager

import requests


@contextmanager
def s3_store(bucket: str) -> Iterator[str]:
    """The endpoint of a store with one empty bucket."""
    from moto.server import ThreadedMotoServer  # slow to load: only where a test needs it

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    requests.put(f"{endpoint}/{bucket}", timeout=30).raise_for_status()
    yield endpoint
    server.stop()
