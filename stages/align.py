"""align: the encoder aligned by one method, on all languages together."""

from typing import Any

from accelerate import PartialState

from pipeline.align.loop import align
from pipeline.align.settings import Training
from pipeline.common.files import atomic, content_hash, copy_folder, remove
from pipeline.common.provenance import provenance, read_provenance, write_provenance
from pipeline.encoder.load import load_encoder, save_encoder
from pipeline.encoder.pair_arrays import SPLITS, disjoint_training, load_split
from pipeline.encoder.rotation import rotations, save_rotations
from stages import ARTIFACTS
from stages.params import Params, load_params


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
        code: {name: load_split(ARTIFACTS / "pairs" / code / name) for name in SPLITS}
        for code in params.languages
    }
    whole = disjoint_training(splits)
    train = {code: each.head(training.sentences) for code, each in whole.items()}
    model, origin = load_encoder(encoder), _origin(method, params)
    if training.objective == "rotation":
        found = rotations(model, train, training.layers)
        with atomic(out) as folder:
            copy_folder(encoder, folder)
            save_rotations(found, folder)
            write_provenance(folder, origin)
        return
    checkpoints = ARTIFACTS / "checkpoints" / "align" / method  # no output: DVC would delete it
    dev = {code: split["dev"] for code, split in splits.items()}
    history = align(model, train, training, dev, checkpoints)
    if PartialState().is_main_process:
        with atomic(out) as folder:
            copy_folder(encoder, folder)
            save_encoder(model, None, folder)
            write_provenance(folder, origin)
            history.to_csv(folder / "training.csv", index=False)
        remove(checkpoints)


def _origin(method: str, params: Params) -> dict[str, Any]:
    folders = [ARTIFACTS / "encoder", *(ARTIFACTS / "pairs" / code for code in params.languages)]
    inputs = {folder.as_posix(): content_hash(folder) for folder in folders}
    corpora = {code: each.model_dump(include={"corpus"}) for code, each in params.languages.items()}
    settings = params.method(method).model_dump(exclude={"checkpoint_minutes"})  # no effect
    told = {f"align.{method}": settings, "languages": corpora}
    return provenance("align", told, inputs, encoder=read_provenance(folders[0]))
