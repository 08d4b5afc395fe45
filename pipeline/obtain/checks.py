"""Whether an encoder does what the pipeline asks of it, tried on a few sentences."""

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence
from transformers import PreTrainedModel

from ..common.errors import PipelineError, first_line
from ..encoder.limits import encoder_limits
from ..encoder.subwords import special_tokens

SENTENCES = ("The quick brown fox sleeps under a tree.", "Собака спит под большим столом")
LONGEST = 512  # positions that are tried
TOLERANCE = 1e-3  # of vectors of a padded sentence, relative to the largest component


def check_encoder(model: PreTrainedModel, tokenizer: Tokenizer, name: str) -> None:
    """Raise PipelineError if the vectors of an encoder would be wrong or cannot be computed.

    `name` is what the messages call it.
    """
    culprit = f"encoder {name!r}"
    vocabulary = _check_ids(model, tokenizer, culprit)
    sentences = [np.array(tokenizer.encode(text).ids) for text in SENTENCES]
    states = [_states(model, ids, culprit) for ids in sentences]
    if not all(torch.isfinite(layers).all() for layers in states):
        raise PipelineError(
            f"{culprit}: its vectors are not finite: its weights are damaged, get them again"
        )
    other_end = sentences[0].copy()
    other_end[-2] = (other_end[-2] + 1) % vocabulary  # any other subword
    if torch.equal(states[0][-1, 0], _states(model, other_end, culprit)[-1, 0]):
        raise PipelineError(
            f"{culprit}: the first token's vector does not depend on the words after it, as in a "
            "decoder: choose an encoder"
        )
    together = _run(model, sentences, culprit)[-1]
    for in_batch, layers in zip(together, states, strict=True):
        alone = layers[-1]
        if (in_batch[: len(alone)] - alone).abs().max() > TOLERANCE * alone.abs().max():
            raise PipelineError(
                f"{culprit}: a sentence's vectors change with the padding of its batch: correct "
                "pad_token_id in its config.json, or choose an encoder that masks padding"
            )
    _check_positions(model, sentences[0], culprit)


def _check_ids(model: PreTrainedModel, tokenizer: Tokenizer, culprit: str) -> int:
    """The number of word embeddings, if the tokenizer's ids have one each."""
    table = _word_embeddings(model)
    if table is None:
        raise PipelineError(
            f"{culprit}: {model.config.model_type} has no table of word embeddings: choose another "
            "encoder"
        )
    embeddings = table.num_embeddings
    largest = max(tokenizer.get_vocab(with_added_tokens=True).values())
    if largest >= embeddings:
        raise PipelineError(
            f"{culprit}: the tokenizer has ids up to {largest}, but there are only {embeddings} "
            "embeddings: check that the tokenizer is this encoder's"
        )
    pad_id = model.config.pad_token_id
    if pad_id is not None and not 0 <= pad_id < embeddings:
        raise PipelineError(
            f"{culprit}: pad_token_id in config.json is {pad_id}, but there are only {embeddings} "
            "embeddings: correct it"
        )
    prefix, suffix = special_tokens(tokenizer)
    if not len(prefix) or not len(suffix):
        raise PipelineError(
            f"{culprit}: the tokenizer does not put a special token on each side of a sentence, "
            "which fine-tuning and the pairs of [CLS] and [SEP] need: choose another encoder, or "
            "add a post_processor to its tokenizer.json"
        )
    return embeddings


def _word_embeddings(model: PreTrainedModel) -> nn.Embedding | None:
    try:
        table = model.get_input_embeddings()
    except NotImplementedError:  # models that read characters
        return None
    return table if isinstance(table, nn.Embedding) else None


def _check_positions(model: PreTrainedModel, sentence: np.ndarray, culprit: str) -> None:
    positions = encoder_limits(model.config.to_dict()).positions
    length = min(positions or LONGEST, LONGEST)
    inner = np.resize(sentence[1:-1], length - 2)
    ids = np.concatenate([sentence[:1], inner, sentence[-1:]])
    if not torch.isfinite(_states(model, ids, culprit)).all():
        raise PipelineError(f"{culprit}: vectors of {length} subwords are not finite")


def _states(model: PreTrainedModel, ids: np.ndarray, culprit: str) -> Tensor:
    """All layers of one sentence, [layers + 1, subwords, dimension]."""
    return torch.stack([layer[0] for layer in _run(model, [ids], culprit)])


@torch.inference_mode()
def _run(model: PreTrainedModel, sentences: list[np.ndarray], culprit: str) -> tuple[Tensor, ...]:
    """The hidden states of all layers, each [sentences, longest, dimension], padded right."""
    tensors = [torch.from_numpy(ids) for ids in sentences]
    ids = pad_sequence(tensors, batch_first=True, padding_value=model.config.pad_token_id or 0)
    mask = pad_sequence([torch.ones_like(tensor) for tensor in tensors], batch_first=True)
    try:
        output = model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
    except Exception as error:  # a model of another kind fails in its own way
        raise PipelineError(
            f"{culprit}: {model.config.model_type} cannot read a sentence of {ids.shape[1]} "
            f"subwords ({first_line(error)}): choose another encoder"
        ) from error
    states: tuple[Tensor, ...] = getattr(output, "hidden_states", None) or ()
    shape = (*ids.shape, model.config.hidden_size)
    count = model.config.num_hidden_layers + 1
    if len(states) != count or any(state.shape != shape for state in states):
        raise PipelineError(
            f"{culprit}: {model.config.model_type} does not give one vector per subword in each of "
            f"{count - 1} layers: choose another encoder"
        )
    return (*states[:-1], output.last_hidden_state)
