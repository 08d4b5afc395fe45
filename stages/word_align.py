"""word_align: word alignment of one language's sentences with English."""

from collections.abc import Mapping

from pipeline.common.files import read_lines, write_json, write_lines
from pipeline.word_align.fast_align_build import PROGRAM
from pipeline.word_align.gold import Gold, error_rates, read_gold_sets
from pipeline.word_align.links import Links, to_pharaoh
from pipeline.word_align.settings import WordAlignSettings
from pipeline.word_align.word_align import align_with_gold
from stages import ARTIFACTS
from stages.params import load_params


def main(language: str) -> None:
    """Align LANGUAGE's words with English: one line of Pharaoh links per sentence; error rates."""
    settings = load_params().word_align
    gold = read_gold_sets(ARTIFACTS / "own" / "gold_sets" / f"{language}.json")
    folder = ARTIFACTS / "tokenize" / language
    source, english = read_lines(folder / "source.txt"), read_lines(folder / "english.txt")
    links, gold_links = _links(source, english, settings, gold)
    rates = {name: error_rates(of_set, gold[name]) for name, of_set in gold_links.items()}
    out = ARTIFACTS / "word_align"
    write_lines(out / f"{language}.txt", to_pharaoh(links))
    of_gold = {name: to_pharaoh(of_set) for name, of_set in gold_links.items()}
    figures = {"sentences": len(source), "links": len(links), "gold": rates, "gold_links": of_gold}
    write_json(out / f"{language}.json", figures)
    print(f"{language}: {len(links)} links in {len(source)} sentence pairs")
    for name, rate in rates.items():
        print(f"{language}: alignment error rate {rate['aer']:.3f} on the gold set {name}")


def _links(
    source: list[str],
    english: list[str],
    settings: WordAlignSettings,
    gold: Mapping[str, Gold],
) -> tuple[Links, dict[str, Links]]:
    aligner = ARTIFACTS / "aligner"
    if settings.backend == "encoder":
        from pipeline.word_align.encoder_aligner import open_aligner  # the other backends start
        from pipeline.word_align.encoder_links import encoder_links_with_gold  # without torch

        encoder = open_aligner(
            aligner / "encoder",
            settings.method,
            settings.layer,
            unit=settings.unit,
            threshold=settings.threshold,
        )
        return encoder_links_with_gold(source, english, gold, encoder)
    program = aligner / PROGRAM if settings.built else None
    return align_with_gold(source, english, settings, gold, program)
