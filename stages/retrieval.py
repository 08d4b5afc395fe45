"""retrieval: contextual word retrieval with one method's encoder, in one language."""

import pandas as pd

from pipeline.common.files import atomic, write_json
from pipeline.common.parquet import write_parquet
from pipeline.encoder.devices import default_device, to_device
from pipeline.encoder.load import load_encoder
from pipeline.encoder.pair_arrays import load_split
from pipeline.encoder.rotation import read_rotation
from pipeline.encoder.subwords import read_tokenizer
from pipeline.retrieval.by_layer import measured_layers
from pipeline.retrieval.evaluate import EvaluatedEncoder, EvaluationData, evaluate
from pipeline.word_align.gold import read_gold_sets
from stages import ARTIFACTS
from stages.params import load_params


def main(method: str, language: str) -> None:
    """Retrieve the test words' translations, by layer and without context; align the gold sets."""
    settings = load_params().retrieval
    gold = read_gold_sets(ARTIFACTS / "own" / "gold_sets" / f"{language}.json")
    pairs = ARTIFACTS / "pairs" / language
    data = EvaluationData(
        test=load_split(pairs / "test"),
        test_pairs=pd.read_parquet(pairs / "test.parquet"),
        training=load_split(pairs / "train").head(settings.type_sentences),
        training_pairs=pd.read_parquet(pairs / "train.parquet"),
        gold=gold,
    )
    folder = ARTIFACTS / "align" / method
    model = to_device(load_encoder(folder), default_device())
    layers = measured_layers(model, settings.layers)
    rotations = {layer: read_rotation(folder, language, model, layer) for layer in layers}
    encoder = EvaluatedEncoder(model, read_tokenizer(folder), rotations)
    evaluation = evaluate(encoder, data, settings.neighbours, settings.special_tokens)
    out = ARTIFACTS / "retrieval" / method
    with atomic(out / language) as files:
        files.mkdir()
        write_parquet(files / "outcomes.parquet", evaluation.outcomes)
        write_parquet(files / "neighbours.parquet", evaluation.neighbours)
        write_parquet(files / "map.parquet", evaluation.word_map)
        write_json(files / "figures.json", evaluation.figures)
    write_json(out / f"{language}.json", evaluation.summary)
