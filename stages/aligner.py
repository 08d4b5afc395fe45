"""aligner: what word_align links with: fast_align built from source, or a copy of the encoder.

The encoder is copied only for word_align.backend: encoder. With other backends another encoder
leaves these files as they are, so no words are aligned again.
"""

from pipeline.common.files import atomic, copy_folder, write_json
from pipeline.word_align.fast_align_build import PROGRAM, build
from stages import ARTIFACTS
from stages.params import load_params


def main() -> None:
    """Build fast_align or copy the encoder if word_align needs that, and record what was done."""
    params = load_params()
    content: dict[str, str] = {"provider": params.word_align.provider}
    with atomic(ARTIFACTS / "aligner") as folder:
        folder.mkdir()
        if params.word_align.backend == "encoder":
            copy_folder(ARTIFACTS / "encoder", folder / "encoder")
            content = {"provider": "encoder"}
        elif params.word_align.provider == "source":
            build(params.aligner.repository, params.aligner.commit, folder / PROGRAM)
            content |= params.aligner.model_dump()
        write_json(folder / "aligner.json", content)
