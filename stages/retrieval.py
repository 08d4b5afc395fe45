"""retrieval: contextual word retrieval with one method's encoder, in one language."""

from pipeline.encoder import load_encoder
from pipeline.encoder_aligner import EncoderAligner, gold_error_rates
from pipeline.files import atomic, write_json, write_parquet
from pipeline.gold import read_gold
from pipeline.layers import layer_figures, lower_layers, measured_layers
from pipeline.outcomes import outcomes
from pipeline.retrieval import accuracies, by_similarity, first_rows, retrieve
from pipeline.rotation import read_rotation, rotate
from pipeline.splits import load_split
from pipeline.subwords import read_tokenizer
from pipeline.vectors import default_device, layer_vectors, to_device
from stages import ARTIFACTS
from stages.params import load_params


def main(method: str, language: str) -> None:
    """Retrieve the test words' translations, both directions, with METHOD's encoder.

    The encoder also aligns the words of the gold sets.
    """
    params = load_params()
    settings, device = params.retrieval, default_device()
    gold = {each.name: read_gold(**each.model_dump()) for each in params.language(language).gold}
    test = load_split(ARTIFACTS / "pairs" / language / "test")
    folder = ARTIFACTS / "align" / method
    encoder = to_device(load_encoder(folder), device)
    layers = measured_layers(encoder, settings.layers)
    vectors = layer_vectors(encoder, test, layers, special_tokens=settings.special_tokens)
    rotations = {layer: read_rotation(folder, language, encoder, layer) for layer in layers}
    sides = {
        layer: (rotate(source, rotations[layer]), english)
        for layer, source, english in zip(layers, *vectors, strict=True)
    }
    k, words, last = settings.neighbours, len(test.source_words), layers[-1]
    everything = retrieve(*sides[last], k, near=k, device=device)
    results = first_rows(everything, words)
    below = first_rows(lower_layers(sides, k, device), words)
    aligner = EncoderAligner(encoder, read_tokenizer(folder), rotation=rotations[last])
    csls = results["csls"]
    figures = {
        "similarities": by_similarity(results),
        "layers": layer_figures({**below, last: csls}),
        "with_special_tokens": accuracies(everything["csls"]) if settings.special_tokens else None,
        "gold": {name: gold_error_rates(each, aligner) for name, each in gold.items()},
    }
    out = ARTIFACTS / "retrieval" / method
    with atomic(out / language) as files:
        files.mkdir()
        write_parquet(files / "outcomes.parquet", outcomes(csls))
        write_json(files / "figures.json", figures)
    write_json(out / f"{language}.json", {**accuracies(csls), "words": words})
