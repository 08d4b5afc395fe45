"""All bytes of a remote object into a partial file: in parallel, with patience."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from threading import Event
from typing import TypeVar

from .meter import Meter
from .partial import Partial, missing
from .remote import CONNECTIONS, Remote, Source, TransientError

T = TypeVar("T")
NOTED = 1 << 19  # bytes between two notes in the journal: what a kill loses, a connection
RETRIES = 6  # in a row without progress, of each request
BACKOFF, LONGEST = 0.5, 60.0  # seconds: the first pause at most, doubled each time; any pause
PROGRESS = 1 << 16  # bytes that begin the count of retries anew


class StoppedError(Exception):
    """Another thread failed."""


def patiently(
    step: Callable[[], T], stop: Event, progressed: Callable[[], bool] = lambda: False
) -> T:
    """Repeat a step that fails for a passing reason, after pauses with full jitter.

    Raises its last TransientError. Source of the pauses: M. Brooker, "Exponential Backoff And
    Jitter", AWS Architecture Blog, 2015.
    """
    failures = 0
    while True:
        try:
            return step()
        except TransientError as error:
            failures = 1 if progressed() else failures + 1
            if failures > RETRIES:
                raise
            pause = random.uniform(0, BACKOFF * 2 ** (failures - 1))
            if stop.wait(min(max(pause, error.wait), LONGEST)):
                raise StoppedError from None


@dataclass(frozen=True)
class Transfer:
    """One object on its way into its partial file."""

    source: Source
    remote: Remote
    part: Partial
    meter: Meter
    stop: Event = field(default_factory=Event)

    def run(self) -> None:
        """Fetch what is missing. Raises what `Source.read` and `Partial.write` raise."""
        if not self.remote.ranged or self.remote.length is None:
            patiently(self._whole, self.stop)
            return
        spans = missing(self.part.done, self.remote.length, self.remote.piece)
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            tasks = [pool.submit(self._span, start, end) for start, end in spans]
            try:
                for task in as_completed(tasks):
                    task.result()
            except BaseException:
                self.stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _whole(self) -> None:
        """The object from its beginning, in one go."""
        self.part.discard()
        self.meter.restart()
        position = 0

        def write(data: bytes) -> None:
            nonlocal position
            self.part.write(data, position)
            position += len(data)
            self.meter.advance(len(data))

        self.source.read(self.remote, 0, self.remote.length or 0, write)

    def _span(self, start: int, end: int) -> None:
        """One range, with as many requests as it takes, each beginning where the last ended."""
        position = noted = counted = start

        def write(data: bytes) -> None:
            nonlocal position, noted
            if self.stop.is_set():
                raise StoppedError
            self.part.write(data, position)
            position += len(data)
            self.meter.advance(len(data))
            if position - noted >= NOTED:
                self.part.note(noted, position)
                noted = position

        def read() -> None:
            self.source.read(self.remote, position, end, write)

        def progressed() -> bool:
            nonlocal counted
            before, counted = counted, position
            return position - before >= PROGRESS

        try:
            patiently(read, self.stop, progressed)
        finally:
            self.part.note(noted, position)
