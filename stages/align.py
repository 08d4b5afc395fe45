"""align: the encoder aligned by one method, on all languages together."""

from typing import Any

from pipeline.align.objectives import OBJECTIVES, ROTATION, UNALIGNED
from pipeline.common.files import atomic, content_hash, copy_folder, remove
from pipeline.common.provenance import provenance, read_provenance, write_provenance
from pipeline.encoder.pair_arrays import SPLITS, Split, disjoint_training, load_split
from pipeline.encoder.processes import is_first_process
from stages import ARTIFACTS
from stages.params import Params, load_params


def main(method: str) -> None:
    """Align the encoder by METHOD, a block of params' align, on the languages to align."""
    params = load_params()
    encoder, out = ARTIFACTS / "encoder", ARTIFACTS / "align" / method
    settings = params.method(method)
    if not OBJECTIVES[settings.objective].trains and not is_first_process():
        return
    if settings.objective == UNALIGNED:  # needs none of the slow imports below
        with atomic(out) as folder:
            copy_folder(encoder, folder)
        return
    from pipeline.align.loop import align
    from pipeline.encoder.checkpoints import deciding
    from pipeline.encoder.load import load_encoder, save_encoder
    from pipeline.encoder.rotation import rotations, save_rotations
    from stages.live import live_curves

    live = live_curves(vars(settings), "align", method)
    train, dev = _pairs(params, settings.sentences)
    model, origin = load_encoder(encoder), _origin(method, deciding(settings), params)
    checkpoints = ARTIFACTS / "checkpoints" / "align" / method  # no output: DVC would delete it
    if settings.objective == ROTATION:
        matrices = rotations(model, train, settings.layers)
    else:
        history = align(model, train, settings, dev, checkpoints, live=live)
    if is_first_process():
        with atomic(out) as folder:
            copy_folder(encoder, folder)
            write_provenance(folder, origin)
            if settings.objective == ROTATION:
                save_rotations(matrices, folder)
            else:
                save_encoder(model, None, folder)
                history.to_csv(folder / "training.csv", index=False)
        remove(checkpoints)


def _pairs(params: Params, sentences: int) -> tuple[dict[str, Split], dict[str, Split]]:
    """The train and dev splits of the languages to align.

    A language that is not aligned must not choose the weights either.
    """
    splits = {
        code: {name: load_split(ARTIFACTS / "pairs" / code / name) for name in SPLITS}
        for code in params.languages
    }
    disjoint = disjoint_training(splits)
    train = {code: disjoint[code].head(sentences) for code in params.aligned}
    return train, {code: splits[code]["dev"] for code in params.aligned}


def _origin(method: str, settings: dict[str, Any], params: Params) -> dict[str, Any]:
    folders = [ARTIFACTS / "encoder", *(ARTIFACTS / "pairs" / code for code in params.languages)]
    inputs = {folder.as_posix(): content_hash(folder) for folder in folders}
    corpora = {
        code: params.languages[code].model_dump(include={"corpus"}) for code in params.aligned
    }
    used = {f"align.{method}": settings, "languages": corpora}
    return provenance("align", used, inputs, encoder=read_provenance(folders[0]))
