"""Rules for raw lines that are not plain UTF-8 text, with counts.

A pair is dropped if either side is empty, is not UTF-8, or contains NUL or `|||` (the separator in
fast_align's input), or if the pair is a repetition. Otherwise byte order marks, other invisible
marks and a CR at the end of a line are removed, and every other separator (tab, U+2028, form
feed, ...) or run of spaces becomes one space.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

Raw = bytes | str

REPORTED = 0.05  # a larger share of dropped lines is reported on the terminal

REPLACEMENTS = {  # rule: (pattern, replacement)
    "separator": (re.compile("[\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]"), " "),
    "invisible": (re.compile("[\ufeff\u200b\u2060]"), ""),
    "CR": (re.compile("\r"), " "),
}


@dataclass
class Tidy:
    """Applies the rules to one language's pairs and counts their uses in `counts`."""

    counts: Counter[str] = field(default_factory=Counter)
    _seen: set[bytes] = field(default_factory=set)

    def __call__(self, raw: Iterator[tuple[Raw, Raw]]) -> Iterator[tuple[int, str, str]]:
        """Yield (line number from 1, source, English) of each pair kept, in order."""
        for number, pair in enumerate(raw, start=1):
            self.counts["read"] += 1
            try:
                source, english = (self._normalize(side) for side in pair)
            except UnicodeError:
                self.counts["dropped: not UTF-8"] += 1
                continue
            if reason := self._fault(source, english):
                self.counts[f"dropped: {reason}"] += 1
            else:
                self.counts["kept"] += 1
                yield number, source, english

    def _normalize(self, raw: Raw) -> str:
        text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
        text.encode("utf-8")  # JSON can carry lone surrogates, which are not text
        for name, (pattern, replacement) in REPLACEMENTS.items():
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


def dropped_lines(counts: Mapping[str, int], share: float = REPORTED) -> str | None:
    """How many lines the rules dropped, by reason, if more than `share` of those read."""
    prefix = "dropped: "
    reasons = {
        name.removeprefix(prefix): count
        for name, count in sorted(counts.items(), key=lambda item: -item[1])
        if name.startswith(prefix)
    }
    dropped, read = sum(reasons.values()), counts.get("read", 0)
    if dropped <= share * read:
        return None
    shown = ", ".join(f"{count:,} {reason}" for reason, count in reasons.items())
    return f"{dropped:,} of {read:,} lines dropped ({shown})"


def in_latin_script(texts: Iterable[str]) -> bool:
    """Whether half of the letters or more are from A to Z, as in English."""
    letters = [character for text in texts for character in text if character.isalpha()]
    return 2 * sum(map(str.isascii, letters)) >= len(letters)
