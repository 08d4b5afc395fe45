"""Translation units of TMX files (Translation Memory eXchange 1.1 to 1.4b)."""

from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from ..common.errors import DamagedError, PipelineError, one_line

# Elements inside a segment that hold codes of the original document; <hi> holds text.
CODES = frozenset(("bpt", "ept", "it", "ph", "sub", "ut"))
CHUNK = 1 << 16  # bytes


def tmx_pairs(file: IO[bytes], name: str, source: str, english: str) -> Iterator[tuple[str, str]]:
    """Yield the segments in the two languages of each <tu>, "" for one that is absent.

    `de` also matches de-AT; letter case, `_` for `-` and XML namespaces make no difference. Memory
    does not grow with the file. Raises PipelineError with `name` if the file is not TMX, declares
    entities or has no segment in one of the languages.
    """
    languages: dict[str, None] = {}  # those in the file, in order
    try:
        for segments in _units(file):
            languages |= dict.fromkeys(segments)
            yield _text(segments, source), _text(segments, english)
    except ParseError as error:
        where = f"{name}:{error.position[0]}"
        raise DamagedError(f"{where}: not TMX ({one_line(error)}): fix the file") from error
    except (DefusedXmlException, LookupError, ValueError) as error:
        raise DamagedError(f"{name}: not TMX ({one_line(error)}): fix the file") from error
    for code in (source, english):
        if not any(matches(language, code) for language in languages):
            raise PipelineError(
                f"{name}: has no segments in {code!r}, but in {one_line(', '.join(languages))}: "
                "name two of its languages, as in file:own/PATH#source=de-DE&english=en-US"
                if languages
                else f"{name}: not TMX (it has no segments): name another file"
            )


def plain_code(code: str) -> str:
    """A language code in lower case with hyphens."""
    return code.lower().replace("_", "-")


def matches(language: str, code: str) -> bool:
    """Whether a language is the one of a code, or one of its regional or script variants."""
    return f"{plain_code(language)}-".startswith(f"{plain_code(code)}-")


class _Units:
    """Collects the segments of each <tu>, the first of each language; a target of XMLParser."""

    def __init__(self) -> None:
        self.complete: list[dict[str, str]] = []
        self._segments: dict[str, str] = {}
        self._language = ""
        self._text: list[str] = []
        self._in_segment = False
        self._codes = 0  # elements of CODES that are open

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = _local(name)
        if tag == "tuv":
            names = {_local(attribute): value for attribute, value in attributes.items()}
            self._language = names.get("lang", "").strip()
        elif tag == "seg":
            self._in_segment = True
        self._codes += tag in CODES

    def data(self, text: str) -> None:
        if self._in_segment and not self._codes:
            self._text.append(text)

    def end(self, name: str) -> None:
        tag = _local(name)
        self._codes -= tag in CODES
        if tag == "seg":
            self._segments.setdefault(self._language, "".join(self._text))
            self._text.clear()
            self._in_segment = False
        elif tag == "tu":
            self.complete.append(self._segments)
            self._segments = {}

    def close(self) -> None:
        pass


def _units(file: IO[bytes]) -> Iterator[dict[str, str]]:
    units = _Units()
    parser = XMLParser(target=units)
    while chunk := file.read(CHUNK):
        parser.feed(chunk)
        yield from units.complete
        units.complete.clear()
    parser.close()


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _text(segments: dict[str, str], code: str) -> str:
    exact = [text for name, text in segments.items() if plain_code(name) == plain_code(code)]
    regional = [text for name, text in segments.items() if matches(name, code)]
    return next(iter([*exact, *regional]), "")
