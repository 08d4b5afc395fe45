"""Rates of links and their intervals, against counts of sets and a loop over resamples."""

import math
from dataclasses import replace

import numpy as np
import pytest

from pipeline.word_align.gold import Gold, error_rates
from pipeline.word_align.link_rates import link_rates, rates_records, rates_table
from pipeline.word_align.links import from_pairs

RANDOM = np.random.default_rng(5)
TOKENS = 6
NAMES = ("aer", "precision", "recall", "f1")


def random_set(share):
    chosen = RANDOM.random((TOKENS, TOKENS)) < share
    return {(int(i), int(j)) for i, j in np.argwhere(chosen)}


def random_sentences(count):
    """Sets of sure, possible and found links; some sentences have none of a kind."""
    sentences = []
    for number in range(count):
        sure = random_set(0.2) if number % 5 else set()
        possible = sure | random_set(0.1)
        found = random_set(0.1) | {link for link in sorted(possible) if RANDOM.random() < 0.6}
        sentences.append((sure, possible, found if number % 7 else set()))
    return [*sentences, (set(), {(0, 0)}, set())]  # nothing to draw


def rates_of(sentences):
    """The definitions, with counts as floats; nan for a share of nothing."""
    links = sum((float(len(found)) for _, _, found in sentences), 0.0)
    sure = sum((float(len(of_gold)) for of_gold, _, _ in sentences), 0.0)
    in_sure = sum((float(len(found & of_gold)) for of_gold, _, found in sentences), 0.0)
    in_possible = sum((float(len(found & of_gold)) for _, of_gold, found in sentences), 0.0)
    precision = in_possible / links if links else math.nan
    recall = in_sure / sure if sure else math.nan
    f1 = 0.0 if precision + recall == 0 else 2 * precision * recall / (precision + recall)
    return 1 - (in_sure + in_possible) / (links + sure), precision, recall, f1


def gold_and_links(sentences):
    text = [" ".join("abcdef"[:TOKENS])] * len(sentences)
    sure, possible, found = (from_pairs(list(sets)) for sets in zip(*sentences, strict=True))
    return Gold(text, text, sure, possible), found


# Resamples of the second sentence alone have no links, those of the third alone no sure ones.
UNDEFINED = [
    ({(0, 0), (1, 1)}, {(0, 0), (1, 1)}, {(0, 0)}),
    ({(2, 2)}, {(2, 2)}, set()),
    (set(), {(3, 3)}, {(3, 3), (4, 4)}),
]


@pytest.mark.parametrize("sentences", [random_sentences(3), random_sentences(40), UNDEFINED])
def test_rates_and_intervals_equal_plain_counts(sentences):
    gold, links = gold_and_links(sentences)
    rates = link_rates(links, gold, resamples=200, seed=4)
    row = rates.row()
    assert [row[name] for name in NAMES] == pytest.approx(rates_of(sentences), rel=1e-12)
    drawn_from = [each for each in sentences if each[0] or each[2]]
    random = np.random.default_rng(4)
    draws = random.integers(len(drawn_from), size=(200, len(drawn_from)))
    resampled = np.array([rates_of([drawn_from[each] for each in draw]) for draw in draws])
    for column, name in enumerate(NAMES):
        low, high = np.nanpercentile(resampled[:, column], [2.5, 97.5])
        assert (row[f"{name}_low"], row[f"{name}_high"]) == pytest.approx((low, high), rel=1e-12)
        assert low < row[name] < high
    assert (rates.sentences, rates.links) == (len(sentences), sum(len(s[2]) for s in sentences))
    assert rates.sure == sum(len(s[0]) for s in sentences)
    assert rates.possible == sum(len(s[1]) for s in sentences)


def test_a_seed_gives_the_same_interval_and_another_seed_another():
    gold, links = gold_and_links(random_sentences(30))
    first, again, other = (link_rates(links, gold, resamples=100, seed=s).aer for s in (1, 1, 2))
    assert first == again
    assert first.low != other.low or first.high != other.high


def test_values_equal_the_error_rates_of_the_pipeline():
    gold, links = gold_and_links(random_sentences(25))
    row, expected = link_rates(links, gold, resamples=10).row(), error_rates(links, gold)
    for name in ("aer", "precision", "recall"):
        assert row[name] == pytest.approx(expected[name], rel=1e-12)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({(0, 0), (1, 1)}, (0, 1, 1, 1)),
        ({(0, 0), (2, 1)}, (1 - 3 / 4, 1, 1 / 2, 2 / 3)),  # one sure, one possible
        ({(5, 5)}, (1, 0, 0, 0)),  # nothing right: F1 is 0, not undefined
    ],
)
def test_one_sentence_has_rates_without_intervals(found, expected):
    gold, links = gold_and_links([({(0, 0), (1, 1)}, {(0, 0), (1, 1), (2, 1)}, found)])
    rates = link_rates(links, gold)
    row = rates.row()
    assert tuple(row[name] for name in NAMES) == pytest.approx(expected)
    assert all(math.isnan(row[f"{name}_{bound}"]) for name in NAMES for bound in ("low", "high"))
    (record,) = rates_records({"one": rates}, "set")
    assert (record["file"], record["gold"], record["aer_low"]) == ("one", "set", None)
    cells = [cell.strip() for cell in rates_table({"one": rates}).splitlines()[2].split("|")[1:-1]]
    assert cells == ["one", *(f"{100 * value:.1f}" for value in expected), f"{len(found)}"]


def test_the_table_has_a_row_per_file_in_per_cent():
    gold, links = gold_and_links(random_sentences(1100))
    rates = link_rates(links, gold, resamples=50)
    bounds = {name: replace(getattr(rates, name), value=0.25, low=0.125, high=1) for name in NAMES}
    rates = replace(rates, sentences=1101, sure=1002, possible=2003, links=3004, **bounds)
    lines = rates_table({"a/x.links": rates, "b": rates}).splitlines()
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[:4]]
    assert cells[0] == ["links", "AER", "precision", "recall", "F1", "number"]
    assert cells[2] == ["a/x.links", *["25.0 [12.5, 100.0]"] * 4, "3,004"]
    assert cells[3][0] == "b"
    assert "1,101 sentence pairs, 2,003 links, 1,002 of them sure." in lines[-1]
