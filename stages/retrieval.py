"""retrieval: contextual word retrieval with one method's encoder, in one language."""

from pipeline.encoder import load_encoder
from pipeline.encoder_aligner import EncoderAligner, gold_error_rates
from pipeline.files import write_json, write_parquet
from pipeline.gold import read_gold
from pipeline.outcomes import outcomes
from pipeline.retrieval import figures, retrieve
from pipeline.rotation import read_rotation, rotate
from pipeline.splits import load_split
from pipeline.subwords import read_tokenizer
from pipeline.vectors import default_device, pair_vectors, to_device
from stages import ARTIFACTS
from stages.params import load_params


def main(method: str, language: str) -> None:
    """Retrieve the test words' translations, both directions, with METHOD's encoder.

    The encoder also aligns the words of the gold sets.
    """
    params = load_params()
    k = params.retrieval.neighbours
    gold = {each.name: read_gold(**each.model_dump()) for each in params.language(language).gold}
    test = load_split(ARTIFACTS / "pairs" / language / "test")
    folder = ARTIFACTS / "align" / method
    encoder = to_device(load_encoder(folder), default_device())
    source, english = pair_vectors(encoder, test)
    rotation = read_rotation(folder, language, encoder)
    results = retrieve(rotate(source, rotation), english, k, near=k, device=default_device())
    out = ARTIFACTS / "retrieval" / method
    write_parquet(out / f"{language}.parquet", outcomes(results["csls"]))
    aligner = EncoderAligner(encoder, read_tokenizer(folder), rotation=rotation)
    rates = {name: gold_error_rates(each, aligner) for name, each in gold.items()}
    write_json(out / f"{language}.json", {**figures(results), "gold": rates})
