import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.common.errors import PipelineError
from pipeline.retrieval import sentences as module
from pipeline.retrieval.sentences import sentence_accuracies, sentence_ranks


def restated(source, english, k):
    """Ranks by cosine and by ratio margin in float64, one pair at a time; lower rows win ties."""
    norms = [np.sqrt((side**2).sum(axis=1)) for side in (source, english)]
    cosine = np.array(
        [[x @ y / (a * b) for y, b in zip(english, norms[1], strict=True)]
         for x, a in zip(source, norms[0], strict=True)]
    )  # fmt: skip
    near = [np.sort(each, axis=1)[:, -k:].mean(axis=1) for each in (cosine, cosine.T)]
    margin = cosine / ((near[0][:, None] + near[1]) / 2)
    ranks = {}
    for name, scores in (("cosine", cosine), ("margin", margin)):
        for direction, rows in (("to_english", scores), ("from_english", scores.T)):
            before = [sum(row > row[i]) + sum(row[:i] == row[i]) for i, row in enumerate(rows)]
            ranks[f"{direction}_{name}_rank"] = before
    return ranks


@pytest.mark.parametrize("rows", [1, 3, 1024])
@pytest.mark.parametrize("count", [2, 3, 30])
def test_ranks_equal_brute_force_for_every_block(count, rows, monkeypatch):
    monkeypatch.setattr(module, "ROWS_PER_PRODUCT", rows)
    random = np.random.default_rng(count)
    source = random.normal(size=(count, 6)) + 1
    english = source + random.normal(size=source.shape)
    found = sentence_ranks(source, english)
    assert found.to_dict("list") == restated(source, english, min(4, count))


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_ties_go_to_the_lower_row(data):
    rows = st.lists(st.sampled_from([(1, 0), (0, 1), (1, 1)]), min_size=5, max_size=5)
    source, english = (np.array(data.draw(rows), float) for _ in range(2))
    found, expected = sentence_ranks(source, english), restated(source, english, 4)
    for column in ("to_english_cosine_rank", "from_english_cosine_rank"):
        assert found[column].tolist() == expected[column]


def test_accuracies_are_shares_of_sentences_found_first():
    found = sentence_ranks(np.eye(4), np.eye(4)[[1, 0, 2, 3]])
    assert sentence_accuracies(found) == {
        name: {"to_english": 0.5, "from_english": 0.5, "mean": 0.5} for name in ("cosine", "margin")
    }


def test_refuses_vectors_that_are_not_finite():
    broken = np.eye(4)
    broken[1, 1] = np.nan
    with pytest.raises(PipelineError, match="not finite"):
        sentence_ranks(np.eye(4), broken)
