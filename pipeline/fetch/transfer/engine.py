"""Transfer a remote file into a partial file: in parallel, with retries."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from threading import Event
from typing import TypeVar

from .meter import Meter
from .partial import Partial, missing
from .remote import CONNECTIONS, FileInfo, RemoteFile, TransientError

Result = TypeVar("Result")
JOURNAL_STEP = 1 << 19  # bytes between two journal entries: what a kill loses per connection
RETRIES = 6  # per request, in a row without progress
PROGRESS_BYTES = 1 << 16  # a request that got this many bytes starts its count of retries again
FIRST_PAUSE = 0.5  # seconds at most before the first retry, doubled for each further one
LONGEST_PAUSE = 60.0  # seconds


class StoppedError(Exception):
    """Another thread failed."""


def with_retries(
    step: Callable[[], Result],
    stop: Event,
    progressed: Callable[[], bool] = lambda: False,
    retries: int = RETRIES,
) -> Result:
    """Repeat a step while it fails with a TransientError, after pauses with full jitter.

    `progressed` reports whether the failed attempt got enough bytes to count as a fresh start.
    Raises the last TransientError after `retries`, and StoppedError once `stop` is set. Source of
    the pauses: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    failures = 0
    while True:
        try:
            return step()
        except TransientError as error:
            failures = 1 if progressed() else failures + 1
            if failures > retries:
                raise TransientError(f"{error}, {failures} times") from None
            pause = random.uniform(0, FIRST_PAUSE * 2 ** (failures - 1))
            if stop.wait(min(max(pause, error.wait), LONGEST_PAUSE)):
                raise StoppedError from None


@dataclass(frozen=True)
class Transfer:
    """The transfer of one remote file into its partial file."""

    remote: RemoteFile
    info: FileInfo
    part: Partial
    meter: Meter
    stop: Event = field(default_factory=Event)

    def run(self) -> None:
        """Fetch what is missing. Raises what `RemoteFile.read` and `Partial.write` raise."""
        if not self.info.ranged or self.info.length is None:
            with_retries(self._fetch_whole, self.stop)
            return
        ranges = missing(self.part.done, self.info.length, self.info.piece)
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            tasks = [pool.submit(self._fetch_range, start, end) for start, end in ranges]
            try:
                for task in as_completed(tasks):
                    task.result()
            except BaseException:
                self.stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _fetch_whole(self) -> None:
        """Fetch the file from its beginning with one request."""
        self.part.discard()
        self.meter.restart()
        position = 0

        def write(data: bytes) -> None:
            nonlocal position
            self.part.write(data, position)
            position += len(data)
            self.meter.advance(len(data))

        self.remote.read(self.info, 0, self.info.length or 0, write)

    def _fetch_range(self, start: int, end: int) -> None:
        """Fetch [start, end); a retry continues where the failed request ended."""
        position = journaled = position_before_attempt = start

        def write(data: bytes) -> None:
            nonlocal position, journaled
            if self.stop.is_set():
                raise StoppedError
            self.part.write(data, position)
            position += len(data)
            self.meter.advance(len(data))
            if position - journaled >= JOURNAL_STEP:
                self.part.record(journaled, position)
                journaled = position

        def read() -> None:
            self.remote.read(self.info, position, end, write)

        def progressed() -> bool:
            nonlocal position_before_attempt
            gained = position - position_before_attempt
            position_before_attempt = position
            return gained >= PROGRESS_BYTES

        try:
            with_retries(read, self.stop, progressed)
        finally:
            self.part.record(journaled, position)
