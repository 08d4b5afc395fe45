"""encoder: the multilingual encoder that all methods start from."""

from pipeline.encoder import encoder_origin, obtain_encoder, save_encoder
from pipeline.files import atomic
from pipeline.provenance import provenance, write_provenance
from stages import ARTIFACTS, CACHE
from stages.params import load_params


def main() -> None:
    """Obtain the encoder of params.yaml and save it as a folder."""
    params = load_params().encoder
    model, tokenizer = obtain_encoder(params.name, params.revision, CACHE)
    with atomic(ARTIFACTS / "encoder") as folder:
        save_encoder(model, tokenizer, folder)
        origin = encoder_origin(params.name, params.revision)
        told = {"encoder": params.model_dump()}
        write_provenance(folder, provenance("encoder", told, **origin))
