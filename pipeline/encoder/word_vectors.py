"""Contextual vectors: the layers of an encoder at the subwords that represent a word."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from accelerate.utils import send_to_device
from torch import Tensor, nn
from transformers import PreTrainedModel

from ..common.progress import progress
from .devices import device_of
from .layers import layer_numbers
from .pair_arrays import Side, Spans, Split, pair_words, ragged

LAST = (-1,)


class SentenceBatch(NamedTuple):
    """Sentences in passes of similar length, so that there is little padding.

    `passes` has ids and attention mask of each pass, both int64 [sentences, longest]. `order` has
    the position of each subword, in the order of the sentences, among the flattened positions of
    all passes; it is int64 [subwords].
    """

    passes: list[tuple[Tensor, Tensor]]
    order: Tensor


class WordSpans(NamedTuple):
    """Spans as tensors: the subwords of all spans, the span of each, and the size of each span.

    All are int64; `subword` and `span` are [subwords], `size` is [spans]. `span` and `size` are
    None if each span is one subword.
    """

    subword: Tensor
    span: Tensor | None
    size: Tensor | None


class LayerEncoder(nn.Module):
    """Some layers of a model, at every subword."""

    def __init__(
        self,
        model: PreTrainedModel,
        layers: Sequence[int] = LAST,
        dtype: torch.dtype | None = None,
    ) -> None:
        """`dtype` is the type for matrix products; None for the type of the weights."""
        super().__init__()
        self.model = model
        self.layers = layer_numbers(model, layers)
        self.dtype = dtype

    def forward(self, batch: SentenceBatch) -> Tensor:
        """Hidden states [layers, subwords, dimension], in the order of the sentences."""
        with torch.autocast(device_of(self.model).type, self.dtype, enabled=bool(self.dtype)):
            hidden = torch.cat([self._layers(ids, mask) for ids, mask in batch.passes], dim=1)
        hidden = hidden.float() if self.dtype else hidden
        return hidden[:, batch.order]

    def _layers(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Hidden states [layers, positions, dimension] of one pass, with padding."""
        top = self.model.config.num_hidden_layers
        if self.layers == (top,):
            hidden = self.model(input_ids=ids, attention_mask=mask).last_hidden_state[None]
        else:
            output = self.model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
            # Some models apply a final norm, which the last of their hidden states lacks.
            states = (*output.hidden_states[:top], output.last_hidden_state)
            hidden = torch.stack([states[layer] for layer in self.layers])
        flat: Tensor = hidden.flatten(1, 2)
        return flat


def make_inputs(ids: Sequence[np.ndarray], pad_id: int, budget: int) -> SentenceBatch:
    """Sentences of subword ids, in passes of at most `budget` subwords, padded on the right."""
    if not ids:  # a process without sentences encodes a dummy, to stay in step with the others
        dummy = pad([np.zeros(1, np.int64)], pad_id)
        return SentenceBatch([dummy], torch.empty(0, dtype=torch.int64))
    lengths = np.array([len(sentence) for sentence in ids])
    order = np.empty(lengths.sum(), np.int64)
    bounds = np.concatenate([[0], np.cumsum(lengths)])
    passes, offset = [], 0
    for chosen in token_batches(lengths.tolist(), budget):
        padded, mask = pad([ids[index] for index in chosen], pad_id)
        passes.append((padded, mask))
        subwords, _ = ragged(bounds, np.array(chosen))
        order[subwords] = offset + np.flatnonzero(mask.numpy())
        offset += mask.numel()
    return SentenceBatch(passes, torch.from_numpy(order))


def pad(ids: Sequence[np.ndarray], pad_id: int) -> tuple[Tensor, Tensor]:
    """Subword ids and attention mask, both int64 [sentences, longest], padded on the right."""
    lengths = np.array([len(sentence) for sentence in ids])
    mask = np.arange(lengths.max()) < lengths[:, None]
    padded = np.full(mask.shape, pad_id, np.int64)
    padded[mask] = np.concatenate(ids)
    return torch.from_numpy(padded), torch.from_numpy(mask.astype(np.int64))


