"""The encoder as a word aligner: links from the similarities of the words of a sentence pair.

Follows simalign (Jalili Sabet et al., 2020) and awesome-align (Dou and Neubig, 2021). These compare
subwords and link two words if any of their subwords are linked; here a word has one vector, as in
training. An example:

    aligner = open_aligner(Path("artifacts/align/l2"), language="de")
    links = align_words([["ein", "rotes", "Haus"]], [["a", "red", "house"]], aligner)
    to_pharaoh(links)  # ["0-0 1-1 2-2"]
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
import torch
from accelerate.utils import send_to_device
from tokenizers import Tokenizer
from transformers import PreTrainedModel

from ..common.errors import PipelineError
from ..common.progress import progress
from ..encoder.devices import default_device, device_of, to_device
from ..encoder.layers import LowerLayers, layer_numbers
from ..encoder.limits import encoder_limits
from ..encoder.load import load_encoder
from ..encoder.pair_arrays import Side, ragged
from ..encoder.rotation import read_rotation, rotate
from ..encoder.subwords import encode_words, read_tokenizer
from ..encoder.word_vectors import LayerEncoder, make_inputs, make_words, pool, token_batches
from .gold import Gold, error_rates
from .links import MAX_WORDS, Links

ALPHA, ITERATIONS = 0.9, 2  # of itermax, as published
MAX_SUBWORDS = 512
PAIRS_PER_CHUNK = 1024  # sentence pairs whose word vectors are in memory at once

Lines = Sequence[Sequence[str]]


@dataclass(frozen=True)
class EncoderAligner:
    """An encoder with its tokenizer, and how links are computed from it.

    `method` is one of METHODS. `layer` counts from 0, the embeddings, or from -1, the last one
    (simalign uses layer 8 of mBERT's 12). `pooling` says which subwords represent a word: last,
    first or mean. The mean has the lowest error rates, even with encoders that were aligned with
    the last one. `rotation` maps source vectors to English ones, see encoder.rotation. `budget`
    limits the subwords that are encoded at once, including padding.
    """

    model: PreTrainedModel
    tokenizer: Tokenizer
    method: str = "mutual"
    layer: int = -1
    pooling: str = "mean"
    rotation: np.ndarray | None = None
    budget: int = 4096


def open_aligner(
    folder: Path,
    method: str = "mutual",
    layer: int = -1,
    pooling: str = "mean",
    language: str | None = None,
) -> EncoderAligner:
    """The encoder of a `save_pretrained` folder as an aligner, on the accelerator if there is one.

    `language` is the source language, whose rotation is used if the encoder has one. Raises
    PipelineError for a folder without an encoder, or without that layer.
    """
    for name in ("config.json", "tokenizer.json"):
        if not (folder / name).is_file():
            raise PipelineError(
                f"{folder}: has no {name}: give the folder of an encoder, like artifacts/align/base"
            )
    model = load_encoder(folder)
    (layer,) = layer_numbers(model, [layer])
    LowerLayers(model, layer)
    to_device(model, default_device())
    rotation = read_rotation(folder, language, model, layer) if language else None
    return EncoderAligner(model, read_tokenizer(folder), method, layer, pooling, rotation)


def align_words(source: Lines, english: Lines, aligner: EncoderAligner) -> Links:
    """Links of tokenised sentence pairs, each sentence a sequence of words.

    Words that the tokenizer cannot read, or that lie past the encoder's last position, get no
    links. Raises PipelineError for unequal numbers of sentences, and for an encoder whose vectors
    are not finite.
    """
    if len(source) != len(english):
        raise PipelineError(
            f"align-words: {len(source)} source lines and {len(english)} English lines: give "
            "parallel texts"
        )
    links = [np.empty((0, 3), np.int64)]
    for start in progress(range(0, len(source), PAIRS_PER_CHUNK), "align-words"):
        chunk = slice(start, start + PAIRS_PER_CHUNK)
        chunk_links = _align_chunk(source[chunk], english[chunk], aligner)
        chunk_links[:, 0] += start
        links.append(chunk_links)
    sentence, source_token, english_token = np.concatenate(links).T
    return Links.of(sentence, source_token, english_token, len(source))


def gold_error_rates(gold: Gold, aligner: EncoderAligner) -> dict[str, float | int]:
    """The `gold.error_rates` of the encoder's links on a gold set."""
    source, english = ([line.split(" ") for line in side] for side in (gold.source, gold.english))
    return error_rates(align_words(source, english, aligner), gold)


def read_tokens(path: Path) -> list[list[str]]:
    """The words of each line of a UTF-8 text, separated by any number of spaces and tabs.

    Raises PipelineError if the file cannot be read.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PipelineError(f"{path}: cannot be read ({error}): give a text in UTF-8") from error
    # Only newlines end a line, and other kinds of space are part of a word, as for the aligners.
    lines = text.removesuffix("\n").split("\n") if text else []
    return [
        [word for word in line.removesuffix("\r").replace("\t", " ").split(" ") if word]
        for line in lines
    ]


def mutual(similarity: np.ndarray) -> np.ndarray:
    """Links between words that are each other's most similar word, bool [m, n].

    `similarity` is [m, n], source words by English words. Ties go to the first word.
    """
    linked = np.zeros(similarity.shape, bool)
    source = np.arange(len(similarity))
    english = similarity.argmax(axis=1)
    linked[source, english] = similarity.argmax(axis=0)[english] == source
    return linked


def itermax(similarity: np.ndarray) -> np.ndarray:
    """Links of `mutual`, then more links that involve words still without one, bool [m, n].

    Algorithm 1 of Jalili Sabet et al. (2020) on cosines: similarities are scaled to 0..1 and
    weighted by 1 for two words without links, by ALPHA if one of them is linked, by 0 if both are.
    As in simalign, sentences of one or two words keep the links of `mutual`.
    """
    linked = mutual(similarity)
    if min(similarity.shape) <= 2:
        return linked
    for _ in range(ITERATIONS - 1):
        source_free, english_free = ~linked.any(axis=1), ~linked.any(axis=0)
        if not source_free.any() or not english_free.any():
            break
        free_words = np.add.outer(source_free.astype(int), english_free.astype(int))
        weight = np.array([0, ALPHA, 1])[free_words]
        linked |= mutual((similarity + 1) / 2 * weight) & (weight > 0)
    return linked


METHODS: dict[str, Callable[[np.ndarray], np.ndarray]] = {"mutual": mutual, "itermax": itermax}


@dataclass(frozen=True)
class _ReadableText:
    """Sentences with the words that the encoder can read, and the token index of each word."""

    side: Side
    tokens: np.ndarray  # int64 [words]

    def sentences(self) -> list[slice]:
        """The words of each sentence."""
        return [slice(*bounds) for bounds in pairwise(self.side.word_bounds.tolist())]


def _align_chunk(source: Lines, english: Lines, aligner: EncoderAligner) -> np.ndarray:
    """Links of some sentence pairs, int64 [links, 3]: sentence, source token, English token."""
    match = METHODS[aligner.method]
    source_text, english_text = _encode(source, aligner), _encode(english, aligner)
    source_vectors = rotate(_unit_vectors(source_text.side, aligner), aligner.rotation)
    english_vectors = _unit_vectors(english_text.side, aligner)
    links = [np.empty((0, 3), np.int64)]
    sentence_pairs = zip(source_text.sentences(), english_text.sentences(), strict=True)
    for number, (source_words, english_words) in enumerate(sentence_pairs):
        source_tokens = source_text.tokens[source_words]
        english_tokens = english_text.tokens[english_words]
        if len(source_tokens) and len(english_tokens):
            similarity = source_vectors[source_words] @ english_vectors[english_words].T
            rows, columns = np.nonzero(match(similarity))
            sentence = np.full_like(rows, number)
            links.append(np.stack([sentence, source_tokens[rows], english_tokens[columns]], axis=1))
    return np.concatenate(links)


def _encode(lines: Lines, aligner: EncoderAligner) -> _ReadableText:
    words = list(dict.fromkeys(chain.from_iterable(lines)))
    subwords = encode_words(words, aligner.tokenizer)
    pieces = subwords.pieces()
    within = dict(zip(words, pieces[: len(words)], strict=True))
    initial = dict(zip(words, pieces[len(words) :], strict=True))
    positions = encoder_limits(aligner.model.config.to_dict()).positions or MAX_SUBWORDS
    limit = min(MAX_SUBWORDS, positions) - len(subwords.suffix)
    ids, starts, ends, tokens = [], [], [], []
    for line in lines:
        word_pieces = [within[word] for word in line[:MAX_WORDS]]
        word_pieces[:1] = [initial[word] for word in line[:1]]
        lengths = np.array([len(piece) for piece in word_pieces], np.int64)
        word_ends = len(subwords.prefix) + lengths.cumsum()
        readable = np.flatnonzero((lengths > 0) & (word_ends <= limit))
        word_ids = [word_pieces[token] for token in readable.tolist()]
        ids.append(np.concatenate([subwords.prefix, *word_ids, subwords.suffix]))
        starts.append((word_ends - lengths)[readable])
        ends.append(word_ends[readable])
        tokens.append(readable)
    first, last = np.concatenate(starts), np.concatenate(ends) - 1
    side = Side(
        ids=np.concatenate(ids),
        id_bounds=np.cumsum([0, *map(len, ids)]),
        first=last if aligner.pooling == "last" else first,
        last=first if aligner.pooling == "first" else last,
        word_bounds=np.cumsum([0, *map(len, tokens)]),
        keys=np.zeros(len(lines), np.uint64),
    )
    return _ReadableText(side, np.concatenate(tokens))


@torch.inference_mode()
def _unit_vectors(side: Side, aligner: EncoderAligner) -> np.ndarray:
    """float32 [words, dimension]; the only function that runs the encoder."""
    model, device = aligner.model, device_of(aligner.model)
    encoder = LayerEncoder(model, [aligner.layer])
    vectors = np.empty((side.word_bounds[-1], model.config.hidden_size), np.float32)
    for batch in token_batches(side.lengths().tolist(), aligner.budget):
        chosen = side.take(np.array(batch))
        inputs = make_inputs(chosen.sentences(), model.config.pad_token_id or 0, aligner.budget)
        hidden = encoder(send_to_device(inputs, device))[0]
        pooled = pool(hidden, send_to_device(make_words(chosen.words()), device))
        rows, _ = ragged(side.word_bounds, np.array(batch))
        vectors[rows] = torch.nn.functional.normalize(pooled, dim=1).cpu().numpy()
    if not np.isfinite(vectors).all():
        raise PipelineError("align-words: the encoder's vectors are not finite: align it again")
    return vectors
