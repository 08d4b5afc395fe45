"""retrieval: contextual word retrieval with one method's encoder, in all languages."""

import pandas as pd

from pipeline.common.files import atomic, write_json
from pipeline.common.parquet import write_parquet
from pipeline.encoder.devices import default_device, to_device
from pipeline.encoder.load import load_encoder
from pipeline.encoder.pair_arrays import load_split
from pipeline.encoder.rotation import read_rotation
from pipeline.encoder.subwords import read_tokenizer
from pipeline.pairs.word_pairs import pairs_of_sentences
from pipeline.retrieval.by_layer import measured_layers
from pipeline.retrieval.evaluate import EvaluationData, Evaluator, GoldSet
from pipeline.word_align.gold import read_gold_sets
from stages import ARTIFACTS
from stages.params import load_params


def main(method: str) -> None:
    """Retrieve words and sentences by METHOD's encoder in all languages; align the gold sets."""
    params = load_params()
    settings, folder = params.retrieval, ARTIFACTS / "align" / method
    model, tokenizer = to_device(load_encoder(folder), default_device()), read_tokenizer(folder)
    layers = measured_layers(model, settings.layers)
    data = {}
    for language in params.languages:
        gold = read_gold_sets(ARTIFACTS / "own" / "gold_sets" / f"{language}.json")
        pairs = ARTIFACTS / "pairs" / language
        sets = {}
        for name, of_set in gold.items():
            text = of_set.source, of_set.english, of_set.sure
            split, table = pairs_of_sentences(*text, tokenizer, params.pairs)
            sets[name] = GoldSet(of_set, split, table.to_pandas())
        data[language] = EvaluationData(
            test=load_split(pairs / "test"),
            test_pairs=pd.read_parquet(pairs / "test.parquet"),
            training=load_split(pairs / "train").head(settings.type_sentences),
            training_pairs=pd.read_parquet(pairs / "train.parquet"),
            gold=sets,
            rotations={n: read_rotation(folder, language, model, n) for n in layers},
        )
    evaluator = Evaluator(model, tokenizer, layers, settings.neighbours, settings.special_tokens)
    with atomic(ARTIFACTS / "retrieval" / method) as out:
        for language, evaluation in evaluator.evaluations(data):
            (out / language).mkdir(parents=True)
            for name, table in evaluation.tables.items():
                write_parquet(out / language / f"{name}.parquet", table)
            write_json(out / language / "figures.json", evaluation.figures)
            write_json(out / language / "summary.json", evaluation.summary)
