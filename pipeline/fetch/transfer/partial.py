"""A file that is being downloaded: its bytes so far, and a journal of which those are."""

import fcntl
import json
import os
from pathlib import Path
from threading import Lock

from ...common.errors import PipelineError
from .remote import Remote

Ranges = list[tuple[int, int]]


def missing(done: Ranges, length: int, largest: int) -> Ranges:
    """What [0, length) lacks beside `done`, in pieces of at most `largest` bytes, in order."""
    gaps, position = [], 0
    for start, stop in [*sorted(done), (length, length)]:
        end = min(start, length)
        gaps += [(at, min(at + largest, end)) for at in range(position, end, largest)]
        position = max(position, stop)
    return gaps


class Partial:
    """`.NAME.part` and `.NAME.part.journal` beside the target NAME, locked while open.

    The journal's first line names the address and version of the object, every other line a
    finished range. A range is noted after its bytes were handed to the system, so that it holds
    after a kill -9; only a crash of the whole machine may lose bytes that the journal counts.
    Raises PipelineError if another process is downloading to the same target.
    """

    def __init__(self, target: Path, address: str) -> None:
        self.address = address
        self.done: Ranges = []
        self._target = target
        self._path = target.with_name(f".{target.name}.part")
        self._journal = target.with_name(f".{target.name}.part.journal")
        self._resumable = False
        self._lock = Lock()
        target.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._locked()

    def _locked(self) -> int:
        while True:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.path.samestat(os.fstat(file), self._path.stat()):
                    return file
            except FileNotFoundError:
                pass  # its last holder just finished: lock the next one
            except BlockingIOError:
                os.close(file)
                raise PipelineError(
                    f"{self._target}: another process is downloading it: wait for that one"
                ) from None
            os.close(file)

    def begin(self, remote: Remote) -> None:
        """Continue what is there if it is of this object, otherwise begin anew."""
        self._resumable = remote.ranged and remote.version != "" and remote.length is not None
        header = {"address": self.address, "version": remote.version, "length": remote.length}
        self.done = self._noted(header) if self._resumable else []
        if not self.done:
            os.ftruncate(self._file, 0)
        if not self._resumable:
            self._journal.unlink(missing_ok=True)
            return
        # Written anew, since its last line may be torn.
        fresh = self._journal.with_name(f"{self._journal.name}.new")
        lines = [json.dumps(header), *(f"{start} {stop}" for start, stop in self.done)]
        fresh.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        fresh.replace(self._journal)

    def _noted(self, header: dict[str, str | int | None]) -> Ranges:
        try:
            first, *lines = self._journal.read_text("utf-8").split("\n")[:-1]
            if json.loads(first) != header:
                return []
            done = [(int(start), int(stop)) for start, stop in map(str.split, lines)]
        except (FileNotFoundError, ValueError):
            return []
        size = os.fstat(self._file).st_size
        return done if all(0 <= start < stop <= size for start, stop in done) else []

    def write(self, data: bytes, position: int) -> None:
        """Put bytes at a position."""
        view = memoryview(data)
        while view:
            written = os.pwrite(self._file, view, position)
            view, position = view[written:], position + written

    def note(self, start: int, stop: int) -> None:
        """Count [start, stop) as finished, its bytes having been written."""
        if start < stop:
            with self._lock:
                self.done.append((start, stop))
                if self._resumable:
                    with self._journal.open("ab", buffering=0) as journal:
                        journal.write(f"{start} {stop}\n".encode())

    def discard(self) -> None:
        """Forget everything fetched so far."""
        self._journal.unlink(missing_ok=True)
        self.done = []
        os.ftruncate(self._file, 0)

    def finish(self, length: int) -> None:
        """Put the whole file in the target's place."""
        os.ftruncate(self._file, length)
        self._journal.unlink(missing_ok=True)
        self._path.replace(self._target)

    def size(self) -> int:
        """Bytes up to the last one written."""
        return os.fstat(self._file).st_size

    @property
    def path(self) -> Path:
        """Where the bytes are until `finish`."""
        return self._path

    def close(self, keep: bool) -> None:
        """Unlock. What the next run cannot continue, or must not, is removed."""
        try:
            if not (keep and self._resumable and self.done) and self._is_ours():
                self._journal.unlink(missing_ok=True)
                self._path.unlink()
        finally:
            os.close(self._file)

    def _is_ours(self) -> bool:
        return self._path.exists() and os.path.samestat(os.fstat(self._file), self._path.stat())
