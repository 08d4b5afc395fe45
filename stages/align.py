"""align: the encoder aligned by one method, on all languages together."""

from accelerate import PartialState

from pipeline.align import align
from pipeline.encoder import load_encoder, save_encoder
from pipeline.files import atomic, copy_folder, remove
from pipeline.rotation import rotations, save_rotations
from pipeline.splits import SPLITS, disjoint_training, load_split
from pipeline.training import Training
from stages import ARTIFACTS
from stages.params import load_params


def main(method: str) -> None:
    """Align the encoder by METHOD, a block of params' align."""
    params = load_params()
    encoder, out = ARTIFACTS / "encoder", ARTIFACTS / "align" / method
    training = Training(**params.method(method).model_dump())
    if training.objective == "none":
        with atomic(out) as folder:
            copy_folder(encoder, folder)
        return
    splits = {
        language: {name: load_split(ARTIFACTS / "pairs" / language / name) for name in SPLITS}
        for language in params.languages
    }
    train = {
        language: split.head(training.sentences)
        for language, split in disjoint_training(splits).items()
    }
    model = load_encoder(encoder)
    if training.objective == "rotation":
        found = rotations(model, train, training.layers)
        with atomic(out) as folder:
            copy_folder(encoder, folder)
            save_rotations(found, folder)
        return
    checkpoints = ARTIFACTS / "checkpoints" / "align" / method  # no output: DVC would delete it
    dev = {language: split["dev"] for language, split in splits.items()}
    history = align(model, train, training, dev, checkpoints)
    if PartialState().is_main_process:
        with atomic(out) as folder:
            copy_folder(encoder, folder)
            save_encoder(model, None, folder)
            history.to_csv(folder / "training.csv", index=False)
        remove(checkpoints)