def token_batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Indices of sentences in batches of similar length, longest first.

    A batch has at most `budget` tokens including padding, but at least one sentence.
    """
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    start = 0
    while start < len(order):
        size = max(1, budget // lengths[order[start]])
        yield order[start : start + size]
        start += size


def make_words(spans: Spans) -> WordSpans:
    """The spans of one side as tensors, on the CPU."""
    sizes = spans.last - spans.first + 1
    if (sizes == 1).all():
        return WordSpans(torch.from_numpy(spans.first.astype(np.int64)), None, None)
    span = np.repeat(np.arange(len(sizes)), sizes)
    shifts = spans.first - (np.cumsum(sizes) - sizes)
    subword = np.arange(len(span)) + shifts[span]
    return WordSpans(torch.from_numpy(subword), torch.from_numpy(span), torch.from_numpy(sizes))


def pool(hidden: Tensor, words: WordSpans) -> Tensor:
    """The mean of `hidden` [subwords, dimension] over each span, [spans, dimension]."""
    vectors = hidden[words.subword]
    if words.span is None or words.size is None:
        return vectors
    total = hidden.new_zeros(len(words.size), hidden.shape[-1])
    return total.index_add(0, words.span, vectors) / words.size[:, None]


class SideVectors(NamedTuple):
    """Vectors of one side's sentences at several layers, all float32 [layers, n, dimension].

    `words` are those of all words, sentence after sentence. The others have one row per sentence:
    the mean of its subwords, special tokens included, its first subword ([CLS]) and its last one
    ([SEP]).
    """

    words: np.ndarray
    means: np.ndarray
    first: np.ndarray
    last: np.ndarray

    @classmethod
    def empty(cls, layers: int, words: int, sentences: int, dimension: int) -> "SideVectors":
        """Arrays that are still to be filled."""
        rows = (words, sentences, sentences, sentences)
        return cls(*(np.empty((layers, count, dimension), np.float32) for count in rows))


def pair_vectors(
    model: PreTrainedModel, split: Split, layer: int = -1, budget: int = 4096
) -> tuple[np.ndarray, np.ndarray]:
    """Source and English vectors of all word pairs of a split at one layer.

    Both are float32 [pairs, dimension]; the same row in both is a pair. `budget` and errors are as
    for `side_vectors`.
    """
    sides = (split.source, split.source_words), (split.english, split.english_words)
    source, english = (
        side_vectors(model, side, [layer], budget).words[0][
            pair_words(side, words, split.pair_bounds)
        ]
        for side, words in sides
    )
    return source, english


@torch.inference_mode()
def side_vectors(
    model: PreTrainedModel, side: Side, layers: Sequence[int], budget: int = 4096
) -> SideVectors:
    """The vectors of all words and sentences of a side, at several layers from one pass.

    `budget` limits the subwords that are encoded at once, including padding. Raises PipelineError
    for a layer that the model does not have.
    """
    encoder, device = LayerEncoder(model, layers), device_of(model)
    shape = len(encoder.layers), int(side.word_bounds[-1]), len(side.id_bounds) - 1
    vectors = SideVectors.empty(*shape, model.config.hidden_size)
    for batch in progress(list(token_batches(side.lengths().tolist(), budget)), "encode"):
        sentences = np.array(batch)
        texts = side.take(sentences)
        words, _ = ragged(side.word_bounds, sentences)
        ends = Spans(texts.id_bounds[:-1], texts.id_bounds[1:] - 1)
        rows = words, sentences, sentences, sentences
        spans = texts.words(), ends, Spans(ends.first, ends.first), Spans(ends.last, ends.last)
        inputs = make_inputs(texts.sentences(), model.config.pad_token_id or 0, budget)
        pooled = [send_to_device(make_words(each), device) for each in spans]
        for layer, hidden in enumerate(encoder(send_to_device(inputs, device))):
            for array, chosen, of_kind in zip(vectors, rows, pooled, strict=True):
                array[layer, chosen] = pool(hidden, of_kind).float().cpu().numpy()
    return vectors
