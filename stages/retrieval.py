"""retrieval: contextual word retrieval with one method's encoder, in one language."""

from pipeline.encoder import load_encoder
from pipeline.files import write_json, write_parquet
from pipeline.outcomes import outcomes
from pipeline.retrieval import figures, retrieve
from pipeline.rotation import read_rotation, rotate
from pipeline.splits import load_split
from pipeline.vectors import default_device, pair_vectors, to_device
from stages import ARTIFACTS
from stages.params import load_params


def main(method: str, language: str) -> None:
    """Retrieve the test words' translations, both directions, with METHOD's encoder."""
    params = load_params().retrieval
    k = params.neighbours
    test = load_split(ARTIFACTS / "pairs" / language / "test")
    folder = ARTIFACTS / "align" / method
    encoder = to_device(load_encoder(folder), default_device())
    source, english = pair_vectors(encoder, test)
    source = rotate(source, read_rotation(folder, language, encoder))
    results = retrieve(source, english, k, near=k, device=default_device())
    out = ARTIFACTS / "retrieval" / method
    write_parquet(out / f"{language}.parquet", outcomes(results["csls"]))
    write_json(out / f"{language}.json", figures(results))
