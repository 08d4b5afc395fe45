"""word_align: word alignment of one language's sentences with English."""

from pipeline.files import read_lines, write_lines
from pipeline.word_align import to_pharaoh, word_align
from stages import ARTIFACTS
from stages.params import load_params


def main(language: str) -> None:
    """Align LANGUAGE's words with English by fast_align: Pharaoh format, one sentence a line."""
    params = load_params().word_align
    folder = ARTIFACTS / "tokenize" / language
    source, english = read_lines(folder / "source.txt"), read_lines(folder / "english.txt")
    links = word_align(source, english, params.iterations)
    write_lines(ARTIFACTS / "word_align" / f"{language}.txt", [to_pharaoh(each) for each in links])
    print(f"{language}: {sum(map(len, links))} links in {len(links)} sentence pairs")
