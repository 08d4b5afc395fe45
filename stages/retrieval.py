"""retrieval: contextual word retrieval with one method's encoder, in one language."""

import pandas as pd

from pipeline.common.files import atomic, write_json
from pipeline.common.parquet import write_parquet
from pipeline.encoder.devices import default_device, to_device
from pipeline.encoder.load import load_encoder
from pipeline.encoder.pair_arrays import load_split
from pipeline.encoder.rotation import read_rotation, rotate
from pipeline.encoder.subwords import read_tokenizer
from pipeline.encoder.word_vectors import pair_vectors
from pipeline.retrieval.by_layer import layer_figures, layer_sides, lower_layers, measured_layers
from pipeline.retrieval.csls import accuracies, by_similarity, first_rows, retrieve
from pipeline.retrieval.results import neighbours, outcomes
from pipeline.retrieval.tsne_map import word_map
from pipeline.retrieval.type_vectors import compare
from pipeline.word_align.encoder_aligner import EncoderAligner, gold_error_rates
from pipeline.word_align.gold import read_gold
from stages import ARTIFACTS
from stages.params import load_params


def main(method: str, language: str) -> None:
    """Retrieve the test words' translations, by layer and without context; align the gold sets."""
    params = load_params()
    settings, device = params.retrieval, default_device()
    gold = {each.name: read_gold(**each.model_dump()) for each in params.language(language).gold}
    pairs, folder = ARTIFACTS / "pairs" / language, ARTIFACTS / "align" / method
    test = load_split(pairs / "test")
    training = load_split(pairs / "train").head(settings.type_sentences)
    tables = [pd.read_parquet(pairs / f"{name}.parquet") for name in ("train", "test")]
    encoder = to_device(load_encoder(folder), device)
    layers = measured_layers(encoder, settings.layers)
    rotations = {each: read_rotation(folder, language, encoder, each) for each in layers}
    sides = layer_sides(encoder, test, rotations, special_tokens=settings.special_tokens)
    k, words, last = settings.neighbours, len(test.source_words), layers[-1]
    everything = retrieve(*sides[last], k, near=k, device=device)
    results = first_rows(everything, words)
    below = first_rows(lower_layers(sides, k, device), words)
    csls, table = results["csls"], tables[0].head(len(training.source_words))
    source, english = pair_vectors(encoder, training)
    known = rotate(source, rotations[last]), english
    aligner = EncoderAligner(encoder, read_tokenizer(folder), rotation=rotations[last])
    figures = {
        "similarities": by_similarity(results),
        "layers": layer_figures({**below, last: csls}),
        "with_special_tokens": accuracies(everything["csls"]) if settings.special_tokens else None,
        "noncontextual": compare(table, known, tables[1], csls, neighbours=k, device=device),
        "gold": {name: gold_error_rates(each, aligner) for name, each in gold.items()},
    }
    out = ARTIFACTS / "retrieval" / method
    with atomic(out / language) as files:
        files.mkdir()
        write_parquet(files / "outcomes.parquet", outcomes(csls))
        write_parquet(files / "neighbours.parquet", neighbours(csls))
        write_parquet(files / "map.parquet", word_map(tables[1], *sides[last]))
        write_json(files / "figures.json", figures)
    write_json(out / f"{language}.json", {**accuracies(csls), "words": words})
