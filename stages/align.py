"""align: the encoder fine-tuned by one method, on all languages together."""

import shutil

from pipeline.align import Training, align
from pipeline.encoder import load_encoder, save_encoder
from pipeline.files import atomic
from pipeline.splits import SPLITS, disjoint_training, load_split
from stages import ARTIFACTS
from stages.params import load_params


def main(method: str) -> None:
    """Align the encoder by METHOD; `base` is the encoder unchanged."""
    params = load_params()
    encoder, out = ARTIFACTS / "encoder", ARTIFACTS / "align" / method
    if method == "base":
        with atomic(out) as folder:
            shutil.copytree(encoder, folder)
        return
    splits = {
        language: {name: load_split(ARTIFACTS / "pairs" / language / name) for name in SPLITS}
        for language in params.languages
    }
    model = load_encoder(encoder)
    history = align(model, disjoint_training(splits), Training(**params.align.model_dump()))
    with atomic(out) as folder:
        shutil.copytree(encoder, folder)
        save_encoder(model, None, folder)
        history.to_csv(folder / "training.csv", index=False)
