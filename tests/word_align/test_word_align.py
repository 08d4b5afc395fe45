import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from aligners import WHEEL
from tiny import read_text, write_program

from pipeline.common.errors import PipelineError
from pipeline.word_align.gold import Gold, error_rates, read_gold
from pipeline.word_align.links import (
    HEURISTICS,
    MAX_WORDS,
    Links,
    from_pairs,
    symmetrize,
    to_pharaoh,
)
from pipeline.word_align.word_align import (
    align_direction,
    align_with_gold,
    check_links,
    word_align,
)

# Each word has one translation and sentences are reversed: an aligner must find these links.
WORDS = {"rot": "red", "blau": "blue", "haus": "house", "hund": "dog", "baum": "tree", "alt": "old"}
SOURCE = [f"{a} {b} {c}" for a in WORDS for b in WORDS for c in WORDS if len({a, b, c}) == 3]
ENGLISH = [" ".join(WORDS[word] for word in reversed(line.split())) for line in SOURCE]
RIGHT = [{(0, 2), (1, 1), (2, 0)}] * len(SOURCE)
EFLOMAL = replace(WHEEL, backend="eflomal")


@pytest.mark.parametrize("aligner", [WHEEL, EFLOMAL], ids=lambda each: each.backend)
def test_finds_the_translations_of_a_toy_language(aligner):
    gold = Gold(SOURCE, ENGLISH, from_pairs(RIGHT), from_pairs(RIGHT))
    rates = error_rates(word_align(SOURCE, ENGLISH, aligner), gold)
    assert rates["precision"] > 0.95
    assert rates["recall"] > 0.9


@pytest.fixture(scope="module")
def directions():
    """Forward and reverse links of the suite's text, computed in a separate process."""
    bitext = read_text("de")
    lines = list(bitext.source), list(bitext.english)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return [
            pool.submit(align_direction, *lines, WHEEL, reverse).result()
            for reverse in (False, True)
        ]


@pytest.mark.parametrize("heuristic", HEURISTICS)
def test_directions_are_symmetrised_and_runs_agree(directions, heuristic):
    bitext = read_text("de")
    aligner = replace(WHEEL, heuristic=heuristic)
    links = word_align(list(bitext.source), list(bitext.english), aligner)
    assert np.array_equal(links.keys, symmetrize(*directions, heuristic).keys)


def test_each_direction_links_a_word_once(directions):
    forward, reverse = directions
    for links in forward.by_sentence():
        assert len({j for _, j in links}) == len(links)  # an English word has one source word
    for links in reverse.by_sentence():
        assert len({i for i, _ in links}) == len(links)
    assert to_pharaoh(forward) != to_pharaoh(reverse)


def test_eflomal_depends_on_its_seed_only():
    bitext = read_text("fr")
    lines = list(bitext.source), list(bitext.english)
    first, again, other = (
        word_align(*lines, replace(EFLOMAL, seed=seed)).keys.tolist() for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_the_program_equals_the_wheel(tmp_path, directions):
    bitext = read_text("de")
    program = write_program(tmp_path)
    links = word_align(list(bitext.source), list(bitext.english), WHEEL, program)
    assert np.array_equal(links.keys, symmetrize(*directions, "intersection").keys)


def test_gold_sentences_are_aligned_with_the_corpus():
    at = len(SOURCE) - 20
    one, two = (
        Gold(SOURCE[part], ENGLISH[part], from_pairs(RIGHT[part]), from_pairs(RIGHT[part]))
        for part in (slice(at, at + 15), slice(at + 15, None))
    )
    lines = SOURCE[:at], ENGLISH[:at]
    links, gold_links = align_with_gold(*lines, WHEEL, {"one": one, "two": two})
    whole = to_pharaoh(word_align(SOURCE, ENGLISH, WHEEL))
    assert to_pharaoh(links) == whole[:at]
    assert to_pharaoh(gold_links["one"]) == whole[at : at + 15]
    assert to_pharaoh(gold_links["two"]) == whole[at + 15 :]


@pytest.mark.parametrize("aligner", ["fast_align", "eflomal", "program"])
def test_a_no_break_space_in_a_gold_token_changes_no_figure(tmp_path, aligner):
    settings = EFLOMAL if aligner == "eflomal" else WHEEL
    program = write_program(tmp_path) if aligner == "program" else None
    sets = {}
    for name, token in (("odd", "10\u00a0\u2028000"), ("plain", "10000")):
        lines = [
            f"{token} {source} ||| {english} {token} ||| 0-3 1-2 2-1 3-0"
            for source, english in zip(SOURCE[:30], ENGLISH[:30], strict=True)
        ]
        (tmp_path / name).write_text("\n".join(lines), "utf-8")
        sets[name] = read_gold(tmp_path / name)
    odd, plain = (
        align_with_gold(SOURCE, ENGLISH, settings, {"gold": gold}, program)[1]["gold"]
        for gold in sets.values()
    )
    assert to_pharaoh(odd) == to_pharaoh(plain)
    assert error_rates(odd, sets["odd"])["aer"] < 0.2


@pytest.mark.parametrize(
    "bad", ["", "   ", "a ||| b", "a  b", "a\u00a0b", " ".join(["w"] * (MAX_WORDS + 1))]
)
def test_lines_that_aligners_cannot_process_are_named(bad):
    for pair in ((["a b", bad], ["c", "d"]), (["a b", "c"], ["c", bad])):
        with pytest.raises(PipelineError, match="line 2 is empty, or has"):
            word_align(*pair, WHEEL)


def test_the_longest_line_is_aligned():
    words = [f"w{number}" for number in range(MAX_WORDS)]
    short = [" ".join(words[start : start + 4]) for start in range(MAX_WORDS - 4)] * 3
    lines = [*short, " ".join(words)]
    *_, last = word_align(lines, lines, WHEEL).by_sentence()
    assert len(last & {(k, k) for k in range(MAX_WORDS)}) > 0.99 * MAX_WORDS


def test_texts_must_be_parallel_and_not_empty():
    with pytest.raises(PipelineError, match="2 source lines and 1 English"):
        word_align(["a", "b"], ["c"], WHEEL)
    with pytest.raises(PipelineError, match="there are no sentences"):
        word_align([], [], WHEEL)


@pytest.mark.parametrize(
    ("links", "fault"),
    [
        (from_pairs([{(0, 0)}]), "1 lines of links for 2 sentence pairs"),
        (from_pairs([{(0, 0)}, {(2, 0)}]), "line 2 has a link past its end"),
        (from_pairs([{(0, 1)}, set()]), "line 1 has a link past its end"),
    ],
)
def test_links_of_other_lines_are_refused(links: Links, fault):
    with pytest.raises(PipelineError, match=fault):
        check_links(links, ["a b", "a b"], ["c", "c d"])
    check_links(from_pairs([{(1, 0)}, {(1, 1)}]), ["a b", "a b"], ["c", "c d"])
