"""What stages fetch and write, by params."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.align.objectives import OBJECTIVES
from pipeline.needs.sources import (
    Answers,
    Source,
    address_sources,
    aligner_source,
    corpus_sources,
    encoder_sources,
)
from pipeline.needs.space import Run, hub_encoder_size, saved_size, wanted_pairs
from pipeline.nli.sources import addresses_of
from pipeline.obtain.e5_packages import SAVED_BYTES
from pipeline.obtain.names import EMBEDDED
from stages import ARTIFACTS, CACHE, CHECKSUMS
from stages.params import Params


def sources(params: Params, stages: Sequence[str]) -> Iterator[Source]:
    """What these stages fetch."""
    for stage in stages:
        step, _, language = stage.partition("@")
        if step == "encoder":
            yield from encoder_sources(params.encoder.name, params.encoder.revision, CACHE)
        elif step == "download":
            for corpus in params.language(language).corpus:
                yield from corpus_sources(corpus.name, language, CACHE, CHECKSUMS)
        elif step == "aligner" and params.word_align.built:
            yield aligner_source(params.aligner.repository, params.aligner.commit)
        elif step == "nli" and params.nli.located:
            for address in addresses_of(params.nli.located, list(params.languages)):
                yield from address_sources(address, CACHE, CHECKSUMS)


def expected_run(params: Params, stages: Sequence[str], answers: Answers) -> Run:
    """What decides how much these stages write, with sizes from the answers of the hosts."""
    languages, nli = params.languages, params.nli
    translated = len(languages) if nli.located and nli.located.translated else 0
    trained = [name for name in params.methods if OBJECTIVES[params.align[name].objective].trains]
    held_out = (nli.dev + nli.test) * (1 + len(languages))
    return Run(
        stages=stages,
        pairs={
            code: wanted_pairs(block.corpus, code, params.download.max_pairs)
            for code, block in languages.items()
        },
        encoder=_encoder_size(params, stages, answers),
        trained=trained,
        examples=nli.train * (1 + translated) + held_out,
        tested=nli.test * (1 + len(languages)),
        links=params.word_align.backend == "encoder",
    )


def _encoder_size(params: Params, stages: Sequence[str], answers: Answers) -> int:
    name, revision = params.encoder.name, params.encoder.revision
    if "encoder" not in stages:
        return saved_size(ARTIFACTS / "encoder")
    if revision is None:
        return SAVED_BYTES if name == EMBEDDED else saved_size(Path(name))
    sizes = {source.name: size for source, size in answers.sizes.items()}
    return hub_encoder_size(name, revision, sizes[name].total or 0)
