"""aligner: the program fast_align, unless word_align uses the one in the wheel."""

from pipeline.common.files import atomic, write_json
from pipeline.word_align.fast_align_build import PROGRAM, build
from stages import ARTIFACTS
from stages.params import load_params


def main() -> None:
    """Build fast_align from its source; with word_align.provider: wheel, only record that."""
    params = load_params()
    content = {"provider": params.word_align.provider}
    with atomic(ARTIFACTS / "aligner") as folder:
        folder.mkdir()
        if params.word_align.provider == "source":
            build(params.aligner.repository, params.aligner.commit, folder / PROGRAM)
            content |= params.aligner.model_dump()
        write_json(folder / "aligner.json", content)
