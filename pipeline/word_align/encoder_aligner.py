"""The encoder as a word aligner: links read off the similarities of a sentence pair's words.

After simalign (Jalili Sabet et al., 2020) and awesome-align (Dou and Neubig, 2021). These compare
subwords and link words that have a pair of linked ones; here a word has one vector, as in training.
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
from ..encoder.load import load_encoder
from ..encoder.pair_arrays import Side, ragged
from ..encoder.rotation import read_rotation, rotate
from ..encoder.subwords import encode_words, read_tokenizer
from ..encoder.word_vectors import (
    Encoder,
    drop_layers,
    make_inputs,
    make_words,
    pool,
    token_batches,
)
from .gold import Gold, error_rates
from .links import MAX_WORDS, Links

ALPHA, ITERATIONS = 0.9, 2  # of itermax, as published
MAX_SUBWORDS = 512
CHUNK = 1024  # sentence pairs whose word vectors are in memory at once

Lines = Sequence[Sequence[str]]


@dataclass(frozen=True)
class EncoderAligner:
    """An encoder with its tokenizer, and how links are read off it.

    `method` is one of METHODS. `layer` counts from 0, the embeddings, or from -1, the last one
    (simalign has 8 of mBERT's 12). `pooling` says which subwords stand for a word: last, first or
    mean, which has the lowest error rates, also of encoders that were aligned with the last one.
    `rotation` takes the source vectors to the English ones, see encoder.rotation. `budget` bounds
    the subwords that are encoded at once, with their padding.
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

    `language` is that of the source, whose rotation is used if the encoder has one. Raises
    PipelineError for a folder without an encoder, or without that layer.
    """
    for name in ("config.json", "tokenizer.json"):
        if not (folder / name).is_file():
            raise PipelineError(
                f"{folder}: has no {name}: give the folder of an encoder, as artifacts/align has"
            )
    model = load_encoder(folder)
    last = model.config.num_hidden_layers
    if not -last - 1 <= layer <= last:
        raise PipelineError(f"{folder}: has no layer {layer}: give one from 0 to {last}")
    layer = last + 1 + layer if layer < 0 else layer
    drop_layers(model, layer)
    to_device(model, default_device())
    rotation = read_rotation(folder, language, model, layer) if language else None
    return EncoderAligner(model, read_tokenizer(folder), method, layer, pooling, rotation)


def align_words(source: Lines, english: Lines, aligner: EncoderAligner) -> Links:
    """Links of tokenised sentence pairs, given as the words of each.

    Words that the tokenizer cannot read, or that stand behind the encoder's last position, have no
    link, nor have sentences without words. Raises PipelineError for unequal numbers of sentences,
    and for an encoder whose vectors are not finite.
    """
    if len(source) != len(english):
        raise PipelineError(
            f"align-words: {len(source)} source lines and {len(english)} English lines: they must "
            "be parallel"
        )
    match = METHODS[aligner.method]
    found = [np.empty((0, 3), np.int64)]
    for start in progress(range(0, len(source), CHUNK), "align-words"):
        sides = [_locate(each[start : start + CHUNK], aligner) for each in (source, english)]
        vectors = [_unit_vectors(side, aligner) for side, _ in sides]
        vectors[0] = rotate(vectors[0], aligner.rotation)
        bounds = zip(*(_sentences(side) for side, _ in sides), strict=True)
        for number, (x, y) in enumerate(bounds, start=start):
            if x.stop > x.start and y.stop > y.start:
                i, j = np.nonzero(match(vectors[0][x] @ vectors[1][y].T))
                links = np.full_like(i, number), sides[0][1][x][i], sides[1][1][y][j]
                found.append(np.stack(links, axis=1))
    sentence, i, j = np.concatenate(found).T
    return Links.of(sentence, i, j, len(source))


def gold_error_rates(gold: Gold, aligner: EncoderAligner) -> dict[str, float | int]:
    """Error rates of the encoder's links on a gold set, as `gold.error_rates` has them."""
    source, english = ([line.split(" ") for line in side] for side in (gold.source, gold.english))
    return error_rates(align_words(source, english, aligner), gold)


def read_tokens(path: Path) -> list[list[str]]:
    """The words of each line of a UTF-8 text; spaces and tabs separate them, any number as one.

    Raises PipelineError if the file cannot be read.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PipelineError(f"{path}: cannot be read ({error}): give a text in UTF-8") from error
    # Only newlines end a line, and other kinds of space stay in their word, as for the aligners.
    lines = text.removesuffix("\n").split("\n") if text else []
    return [
        [word for word in line.removesuffix("\r").replace("\t", " ").split(" ") if word]
        for line in lines
    ]


def mutual(similarity: np.ndarray) -> np.ndarray:
    """Links of words that are each other's most similar one, bool [m, n] as `similarity`.

    Where several are equally similar, the first one is taken.
    """
    linked = np.zeros(similarity.shape, bool)
    source = np.arange(len(similarity))
    english = similarity.argmax(axis=1)
    linked[source, english] = similarity.argmax(axis=0)[english] == source
    return linked


def itermax(similarity: np.ndarray) -> np.ndarray:
    """Links of `mutual`, and then again among words that are left, bool [m, n].

    Algorithm 1 of Jalili Sabet et al. (2020) on cosines: a pair of two words without links counts
    with its similarity, from 0 to 1, one with a linked word ALPHA times as much, one of two linked
    words not at all. As in simalign, sentences of one or two words are left as they are.
    """
    linked = mutual(similarity)
    if min(similarity.shape) <= 2:
        return linked
    for _ in range(ITERATIONS - 1):
        free = ~linked.any(axis=1), ~linked.any(axis=0)
        if not free[0].any() or not free[1].any():
            break
        count = np.add.outer(*(each.astype(int) for each in free))
        weight = np.array([0, ALPHA, 1])[count]
        linked |= mutual((similarity + 1) / 2 * weight) & (weight > 0)
    return linked


METHODS: dict[str, Callable[[np.ndarray], np.ndarray]] = {"mutual": mutual, "itermax": itermax}


def _locate(lines: Lines, aligner: EncoderAligner) -> tuple[Side, np.ndarray]:
    """The sentences' subwords and readable words, and the token index of each of these words."""
    words = list(dict.fromkeys(chain.from_iterable(lines)))
    subwords = encode_words(words, aligner.tokenizer)
    pieces = dict(zip(words, np.split(subwords.ids, subwords.bounds[1:-1]), strict=False))
    end = _positions(aligner.model) - len(subwords.suffix)
    ids, counts = [], []
    spans: list[tuple[int, int, int]] = []
    for line in lines:
        sentence, position = [subwords.prefix], len(subwords.prefix)
        before = len(spans)
        for index, word in enumerate(line[:MAX_WORDS]):
            length = len(pieces[word])
            if position + length > end:
                break
            if length:
                spans.append((position, position + length - 1, index))
                sentence.append(pieces[word])
                position += length
        ids.append(np.concatenate([*sentence, subwords.suffix]))
        counts.append(len(spans) - before)
    firsts, lasts, indices = np.array(spans, np.int64).reshape(-1, 3).T
    first = lasts if aligner.pooling == "last" else firsts
    last = firsts if aligner.pooling == "first" else lasts
    bounds = [np.cumsum([0, *each]) for each in ([len(each) for each in ids], counts)]
    keys = np.zeros(len(lines), np.uint64)
    return Side(np.concatenate(ids), bounds[0], first, last, bounds[1], keys), indices


def _positions(model: PreTrainedModel) -> int:
    return min(MAX_SUBWORDS, getattr(model.config, "max_position_embeddings", MAX_SUBWORDS))


def _sentences(side: Side) -> list[slice]:
    return [slice(*each) for each in pairwise(side.word_bounds.tolist())]


@torch.inference_mode()
def _unit_vectors(side: Side, aligner: EncoderAligner) -> np.ndarray:
    """float32 [words, dimension]; the one place that knows the encoder."""
    model, device = aligner.model, device_of(aligner.model)
    encoder = Encoder(model, [aligner.layer])
    vectors = np.empty((side.word_bounds[-1], model.config.hidden_size), np.float32)
    for batch in token_batches(side.lengths().tolist(), aligner.budget):
        chosen = side.take(np.array(batch))
        inputs = make_inputs(chosen.sentences(), model.config.pad_token_id or 0, aligner.budget)
        hidden = encoder(send_to_device(inputs, device))[0]
        found = pool(hidden, send_to_device(make_words(chosen.words()), device))
        found = torch.nn.functional.normalize(found, dim=1)
        at, _ = ragged(side.word_bounds, np.array(batch))
        vectors[at] = found.cpu().numpy()
    if not np.isfinite(vectors).all():
        raise PipelineError("align-words: the encoder's vectors are not finite: align it again")
    return vectors
