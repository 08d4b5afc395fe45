"""align: the encoder aligned by one method, on all languages together."""

from dataclasses import asdict
from typing import Any

from pipeline.align.objectives import ROTATION, UNALIGNED
from pipeline.common.files import atomic, content_hash, copy_folder, remove
from pipeline.common.provenance import provenance, read_provenance, write_provenance
from pipeline.encoder.pair_arrays import SPLITS, disjoint_training, load_split
from stages import ARTIFACTS
from stages.params import Params, load_params


def main(method: str) -> None:
    """Align the encoder by METHOD, a block of params' align."""
    params = load_params()
    encoder, out = ARTIFACTS / "encoder", ARTIFACTS / "align" / method
    settings = params.method(method)
    if settings.objective == UNALIGNED:  # needs none of the slow imports below
        with atomic(out) as folder:
            copy_folder(encoder, folder)
        return
    from accelerate import PartialState

    from pipeline.align.loop import align
    from pipeline.encoder.load import load_encoder, save_encoder
    from pipeline.encoder.rotation import rotations, save_rotations

    splits = {
        code: {name: load_split(ARTIFACTS / "pairs" / code / name) for name in SPLITS}
        for code in params.languages
    }
    disjoint = disjoint_training(splits)
    train = {code: split.head(settings.sentences) for code, split in disjoint.items()}
    model, origin = load_encoder(encoder), _origin(method, params)
    if settings.objective == ROTATION:
        matrices = rotations(model, train, settings.layers)
        with atomic(out) as folder:
            copy_folder(encoder, folder)
            save_rotations(matrices, folder)
            write_provenance(folder, origin)
        return
    checkpoints = ARTIFACTS / "checkpoints" / "align" / method  # no output: DVC would delete it
    dev = {code: split["dev"] for code, split in splits.items()}
    history = align(model, train, settings, dev, checkpoints)
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
    settings = asdict(params.method(method))
    del settings["checkpoint_minutes"]  # no effect on the result
    used = {f"align.{method}": settings, "languages": corpora}
    return provenance("align", used, inputs, encoder=read_provenance(folders[0]))
