"""Training with only those rows of the word embeddings that the data uses.

This is exact: a row that no sentence uses has zero gradient, and Adam without weight decay leaves
it unchanged. An optimiser step over 250,000 rows costs more than all other layers, in time on a CPU
and in memory everywhere.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import cast

import numpy as np
import torch
from torch import nn
from transformers import PreTrainedModel

from .pair_arrays import Split


class CompactVocabulary:
    """Reduces a model's word embeddings to the rows in use, until `restore` is called."""

    def __init__(self, model: PreTrainedModel, ids: Iterable[np.ndarray]) -> None:
        """`ids` are arrays of all subword ids that will be used."""
        self.model = model
        self.full = cast(nn.Embedding, model.get_input_embeddings())
        used = np.zeros(self.full.num_embeddings, bool)
        # The padding id keeps its value: some models compute positions by comparing with it.
        used[: (model.config.pad_token_id or 0) + 1] = True
        for used_ids in ids:
            used[used_ids] = True
        self.full_ids = np.flatnonzero(used)  # of each compact id
        self.compact_ids = np.cumsum(used) - 1  # of each full id
        compact = nn.Embedding(
            len(self.full_ids),
            self.full.embedding_dim,
            padding_idx=self.full.padding_idx,
            _weight=self.full.weight.detach()[torch.from_numpy(self.full_ids)].clone(),
            dtype=self.full.weight.dtype,
        )
        model.set_input_embeddings(compact)

    def __call__(self, ids: np.ndarray) -> np.ndarray:
        """The compact ids, int64, of ids that were given to the constructor."""
        return cast(np.ndarray, self.compact_ids[ids])

    def encode(self, split: Split) -> Split:
        """A split whose ids were given to the constructor, with compact ids."""
        source = replace(split.source, ids=self(split.source.ids))
        english = replace(split.english, ids=self(split.english.ids))
        return replace(split, source=source, english=english)

    @torch.no_grad()
    def restore(self) -> None:
        """Write the trained rows back and give the model its full vocabulary again."""
        trained = cast(nn.Embedding, self.model.get_input_embeddings()).weight
        self.full.to(trained.device)
        self.full.weight[torch.from_numpy(self.full_ids).to(trained.device)] = trained
        self.model.set_input_embeddings(self.full)
