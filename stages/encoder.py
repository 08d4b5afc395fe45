"""encoder: the multilingual encoder from which all methods start."""

from pipeline.common.files import atomic
from pipeline.common.provenance import provenance, write_provenance
from pipeline.encoder.load import save_encoder
from pipeline.obtain.obtain import encoder_origin, obtain_encoder
from stages import ARTIFACTS, CACHE
from stages.params import load_params


def main() -> None:
    """Obtain the encoder of params.yaml and save it as a folder."""
    params = load_params().encoder
    model, tokenizer = obtain_encoder(params.name, params.revision, CACHE)
    with atomic(ARTIFACTS / "encoder") as folder:
        save_encoder(model, tokenizer, folder)
        origin = encoder_origin(params.name, params.revision)
        used_params = {"encoder": params.model_dump()}
        write_provenance(folder, provenance("encoder", used_params, **origin))
