"""retrieval: contextual word retrieval with one method's encoder, in one language."""

import pandas as pd

from pipeline.encoder import load_encoder
from pipeline.files import write_json
from pipeline.retrieval import accuracy, retrieve
from pipeline.vectors import default_device, pair_vectors, to_device
from stages import ARTIFACTS
from stages.params import load_params


def main(method: str, language: str) -> None:
    """Retrieve the test words' translations, both directions, with METHOD's encoder."""
    params = load_params().retrieval
    pairs = pd.read_parquet(ARTIFACTS / "pairs" / language / "test.parquet")
    encoder = to_device(load_encoder(ARTIFACTS / "align" / method), default_device())
    source, english = pair_vectors(encoder, pairs)
    to_english, from_english = map(accuracy, retrieve(source, english, params.neighbours))
    figures = {"to_english": to_english, "from_english": from_english, "words": len(source)}
    write_json(ARTIFACTS / "retrieval" / method / f"{language}.json", figures)
