import copy

import pytest
import torch
from tiny import train_split
from transformers import AutoModel
from zoo import make_folder

from pipeline.common.errors import PipelineError
from pipeline.encoder.layers import LowerLayers, default_layer, layer_numbers
from pipeline.encoder.word_vectors import LayerEncoder, make_inputs

# With a final norm: modernbert, eurobert, xlm-roberta-xl. The norm of deberta-v2 is not final.
KINDS = ("bert", "xlm-roberta", "distilbert", "xlm-roberta-xl", "modernbert", "eurobert")
CUT = (*KINDS, "deberta-v2")
WHOLE = ("albert",)  # its layers are one, run several times


@pytest.mark.parametrize(("layers", "layer"), [(1, 1), (2, 1), (6, 4), (12, 7), (24, 14)])
def test_the_default_layer_is_at_seven_twelfths_of_the_depth(layers, layer):
    assert default_layer(layers) == layer


def test_layers_are_counted_from_either_end(encoder):
    assert layer_numbers(encoder, [0, 2, -1, -3]) == (0, 2, 2, 0)
    for layer in (3, -4):
        with pytest.raises(
            PipelineError, match=f"layer {layer}: the encoder has the layers 0 to 2"
        ):
            layer_numbers(encoder, [layer])


@pytest.mark.parametrize("kind", [*CUT, *WHOLE])
def test_lower_layers_compute_the_same_bits_without_those_above(kind, tmp_path):
    folder = make_folder(tmp_path / kind, kind, num_hidden_layers=3)
    whole = AutoModel.from_pretrained(folder).eval()
    inputs = make_inputs(train_split("de").head(9).source.sentences(), 1, 60)
    names = list(whole.state_dict())
    for layer in range(4):
        lower = copy.deepcopy(whole)
        cut = LowerLayers(lower, layer)
        computed = max(layer, 1) if kind in CUT else 3
        assert lower.config.num_hidden_layers == computed
        assert (len(list(lower.parameters())) < len(list(whole.parameters()))) == (computed < 3)
        chosen = list(range(layer + 1))
        with torch.no_grad():
            expected, hidden = (LayerEncoder(model, chosen)(inputs) for model in (whole, lower))
        assert torch.equal(hidden, expected)
        cut.restore()
        assert list(lower.state_dict()) == names
        assert lower.config.num_hidden_layers == 3
        with torch.no_grad():
            assert torch.equal(LayerEncoder(lower)(inputs), LayerEncoder(whole)(inputs))
