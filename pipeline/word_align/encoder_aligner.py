"""The encoder as a word aligner: links from the similarities of the words of a sentence pair.

Follows simalign (Jalili Sabet et al., 2020) and awesome-align (Dou and Neubig, 2021). These compare
subwords and link two words if any of their subwords are linked; here a word has one vector, as in
training. An example:

    aligner = open_aligner(Path("artifacts/align/l2"), language="de")
    links = align_words([["ein", "rotes", "Haus"]], [["a", "red", "house"]], aligner)
    to_pharaoh(links)  # ["0-0 1-1 2-2"]
"""

from collections.abc import Mapping, Sequence
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
from ..encoder.layers import LowerLayers, default_layer, layer_numbers
from ..encoder.limits import encoder_limits
from ..encoder.load import load_encoder
from ..encoder.pair_arrays import Side, ragged
from ..encoder.rotation import read_rotation, rotate
from ..encoder.subwords import encode_words, read_tokenizer
from ..encoder.word_vectors import LayerEncoder, make_inputs, make_words, pool, token_batches
from .gold import Gold, error_rates
from .link_methods import METHODS
from .links import MAX_WORDS, Links

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
    layer: int | None = None,
    pooling: str = "mean",
    language: str | None = None,
) -> EncoderAligner:
    """The encoder of a `save_pretrained` folder as an aligner, on the accelerator if there is one.

    Without `layer` it is the `default_layer`. `language` is the source language, whose rotation is
    used if the encoder has one. Raises PipelineError for a folder without an encoder, or without
    that layer.
    """
    for name in ("config.json", "tokenizer.json"):
        if not (folder / name).is_file():
            raise PipelineError(
                f"{folder}: has no {name}: give the folder of an encoder, like artifacts/align/base"
            )
    model = load_encoder(folder)
    if layer is None:
        layer = default_layer(model.config.num_hidden_layers)
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
    rotations = {aligner.layer: aligner.rotation}
    (links,) = _links_by_layer(source, english, aligner, rotations).values()
    return links


def gold_error_rates(gold: Gold, aligner: EncoderAligner) -> dict[str, float | int]:
    """The `gold.error_rates` of the encoder's links on a gold set."""
    (rates,) = error_rates_by_layer(gold, aligner, {aligner.layer: aligner.rotation}).values()
    return rates


def error_rates_by_layer(
    gold: Gold, aligner: EncoderAligner, rotations: Mapping[int, np.ndarray | None]
) -> dict[int, dict[str, float | int]]:
    """The `gold.error_rates` of the encoder's links on a gold set, by layer, from one pass.

    `rotations` has the numbers of the layers, and the rotation at each, if there is one; those of
    the aligner itself are not used.
    """
    source, english = ([line.split(" ") for line in side] for side in (gold.source, gold.english))
    links = _links_by_layer(source, english, aligner, rotations)
    return {layer: error_rates(of_layer, gold) for layer, of_layer in links.items()}


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


@dataclass(frozen=True)
class _ReadableText:
    """Sentences with the words that the encoder can read, and the token index of each word."""

    side: Side
    tokens: np.ndarray  # int64 [words]

    def sentences(self) -> list[slice]:
        """The words of each sentence."""
        return [slice(*bounds) for bounds in pairwise(self.side.word_bounds.tolist())]


def _links_by_layer(
    source: Lines,
    english: Lines,
    aligner: EncoderAligner,
    rotations: Mapping[int, np.ndarray | None],
) -> dict[int, Links]:
    links: dict[int, list[np.ndarray]] = {
        layer: [np.empty((0, 3), np.int64)] for layer in rotations
    }
    for start in progress(range(0, len(source), PAIRS_PER_CHUNK), "align-words"):
        chunk = slice(start, start + PAIRS_PER_CHUNK)
        texts = _encode(source[chunk], aligner), _encode(english[chunk], aligner)
        vectors = (_unit_vectors(text.side, aligner, [*rotations]) for text in texts)
        for layer, source_vectors, english_vectors in zip(rotations, *vectors, strict=True):
            sides = rotate(source_vectors, rotations[layer]), english_vectors
            of_chunk = _chunk_links(texts, sides, aligner.method)
            of_chunk[:, 0] += start
            links[layer].append(of_chunk)
    columns = {layer: np.concatenate(parts).T for layer, parts in links.items()}
    return {
        layer: Links.of(sentence, source_token, english_token, len(source))
        for layer, (sentence, source_token, english_token) in columns.items()
    }


def _chunk_links(
    texts: tuple[_ReadableText, _ReadableText], sides: tuple[np.ndarray, np.ndarray], method: str
) -> np.ndarray:
    """Links of some sentence pairs, int64 [links, 3]: sentence, source token, English token.

    `sides` are the unit vectors of the words of both texts, [words, dimension].
    """
    links = [np.empty((0, 3), np.int64)]
    sentence_pairs = zip(*(text.sentences() for text in texts), strict=True)
    for number, words in enumerate(sentence_pairs):
        tokens = [text.tokens[of_text] for text, of_text in zip(texts, words, strict=True)]
        if all(map(len, tokens)):
            similarity = sides[0][words[0]] @ sides[1][words[1]].T
            rows, columns = np.nonzero(METHODS[method](similarity))
            sentence = np.full_like(rows, number)
            links.append(np.stack([sentence, tokens[0][rows], tokens[1][columns]], axis=1))
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
def _unit_vectors(side: Side, aligner: EncoderAligner, layers: Sequence[int]) -> np.ndarray:
    """float32 [layers, words, dimension]; the only function that runs the encoder."""
    model, device = aligner.model, device_of(aligner.model)
    encoder = LayerEncoder(model, layers)
    shape = len(layers), side.word_bounds[-1], model.config.hidden_size
    vectors = np.empty(shape, np.float32)
    for batch in token_batches(side.lengths().tolist(), aligner.budget):
        chosen = side.take(np.array(batch))
        inputs = make_inputs(chosen.sentences(), model.config.pad_token_id or 0, aligner.budget)
        words = send_to_device(make_words(chosen.words()), device)
        rows, _ = ragged(side.word_bounds, np.array(batch))
        for layer, hidden in enumerate(encoder(send_to_device(inputs, device))):
            unit = torch.nn.functional.normalize(pool(hidden, words), dim=1)
            vectors[layer, rows] = unit.cpu().numpy()
    if not np.isfinite(vectors).all():
        raise PipelineError("align-words: the encoder's vectors are not finite: align it again")
    return vectors
