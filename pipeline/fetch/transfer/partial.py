"""A file that is being downloaded: its bytes so far, and a journal of the finished ranges."""

import fcntl
import json
import os
from pathlib import Path
from threading import Lock

from ...common.errors import PipelineError
from .remote import FileInfo

Ranges = list[tuple[int, int]]


def missing(done: Ranges, length: int, largest: int) -> Ranges:
    """The parts of [0, length) that are not in `done`, in order, each at most `largest` bytes."""
    pieces = []
    position = 0
    for start, stop in [*sorted(done), (length, length)]:
        gap_end = min(start, length)
        for piece in range(position, gap_end, largest):
            pieces.append((piece, min(piece + largest, gap_end)))
        position = max(position, stop)
    return pieces


class Partial:
    """`.NAME.part` and `.NAME.part.journal` next to the target NAME, locked while open.

    The first line of the journal has the address, version and length of the remote file, every
    other line a finished range. A range is recorded after its bytes were handed to the system, so
    that the journal is right after a kill -9; only a crash of the whole machine may lose bytes
    that it lists. Raises PipelineError if another process is downloading to the same target.
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
        self._file = self._open_locked()

    def _open_locked(self) -> int:
        while True:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.path.samestat(os.fstat(file), self._path.stat()):
                    return file
            except FileNotFoundError:
                pass  # another process just moved it to the target: open a new one
            except BlockingIOError:
                os.close(file)
                raise PipelineError(
                    f"{self._target}: another process is downloading it: wait until it ends"
                ) from None
            os.close(file)

    def begin(self, info: FileInfo) -> None:
        """Keep the bytes of an earlier run if they belong to the same file, else start empty."""
        self._resumable = info.ranged and info.version != "" and info.length is not None
        header = {"address": self.address, "version": info.version, "length": info.length}
        self.done = self._journaled(header) if self._resumable else []
        if not self.done:
            os.ftruncate(self._file, 0)
        if not self._resumable:
            self._journal.unlink(missing_ok=True)
            return
        # Rewrite the journal: a kill may have cut its last line short.
        fresh = self._journal.with_name(f"{self._journal.name}.new")
        lines = [json.dumps(header), *(f"{start} {stop}" for start, stop in self.done)]
        fresh.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        fresh.replace(self._journal)

    def _journaled(self, header: dict[str, str | int | None]) -> Ranges:
        """The ranges in the journal; none if it is damaged or has another header."""
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
        """Write bytes at a position."""
        view = memoryview(data)
        while view:
            written = os.pwrite(self._file, view, position)
            view, position = view[written:], position + written

    def record(self, start: int, stop: int) -> None:
        """Record [start, stop) as finished; its bytes must have been written."""
        if start < stop:
            with self._lock:
                self.done.append((start, stop))
                if self._resumable:
                    with self._journal.open("ab", buffering=0) as journal:
                        journal.write(f"{start} {stop}\n".encode())

    def discard(self) -> None:
        """Drop everything fetched so far."""
        self._journal.unlink(missing_ok=True)
        self.done = []
        os.ftruncate(self._file, 0)

    def cut(self, length: int) -> None:
        """Cut the file to `length` bytes."""
        os.ftruncate(self._file, length)

    def finish(self) -> None:
        """Move the file to the target."""
        self._journal.unlink(missing_ok=True)
        self._path.replace(self._target)

    @property
    def path(self) -> Path:
        """Where the bytes are until `finish`."""
        return self._path

    def close(self, keep: bool) -> None:
        """Unlock the file, and remove it unless the next run may and can resume it (`keep`)."""
        try:
            if not (keep and self._resumable and self.done) and self._is_ours():
                self._journal.unlink(missing_ok=True)
                self._path.unlink()
        finally:
            os.close(self._file)

    def _is_ours(self) -> bool:
        return self._path.exists() and os.path.samestat(os.fstat(self._file), self._path.stat())
