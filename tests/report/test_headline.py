import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pipeline.report.headline import group_means, mean_rows
from pipeline.report.heldout import HeldOut, RetrievedWords

RANDOM = np.random.default_rng(0)
SHARES = {"base": 0.4, "l2": 0.55}
SENTENCES = 150


def language(shift, methods=SHARES):
    """Three words in each of 150 sentences, of which the languages share the English text."""
    sentence = np.repeat(np.arange(SENTENCES), 3)
    hard = np.random.default_rng(7).random(SENTENCES)[sentence]  # by sentence, in all languages
    found = {}
    for method, share in methods.items():
        ranks = {
            f"{direction}_rank": (hard + RANDOM.random(450) > 2 * (share + shift)).astype(int)
            for direction in ("to_english", "from_english")
        }
        found[method] = RetrievedWords(pd.DataFrame(ranks), pd.DataFrame(), pd.DataFrame())
    text = [f"sentence {number}" for number in range(SENTENCES)]
    nobody = np.full(450, "neither", object)
    return HeldOut(pd.DataFrame(index=range(450)), sentence, text, text, nobody), found


@pytest.fixture(scope="module")
def languages():
    return {code: language(shift) for code, shift in (("bg", 0.0), ("de", 0.1))}


def rights(languages, method):
    """Share of right words by English sentence, of all languages and directions."""
    return np.mean(
        [
            (each[method].outcomes.to_numpy() == 0).reshape(SENTENCES, 3, 2).mean(axis=(1, 2))
            for _, each in languages.values()
        ],
        axis=0,
    )


def test_the_mean_of_all_is_that_of_another_bootstrap_over_english_sentences(languages):
    tests = {code: test for code, (test, _) in languages.items()}
    found = {code: each for code, (_, each) in languages.items()}
    rows = mean_rows(tests, found, 4000).set_index("method")
    for method in SHARES:
        by_sentence = rights(languages, method)
        other = stats.bootstrap(
            (by_sentence,), np.mean, method="percentile", rng=np.random.default_rng(1)
        ).confidence_interval
        row = rows.loc[method]
        assert row.accuracy == pytest.approx(by_sentence.mean())
        assert (row.low, row.high) == pytest.approx((other.low, other.high), abs=0.004)
        assert (row.words, row.sentences) == (900, SENTENCES)
    gain = rights(languages, "l2") - rights(languages, "base")
    other = stats.bootstrap(
        (gain,), np.mean, method="percentile", rng=np.random.default_rng(1)
    ).confidence_interval
    row = rows.loc["l2"]
    assert row.difference == pytest.approx(gain.mean())
    found_interval = row.difference_low, row.difference_high
    assert found_interval == pytest.approx((other.low, other.high), abs=0.004)
    assert np.isnan(rows.loc["base"].difference)


def test_languages_that_were_not_aligned_have_a_headline_of_their_own(languages):
    tests = {code: test for code, (test, _) in languages.items()}
    found = {code: each for code, (_, each) in languages.items()}
    whole = group_means(tests, found, (), 200)
    assert list(whole) == ["all languages"]
    pd.testing.assert_frame_equal(whole["all languages"], mean_rows(tests, found, 200))
    apart = group_means(tests, found, ["bg"], 200)
    for (_, rows), code in zip(apart.items(), ("de", "bg"), strict=True):
        alone = mean_rows({code: tests[code]}, {code: found[code]}, 200)
        pd.testing.assert_frame_equal(rows, alone)
