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
from .pair_arrays import Side, Spans, Split, pair_spans, ragged, with_special

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


def pair_vectors(
    model: PreTrainedModel, split: Split, layer: int = -1, budget: int = 4096
) -> tuple[np.ndarray, np.ndarray]:
    """The `layer_vectors` of one layer, both float32 [pairs, dimension]."""
    source, english = layer_vectors(model, split, [layer], budget=budget)
    return source[0], english[0]


@torch.inference_mode()
def layer_vectors(
    model: PreTrainedModel,
    split: Split,
    layers: Sequence[int],
    *,
    special_tokens: bool = False,
    budget: int = 4096,
) -> tuple[np.ndarray, np.ndarray]:
    """Source and English vectors of all word pairs of a split, at several layers from one pass.

    Both are float32 [layers, pairs, dimension]; the same row in both is a pair. With
    `special_tokens` more rows follow: [CLS] of every sentence pair, then [SEP] of every one.
    `budget` limits the subwords that are encoded at once, including padding. Raises PipelineError
    for a layer that the model does not have.
    """
    encoder = LayerEncoder(model, layers)
    words_of_sides = (split.source, split.source_words), (split.english, split.english_words)
    source, english = (
        _side_vectors(
            encoder, side, words, split.pair_bounds, special_tokens=special_tokens, budget=budget
        )
        for side, words in words_of_sides
    )
    return source, english


def _side_vectors(
    encoder: LayerEncoder,
    side: Side,
    words: np.ndarray,
    pair_bounds: np.ndarray,
    *,
    special_tokens: bool,
    budget: int,
) -> np.ndarray:
    """The `layer_vectors` of one side; `words` and `pair_bounds` are as for `pair_spans`."""
    model, device = encoder.model, device_of(encoder.model)
    pad_id = model.config.pad_token_id or 0
    pair_count, sentence_count = len(words), len(pair_bounds) - 1
    row_count = pair_count + (2 * sentence_count if special_tokens else 0)
    shape = len(encoder.layers), row_count, model.config.hidden_size
    vectors = np.empty(shape, np.float32)
    for batch in progress(list(token_batches(side.lengths().tolist(), budget)), "encode"):
        sentences = np.array(batch)
        texts = side.take(sentences)
        rows, bounds = ragged(pair_bounds, sentences)
        spans = pair_spans(texts, words[rows], bounds)
        if special_tokens:
            spans = with_special(spans, texts)
            cls_rows = pair_count + sentences
            rows = np.concatenate([rows, cls_rows, cls_rows + sentence_count])
        inputs = send_to_device(make_inputs(texts.sentences(), pad_id, budget), device)
        span_tensors = send_to_device(make_words(spans), device)
        for layer, hidden in enumerate(encoder(inputs)):
            vectors[layer, rows] = pool(hidden, span_tensors).float().cpu().numpy()
    return vectors
