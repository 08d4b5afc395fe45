"""The layers of an encoder: their numbers, and encoders without those above a layer."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from ..common.errors import PipelineError

PROBE = (1, 2, 3, 1)  # ids that show whether a cut encoder computes what the whole one does


def layer_numbers(model: PreTrainedModel, layers: Sequence[int]) -> tuple[int, ...]:
    """The numbers of layers, counted from 0, the embeddings.

    Negative ones in `layers` count from the last layer, -1. Raises PipelineError for a layer that
    the model does not have.
    """
    top = model.config.num_hidden_layers
    for layer in layers:
        if not -top - 1 <= layer <= top:
            raise PipelineError(
                f"layer {layer}: the encoder has the layers 0 to {top}: name others"
            )
    return tuple(range(top + 1)[layer] for layer in layers)


def default_layer(layers: int) -> int:
    """The layer that aligns words best in an encoder with so many layers, counted from 0.

    Seven twelfths of the depth, as measured with e5-small (docs/results.md); simalign uses layer 8
    of mBERT's 12.
    """
    return max(1, round(7 * layers / 12))


class LowerLayers:
    """Removes the layers above `layer` of a model, in place, until `restore` is called.

    They take time and do not affect the layers below. A final norm goes with them: below the top,
    the output of a layer is used without it. The model keeps all layers where they are not one list
    of modules (as in ALBERT), or where it would not give the same bits. At least one layer remains,
    since some models cannot run without.
    """

    def __init__(self, model: PreTrainedModel, layer: int) -> None:
        self.model, self.top = model, model.config.num_hidden_layers
        self.removed: list[nn.Module] = []
        self.norms: dict[str, nn.Module] = {}
        name = _layer_list(model)
        if name is None or layer >= self.top:
            return
        layer = max(layer, 1)
        wanted = _hidden_state(model, layer)
        self.list_name = name
        for norms in ({}, _final_norms(model, name)):
            self._cut(layer, norms)
            if torch.equal(_hidden_state(model, layer), wanted):
                return
            self.restore()

    def restore(self) -> None:
        """Give the model all its layers again."""
        if self.removed:
            _modules(self.model, self.list_name).extend(self.removed)
        for name, norm in self.norms.items():
            self.model.set_submodule(name, norm)
        self.model.config.num_hidden_layers = self.top
        self.removed, self.norms = [], {}

    def _cut(self, layer: int, norms: dict[str, nn.Module]) -> None:
        layers = _modules(self.model, self.list_name)
        self.removed, self.norms = list(layers[layer:]), norms
        del layers[layer:]
        for name in norms:
            self.model.set_submodule(name, nn.Identity())
        self.model.config.num_hidden_layers = layer


def _layer_list(model: PreTrainedModel) -> str | None:
    """The name of the only list of as many modules as the model has layers."""
    names = [
        name
        for name, module in model.named_modules()
        if isinstance(module, nn.ModuleList) and len(module) == model.config.num_hidden_layers
    ]
    return names[0] if len(names) == 1 else None


def _final_norms(model: PreTrainedModel, list_name: str) -> dict[str, nn.Module]:
    """The norms beside the list of layers, by name: one of them may follow the last layer."""
    parent = list_name.rpartition(".")[0]
    return {
        f"{parent}.{name}".lstrip("."): module
        for name, module in model.get_submodule(parent).named_children()
        if "norm" in type(module).__name__.lower()
    }


def _modules(model: PreTrainedModel, name: str) -> nn.ModuleList:
    modules = model.get_submodule(name)
    assert isinstance(modules, nn.ModuleList)
    return modules


@torch.inference_mode()
def _hidden_state(model: PreTrainedModel, layer: int) -> Tensor:
    """A layer's output for the probe; that of a cut model's top layer has passed its final norm."""
    ids = torch.tensor([PROBE], device=model.device)
    output = model(ids, attention_mask=torch.ones_like(ids), output_hidden_states=True)
    top = layer == model.config.num_hidden_layers
    state: Tensor = output.last_hidden_state if top else output.hidden_states[layer]
    return state.clone()
