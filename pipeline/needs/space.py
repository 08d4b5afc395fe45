"""Disk and memory of a run before it starts: estimates, all of their figures are here.

Those per sentence pair were measured on French-English Hansards, 20,000 pairs for the disk, 25,000
and 261,171 for the memory. A sentence pair there has 215 bytes of tokens.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

from safetensors import safe_open

from ..corpora.catalogue import CATALOGUE
from ..corpora.names import CorpusShare
from ..obtain.hub import cached_snapshot, weight_count

# Bytes of artifacts: per sentence pair, per inference example, per prediction of one, per stage.
PER_PAIR = {"download": 80, "tokenize": 215, "word_align": 66, "pairs": 460}
PER_EXAMPLE = 150
PER_PREDICTION = 60
PER_LANGUAGE = {"retrieval": 1_000_000}  # and method
PER_STAGE = {"analyses": 1_000_000, "report": 4_000_000}
ENCODERS = ("encoder", "align", "release")  # steps that write an encoder
TUNINGS = ("xnli", "translate_train", "continual")
# Encoders in the checkpoints of a training: weights and two moments of Adam, and the same again,
# since the next one is written before the last one is deleted.
CHECKPOINTS = 2 * 3
# Bytes of memory: to begin with, and per sentence pair.
MEASURED_BACKEND = "fast_align"  # of word_align
MEMORY = {"tokenize": (250e6, 1_300), "word_align": (110e6, 21_800), "pairs": (480e6, 3_150)}


@dataclass(frozen=True)
class Run:
    """The stages of a run and what decides how much they write.

    `pairs` has the sentence pairs by language, `encoder` the bytes of a saved encoder, `trained`
    the methods whose encoder differs from the unmodified one, `examples` the inference examples in
    all languages, and `tested` those of each test. `links` says whether the encoder aligns words.
    """

    stages: Sequence[str]
    pairs: Mapping[str, int]
    encoder: int
    trained: Collection[str]
    examples: int
    tested: int
    links: bool = False

    def artifacts(self) -> int:
        """Bytes of all artifacts."""
        return sum(map(self._written, self.stages))

    def distinct(self) -> int:
        """Bytes of the artifacts that are no copies of others, which DVC's cache has once."""
        return sum(self._written(stage) for stage in self.stages if not self._copies(stage))

    def checkpoints(self) -> int:
        """Bytes of checkpoints at most; those of a training go when it ends."""
        aligned = any(_step(each) == "align" and not self._copies(each) for each in self.stages)
        tuned = any(_step(each) in TUNINGS for each in self.stages)
        return CHECKPOINTS * self.encoder if aligned or tuned else 0

    def memory(self, step: str) -> float:
        """Bytes of memory of a step in its largest language; 0 if it does not run."""
        start, per_pair = MEMORY[step]
        pairs = [self.pairs[_name(stage)] for stage in self.stages if _step(stage) == step]
        return start + per_pair * max(pairs) if pairs else 0

    def _written(self, stage: str) -> int:
        step = _step(stage)
        if step in ENCODERS or (step == "aligner" and self.links):
            return self.encoder
        if step in PER_PAIR:
            return PER_PAIR[step] * self.pairs[_name(stage)]
        if step in PER_LANGUAGE:
            return PER_LANGUAGE[step] * len(self.pairs)
        if step in TUNINGS:
            return PER_PREDICTION * self.tested
        return PER_EXAMPLE * self.examples if step == "nli" else PER_STAGE.get(step, 0)

    def _copies(self, stage: str) -> bool:
        """Whether a stage writes the weights of an earlier one again."""
        unmodified = _step(stage) == "align" and _name(stage) not in self.trained
        return unmodified or stage in ("aligner", "release")


def _step(stage: str) -> str:
    return stage.partition("@")[0]


def _name(stage: str) -> str:
    return stage.partition("@")[2]


def wanted_pairs(corpora: Iterable[CorpusShare], language: str, max_pairs: int) -> int:
    """The sentence pairs that a language takes from its corpora, at most.

    The sizes of corpora outside the catalogue are not known.
    """
    total = 0
    for corpus in corpora:
        known = CATALOGUE[corpus.name].pairs.get(language, 0) if corpus.name in CATALOGUE else 0
        limits = (corpus.max_pairs, 1000 * known, round((corpus.share or 1) * max_pairs))
        total += min(filter(None, limits))
    return min(total, max_pairs)


def hub_encoder_size(name: str, revision: str, downloaded: int) -> int:
    """Bytes of an encoder of the hub once it is saved; `downloaded` if its files do not tell."""
    folder = cached_snapshot(name, revision)
    if folder:
        return saved_size(folder)
    return max(downloaded, 4 * (weight_count(name, revision) or 0))


def saved_size(folder: Path) -> int:
    """Bytes of the encoder in a folder once it is saved with float32 weights."""
    weights = 0
    for path in folder.glob("*.safetensors"):
        with safe_open(path, "np") as tensors:
            shapes = [tensors.get_slice(name).get_shape() for name in tensors.keys()]  # noqa: SIM118
        weights += 4 * sum(map(prod, shapes))
    return weights + sum(path.stat().st_size for path in folder.glob("*.json"))
