"""What becomes of raw lines: one rule each for bytes that are not plain UTF-8 text, and counts.

Dropped, the pair as a whole: a side that is not UTF-8, holds NUL or `|||` (it separates the sides
in fast_align's input), or is empty; a pair that came before. Mended: byte order marks and other
invisible marks go, CR before the end of a line goes, and every other kind of separator (tab,
U+2028, form feed, ...) or run of spaces becomes one space.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

Raw = bytes | str

MENDED = {  # rule: what it finds, what stands there instead
    "separator": (re.compile("[\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]"), " "),
    "invisible": (re.compile("[\ufeff\u200b\u2060]"), ""),
    "CR": (re.compile("\r"), " "),
}


@dataclass
class Tidy:
    """Applies the rules to one language's pairs; `counts` says how often each one did."""

    counts: Counter[str] = field(default_factory=Counter)
    _seen: set[bytes] = field(default_factory=set)

    def __call__(self, raw: Iterator[tuple[Raw, Raw]]) -> Iterator[tuple[int, str, str]]:
        """Yield (line number from 1, source, English) of the pairs that are kept, in order."""
        for number, pair in enumerate(raw, start=1):
            self.counts["read"] += 1
            try:
                source, english = (self._mend(side) for side in pair)
            except UnicodeError:
                self.counts["dropped: not UTF-8"] += 1
                continue
            if reason := self._fault(source, english):
                self.counts[f"dropped: {reason}"] += 1
            else:
                self.counts["kept"] += 1
                yield number, source, english

    def _mend(self, raw: Raw) -> str:
        text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
        text.encode("utf-8")  # JSON can carry lone surrogates, which are no text
        for name, (pattern, replacement) in MENDED.items():
            text, times = pattern.subn(replacement, text)
            if times:
                self.counts[f"mended: {name}"] += 1
        return " ".join(text.split())

    def _fault(self, source: str, english: str) -> str | None:
        if "\0" in source or "\0" in english:
            return "NUL"
        if "|||" in source or "|||" in english:
            return "|||"
        if not source or not english:
            return "empty"
        key = hashlib.blake2b(f"{source}\t{english}".encode(), digest_size=8).digest()
        if key in self._seen:
            return "repeated"
        self._seen.add(key)
        return None
