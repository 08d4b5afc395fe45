"""Training with only those rows of the word embeddings that the data uses.

This is exact: a row that no sentence uses has zero gradient, and Adam without weight decay leaves
it unchanged. An optimiser step over 250,000 rows costs more than all other layers, in time on a CPU
and in memory everywhere.
"""

import copy
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
        self.full_pad_id = model.config.pad_token_id
        used = np.zeros(self.full.num_embeddings, bool)
        pad_id = self.full_pad_id or 0
        used[pad_id] = True
        # Some models number positions from the padding id, found by comparing with it: it keeps its
        # value. Their table of positions is larger than that id.
        if pad_id < (getattr(model.config, "max_position_embeddings", None) or 0):
            used[:pad_id] = True
        for used_ids in ids:
            used[used_ids] = True
        self.full_ids = np.flatnonzero(used)  # of each compact id
        self.compact_ids = np.cumsum(used) - 1  # of each full id
        rows = nn.Parameter(self.full.weight.detach()[torch.from_numpy(self.full_ids)])
        # A copy, since some models scale the vectors in a class of their own.
        compact = copy.deepcopy(self.full, {id(self.full.weight): rows})
        compact.num_embeddings = len(rows)
        compact.padding_idx = self._compact(self.full.padding_idx)
        model.set_input_embeddings(compact)
        model.config.pad_token_id = self._compact(self.full_pad_id)

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
        self.model.config.pad_token_id = self.full_pad_id

    def _compact(self, pad_id: int | None) -> int | None:
        return None if pad_id is None else int(self.compact_ids[pad_id])
