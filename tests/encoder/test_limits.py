import pytest
import torch
from transformers import AutoModel
from zoo import make_folder

from pipeline.common.errors import PipelineError
from pipeline.encoder.limits import EncoderLimits, encoder_limits, read_limits

KINDS = ["bert", "xlm-roberta", "roberta", "camembert", "mpnet", "distilbert", "electra", "albert"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_sentence_of_as_many_subwords_as_positions_can_be_read_and_no_longer_one(kind, tmp_path):
    folder = make_folder(tmp_path / kind, kind)
    limits = read_limits(folder)
    assert limits.layers == 2
    model = AutoModel.from_pretrained(folder).eval()
    ids = torch.full((1, limits.positions), 7)
    assert torch.isfinite(model(ids).last_hidden_state).all()
    with pytest.raises((IndexError, RuntimeError)):
        model(torch.full((1, limits.positions + 1), 7))


def test_layers_and_lengths_beyond_the_limits_are_refused():
    limits = EncoderLimits(layers=6, positions=512)
    limits.check_layers([0, 6, -1, -7], "retrieval.layers")
    limits.check_length(512, "pairs.max_subwords")
    EncoderLimits(6, None).check_length(9999, "pairs.max_subwords")
    with pytest.raises(PipelineError, match=r"retrieval.layers is \[1, 8\], but .* no layer 8"):
        limits.check_layers([1, 8], "retrieval.layers")
    with pytest.raises(PipelineError, match=r"no layer -8: name layers from 0"):
        limits.check_layers([-8], "align.l2.layers")
    with pytest.raises(PipelineError, match=r"pairs.max_subwords is 513.*lower it to 512"):
        limits.check_length(513, "pairs.max_subwords")


def test_a_config_without_a_number_of_layers_is_refused():
    with pytest.raises(PipelineError, match="funnel has no number of layers"):
        encoder_limits({"model_type": "funnel", "block_sizes": [4, 4]})
