"""Contextual vectors: the layers of an encoder at the subwords that stand for a word."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from accelerate.utils import send_to_device
from torch import Tensor, nn
from transformers import PreTrainedModel

from ..common.errors import PipelineError
from ..common.progress import progress
from .devices import device_of
from .pair_arrays import Spans, Split, ragged, with_special

LAST = (-1,)
# Models whose output is what their last layer gives, with no norm behind it.
FLAT = ("bert", "roberta", "xlm-roberta")


class Inputs(NamedTuple):
    """Sentences as an encoder reads them: in passes of similar length, little of which is padding.

    Ids and masks are int64 [sentences, longest]; `order`, int64 [subwords], says where the
    subwords of the sentences, in their order, stand among the positions of all passes.
    """

    passes: list[tuple[Tensor, Tensor]]
    order: Tensor


class Words(NamedTuple):
    """Spans on a device: the subwords of all spans, the span of each, and the size of each span.

    `span` and `size` are None if each span is one subword.
    """

    subword: Tensor
    span: Tensor | None
    size: Tensor | None


class Encoder(nn.Module):
    """Some layers of a model, at every subword."""

    def __init__(
        self,
        model: PreTrainedModel,
        layers: Sequence[int] = LAST,
        dtype: torch.dtype | None = None,
    ) -> None:
        """`dtype` is what matrix products are computed in, if not the weights' own."""
        super().__init__()
        self.model = model
        self.layers = layer_numbers(model, layers)
        self.dtype = dtype

    def forward(self, inputs: Inputs) -> Tensor:
        """[layers, subwords, dimension], in the order of the sentences."""
        with torch.autocast(device_of(self.model).type, self.dtype, enabled=bool(self.dtype)):
            found = torch.cat([self._layers(ids, mask) for ids, mask in inputs.passes], dim=1)
        found = found.float() if self.dtype else found
        return found[:, inputs.order]

    def _layers(self, ids: Tensor, mask: Tensor) -> Tensor:
        top = self.model.config.num_hidden_layers
        if self.layers == (top,):
            hidden = self.model(input_ids=ids, attention_mask=mask).last_hidden_state[None]
        else:
            output = self.model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
            # Some models end with a norm that comes after the last of their hidden states.
            states = (*output.hidden_states[:top], output.last_hidden_state)
            hidden = torch.stack([states[layer] for layer in self.layers])
        found: Tensor = hidden.flatten(1, 2)
        return found


def layer_numbers(model: PreTrainedModel, layers: Sequence[int]) -> tuple[int, ...]:
    """Layers counted from 0, the embeddings; negative ones count from the last layer, -1.

    Raises PipelineError for a layer that the model does not have.
    """
    top = model.config.num_hidden_layers
    for layer in layers:
        if not -top - 1 <= layer <= top:
            raise PipelineError(
                f"layer {layer}: the encoder has the layers 0 to {top}: name others"
            )
    return tuple(range(top + 1)[layer] for layer in layers)


def drop_layers(model: PreTrainedModel, layer: int) -> None:
    """Take the layers above `layer` (from 0, the embeddings) off the model, in place.

    They cost time and change nothing below. Only models of FLAT are cut, others stay as they are.
    """
    if model.config.model_type in FLAT:
        layers = model.get_submodule("encoder.layer")
        assert isinstance(layers, nn.ModuleList)
        del layers[layer:]
        model.config.num_hidden_layers = layer


def make_inputs(ids: Sequence[np.ndarray], pad_id: int, budget: int) -> Inputs:
    """Sentences of subword ids, padded on the right, in passes of at most `budget` subwords."""
    if not ids:  # a process without sentences reads one for nothing, to keep in step with others
        return Inputs([pad([np.zeros(1, np.int64)], pad_id)], torch.empty(0, dtype=torch.int64))
    lengths = np.array([len(each) for each in ids])
    order = np.empty(lengths.sum(), np.int64)
    bounds = np.concatenate([[0], np.cumsum(lengths)])
    passes, offset = [], 0
    for chosen in token_batches(lengths.tolist(), budget):
        padded, mask = pad([ids[index] for index in chosen], pad_id)
        passes.append((padded, mask))
        order[ragged(bounds, np.array(chosen))[0]] = offset + np.flatnonzero(mask.numpy())
        offset += mask.numel()
    return Inputs(passes, torch.from_numpy(order))


def pad(ids: Sequence[np.ndarray], pad_id: int) -> tuple[Tensor, Tensor]:
    """Subword ids and attention mask, both int64 [sentences, longest], padded on the right."""
    lengths = np.array([len(each) for each in ids])
    mask = np.arange(lengths.max()) < lengths[:, None]
    padded = np.full(mask.shape, pad_id, np.int64)
    padded[mask] = np.concatenate(ids)
    return torch.from_numpy(padded), torch.from_numpy(mask.astype(np.int64))


def token_batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Indices of sentences in batches of about equal length, longest first.

    A batch holds at most `budget` tokens with its padding, and at least one sentence.
    """
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    start = 0
    while start < len(order):
        size = max(1, budget // lengths[order[start]])
        yield order[start : start + size]
        start += size


def make_words(spans: Spans) -> Words:
    """The spans of one side as tensors, on the CPU."""
    sizes = spans.last - spans.first + 1
    if (sizes == 1).all():
        return Words(torch.from_numpy(spans.first.astype(np.int64)), None, None)
    span = np.repeat(np.arange(len(sizes)), sizes)
    start = spans.first - (np.cumsum(sizes) - sizes)
    subword = np.arange(len(span)) + start[span]
    return Words(*(torch.from_numpy(each) for each in (subword, span, sizes)))


def pool(hidden: Tensor, words: Words) -> Tensor:
    """[spans, dimension]: the mean of `hidden` [subwords, dimension] over each span."""
    found = hidden[words.subword]
    if words.span is None or words.size is None:
        return found
    total = hidden.new_zeros(len(words.size), hidden.shape[-1])
    return total.index_add(0, words.span, found) / words.size[:, None]


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
    """Source and English vectors of all word pairs of a split, at several layers of one pass.

    Both are float32 [layers, pairs, dimension], row by row the two words of a pair. With
    `special_tokens` more rows follow: [CLS] of every sentence pair, then [SEP] of every one.
    `budget` bounds the subwords that are encoded at once, with their padding. Raises PipelineError
    for a layer that the model does not have.
    """
    pairs, sentences = len(split.source_words), len(split)
    shape = len(layers), pairs + 2 * sentences * special_tokens, model.config.hidden_size
    vectors = np.empty(shape, np.float32), np.empty(shape, np.float32)
    encoder, device = Encoder(model, layers), device_of(model)
    pad_id = model.config.pad_token_id or 0
    for number, side in enumerate((split.source, split.english)):
        for batch in progress(list(token_batches(side.lengths().tolist(), budget)), "encode"):
            chosen, rows = split.take(batch), np.array(batch)
            texts, spans = (chosen.source, chosen.english)[number], chosen.pairs()[number]
            at, _ = ragged(split.pair_bounds, rows)
            if special_tokens:
                spans = with_special(spans, texts)
                at = np.concatenate([at, pairs + rows, pairs + sentences + rows])
            inputs = send_to_device(make_inputs(texts.sentences(), pad_id, budget), device)
            words = send_to_device(make_words(spans), device)
            for found, hidden in zip(vectors[number], encoder(inputs), strict=True):
                found[at] = pool(hidden, words).float().cpu().numpy()
    return vectors
