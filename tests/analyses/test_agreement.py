import numpy as np

from pipeline.analyses.agreement import agreement_bins, shift
from pipeline.analyses.word_groups import Bins
from pipeline.judge.finders import AS_MANY

FOUND = np.array(["both", "fast_align", "both", "both", "eflomal", "neither"], object)


def test_pairs_are_grouped_by_who_found_them():
    groups = agreement_bins(FOUND, seed=1)["found by"]
    assert groups.names == ["both", "fast_align", "eflomal", "neither"]
    assert groups.to_english.tolist() == groups.from_english.tolist() == FOUND.tolist()


def test_a_random_subset_has_as_many_pairs_as_both_aligners_and_follows_the_seed():
    many = np.array(["both", "fast_align"] * 50, object)
    subsets = [agreement_bins(many, seed)["random subset"].to_english for seed in (1, 1, 2)]
    chosen = [np.flatnonzero(subset == AS_MANY).tolist() for subset in subsets]
    assert [len(rows) for rows in chosen] == [50, 50, 50]
    assert chosen[0] == chosen[1] != chosen[2]
    assert {many[row] for row in chosen[0]} == {"both", "fast_align"}


def test_the_shift_compares_shares_among_all_and_agreed_pairs():
    to_english = np.array(["rare", "rare", "often", "often", "rare", "rare"], object)
    from_english = np.array(["rare", "rare", "rare", "often", "rare", "rare"], object)
    bins = {"frequency": Bins(["none", "rare", "often"], to_english, from_english)}
    assert shift(bins, FOUND).to_dict("records") == [
        {"analysis": "frequency", "bin": "rare", "all": 9 / 12, "agreed": 3 / 6},
        {"analysis": "frequency", "bin": "often", "all": 3 / 12, "agreed": 3 / 6},
    ]
    assert shift(bins, np.full(6, "fast_align", object)).empty
