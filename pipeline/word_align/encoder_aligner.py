"""The encoder as a word aligner: links from the similarities of the words of a sentence pair.

Follows simalign (Jalili Sabet et al., 2020) and awesome-align (Dou and Neubig, 2021). A word has
one vector, as in training; or its subwords have one each, as in both of these, and two words are
linked if any of their subwords are. To align sentences of your own, see `aligner`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from ..encoder.subwords import read_tokenizer
from ..encoder.word_vectors import LayerEncoder, make_inputs, make_words, pool, token_batches
from .encoder_text import EncoderText, Lines, encoder_text
from .gold import Gold, error_rates
from .link_methods import THRESHOLD, link_words, probabilities
from .links import Links
from .scored_links import ScoredLinks
from .settings import Method, Unit

MAX_SUBWORDS = 512
PAIRS_PER_CHUNK = 1024  # sentence pairs whose word vectors are in memory at once


@dataclass(frozen=True)
class EncoderAligner:
    """An encoder with its tokenizer, and how links are computed from it.

    `layer` counts from 0, the embeddings, or from -1, the last one (simalign uses layer 8 of
    mBERT's 12). `pooling` says which subwords represent a word: last, first or mean. The mean has
    the lowest error rates, even with encoders that were aligned with the last one. `rotation` maps
    source vectors to English ones, see encoder.rotation. `budget` limits the subwords that are
    encoded at once, including padding. With the unit subwords, `pooling` has no effect. `threshold`
    is that of the method softmax.
    """

    model: PreTrainedModel
    tokenizer: Tokenizer
    method: Method = "mutual"
    layer: int = -1
    pooling: str = "mean"
    rotation: np.ndarray | None = None
    budget: int = 4096
    unit: Unit = "words"
    threshold: float = THRESHOLD


def open_aligner(
    folder: Path,
    method: Method = "mutual",
    layer: int | None = None,
    pooling: str = "mean",
    language: str | None = None,
    *,
    unit: Unit = "words",
    threshold: float = THRESHOLD,
    device: str | None = None,
) -> EncoderAligner:
    """The encoder of a `save_pretrained` folder as an aligner.

    Without `layer` it is the `default_layer`. `language` is the source language, whose rotation is
    used if the encoder has one. `device` is torch's name of one, by default the accelerator if
    there is one. Raises PipelineError for a folder without an encoder, or without that layer, and
    for a threshold that is no probability.
    """
    if not 0 <= threshold <= 1:  # nor nan
        raise PipelineError(f"threshold is {threshold:g}: give a probability from 0 to 1")
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
    to_device(model, torch.device(device) if device else default_device())
    rotation = read_rotation(folder, language, model, layer) if language else None
    tokenizer = read_tokenizer(folder)
    return EncoderAligner(
        model, tokenizer, method, layer, pooling, rotation, unit=unit, threshold=threshold
    )


def align_words(source: Lines, english: Lines, aligner: EncoderAligner) -> Links:
    """The links of `scored_links` without their probabilities; raises the same errors."""
    return scored_links(source, english, aligner).links


def scored_links(source: Lines, english: Lines, aligner: EncoderAligner) -> ScoredLinks:
    """Links of tokenised sentence pairs, each sentence a sequence of words.

    The probability of a link is that of `link_methods.probabilities`; with the unit subwords it is
    the highest among the links of the subwords of both words.

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
    return {layer: error_rates(of_layer.links, gold) for layer, of_layer in links.items()}


def _links_by_layer(
    source: Lines,
    english: Lines,
    aligner: EncoderAligner,
    rotations: Mapping[int, np.ndarray | None],
) -> dict[int, ScoredLinks]:
    found: dict[int, list[np.ndarray]] = {layer: [np.empty((0, 4))] for layer in rotations}
    for start in progress(range(0, len(source), PAIRS_PER_CHUNK), "align-words"):
        chunk = slice(start, start + PAIRS_PER_CHUNK)
        texts = _read(source[chunk], aligner), _read(english[chunk], aligner)
        vectors = (_unit_vectors(text.side, aligner, [*rotations]) for text in texts)
        for layer, source_vectors, english_vectors in zip(rotations, *vectors, strict=True):
            sides = rotate(source_vectors, rotations[layer]), english_vectors
            of_chunk = _chunk_links(texts, sides, aligner)
            of_chunk[:, 0] += start
            found[layer].append(of_chunk)
    all_links = {layer: np.concatenate(parts).T for layer, parts in found.items()}
    return {
        layer: ScoredLinks.of(columns[:3].astype(np.int64), columns[3], len(source))
        for layer, columns in all_links.items()
    }


def _chunk_links(
    texts: tuple[EncoderText, EncoderText],
    sides: tuple[np.ndarray, np.ndarray],
    aligner: EncoderAligner,
) -> np.ndarray:
    """Links of some sentence pairs, float64 [links, 4].

    Columns are sentence, source token, English token and probability. `sides` are the unit vectors
    of both texts, [units, dimension].
    """
    links = [np.empty((0, 4))]
    sentence_pairs = zip(*(text.sentences() for text in texts), strict=True)
    for number, units in enumerate(sentence_pairs):
        tokens = [text.tokens[of_text] for text, of_text in zip(texts, units, strict=True)]
        if all(map(len, tokens)):
            similarity = sides[0][units[0]] @ sides[1][units[1]].T
            rows, columns = np.nonzero(link_words(similarity, aligner.method, aligner.threshold))
            probability = probabilities(similarity)[rows, columns]
            sentence = np.full_like(rows, number)
            places = sentence, tokens[0][rows], tokens[1][columns]
            links.append(np.stack([*places, probability], axis=1))
    return np.concatenate(links)


def _read(lines: Lines, aligner: EncoderAligner) -> EncoderText:
    positions = encoder_limits(aligner.model.config.to_dict()).positions or MAX_SUBWORDS
    limit = min(MAX_SUBWORDS, positions)
    return encoder_text(lines, aligner.tokenizer, limit, aligner.pooling, aligner.unit)


@torch.inference_mode()
def _unit_vectors(side: Side, aligner: EncoderAligner, layers: Sequence[int]) -> np.ndarray:
    """float32 [layers, units, dimension]; the only function that runs the encoder."""
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
