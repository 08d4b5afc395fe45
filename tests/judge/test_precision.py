"""How many pairs are right on gold, against sets written plainly."""

import numpy as np
import pytest
from tiny import PROTOCOL, make_tokenizer

from pipeline.judge.precision import COLUMNS, gold_pairs, precision_rows
from pipeline.word_align.gold import Gold
from pipeline.word_align.links import from_pairs

TOKENIZER = make_tokenizer().backend_tokenizer
SOURCE = ["der Hund ist rot", "das Haus ist alt", "ein Baum 1990"]
ENGLISH = ["the dog is red", "the house is old", "a tree 1990"]
SURE = [{(0, 0), (1, 1)}, {(1, 1)}, {(0, 0), (2, 2)}]
POSSIBLE = [{(0, 0), (1, 1), (2, 2)}, {(1, 1)}, {(0, 0), (2, 2)}]
LINKS = [{(0, 0), (1, 1), (2, 2), (3, 1)}, {(1, 1), (2, 3)}, {(0, 0), (1, 0), (2, 2)}]
EFLOMAL = [{(0, 0), (2, 2)}, {(2, 3)}, {(2, 2)}]


def rows(eflomal):
    gold = Gold(SOURCE, ENGLISH, from_pairs(SURE), from_pairs(POSSIBLE))
    links = from_pairs(LINKS)
    pairs = {"toy": gold_pairs(gold, links, TOKENIZER, PROTOCOL)}
    return precision_rows(pairs, {"toy": (links, from_pairs(eflomal))})


def test_precision_counts_the_possible_links_among_those_that_pairs_keeps():
    # One link per word, and no identical words: of line 0, (1, 1) and (3, 1) share a word; in line
    # 2, (0, 0) and (1, 0) do, and 1990 is itself. So (0, 0), (2, 2) | (1, 1), (2, 3) stay.
    both, agreed = rows(EFLOMAL).to_dict("records")
    assert (both["pairs"], both["links"], both["sentences"]) == ("all", 4, 2)
    assert (both["precision"], both["share"]) == (3 / 4, 1.0)
    assert (agreed["pairs"], agreed["links"]) == ("agreed", 3)
    assert (agreed["precision"], agreed["share"]) == (pytest.approx(2 / 3), 3 / 4)
    # A resample draws the two sentences alike, or one of them twice: 1/2 or 1.
    assert (both["low"], both["high"]) == (0.5, 1.0)


def test_a_gold_set_without_agreed_pairs_has_no_row_for_them():
    table = rows([set(), set(), set()])
    assert list(table.columns) == COLUMNS
    assert table["pairs"].tolist() == ["all"]
    assert not table.map(lambda value: isinstance(value, float) and np.isnan(value)).any(axis=None)


def test_no_gold_gives_a_table_without_rows():
    table = precision_rows({}, {})
    assert (list(table.columns), len(table)) == (COLUMNS, 0)
