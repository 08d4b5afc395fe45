from hypothesis import given
from hypothesis import strategies as st

from pipeline.corpora.sampling import take_pairs
from pipeline.corpora.text_rules import Tidy, dropped_lines

BYTES = st.binary(max_size=12) | st.sampled_from(
    [
        b"a\xe2\x80\xa8b\n",
        b"\xef\xbb\xbfc\r\n",
        b"\xff",
        b"x|||y",
        b"\0",
        b"",
        b" \n",
        "ä\n".encode(),
    ]
)


def tidied(*pairs):
    tidy = Tidy()
    return list(tidy(iter(pairs))), dict(tidy.counts)


def test_each_rule_and_its_count():
    rows, counts = tidied(
        (b"\xef\xbb\xbferste Zeile\r\n", b"first line\n"),
        (b"kein UTF-8 \xff\n", b"not UTF-8\n"),
        (b"mit\0NUL\n", b"with NUL\n"),
        (b"ein ||| Strich\n", b"a bar\n"),
        (b"  \n", b"nothing there\n"),
        ("zwei\u2028Teile".encode(), "two\x0bparts"),
        ("erste Zeile", "first  line"),
    )
    assert rows == [(1, "erste Zeile", "first line"), (6, "zwei Teile", "two parts")]
    assert counts == {
        "read": 7,
        "kept": 2,
        "dropped: not UTF-8": 1,
        "dropped: NUL": 1,
        "dropped: |||": 1,
        "dropped: empty": 1,
        "dropped: repeated": 1,
        "mended: invisible": 1,
        "mended: CR": 1,
        "mended: separator": 2,
    }


def test_a_loss_of_more_than_5_per_cent_is_reported():
    lines = [(f"Zeile {n}", f"line {n}") for n in range(95)]
    assert dropped_lines(tidied(*lines, *[("", "x")] * 3, *lines[:2])[1]) is None
    counts = tidied(*lines, *[("", "x")] * 4, *lines[:3])[1]
    assert dropped_lines(counts) == "7 of 102 lines dropped (4 empty, 3 repeated)"
    assert dropped_lines({}) is None


@given(st.lists(st.tuples(BYTES, BYTES)))
def test_whatever_bytes_come_in_the_sides_stay_aligned_and_clean(pairs):
    rows, counts = tidied(*pairs)
    assert counts.get("read", 0) == len(pairs)
    dropped = sum(count for name, count in counts.items() if name.startswith("dropped"))
    assert counts.get("kept", 0) + dropped == len(pairs)
    for number, source, english in rows:
        for side, raw in zip((source, english), pairs[number - 1], strict=True):
            assert side == " ".join(side.split()) != ""
            assert not set(side) & set("\0\r\n\u2028\ufeff")
            # The letters of the side are the letters of its own line: nothing came from another.
            letters = [char for char in raw.decode("utf-8") if char.isalnum()]
            assert [char for char in side if char.isalnum()] == letters


@given(st.text(st.characters(exclude_categories=())))
def test_lone_surrogates_are_no_text(text):
    rows, _ = tidied((text, "x"))
    for _, source, _ in rows:
        source.encode("utf-8")


@given(st.lists(st.integers()), st.integers(1, 20), st.integers(0, 9))
def test_samples_keep_the_order_and_the_size(items, size, seed):
    assert list(take_pairs(items, size, "head", seed)) == items[:size]
    numbered = list(enumerate(items))
    sample = list(take_pairs(numbered, size, "reservoir", seed))
    assert sample == sorted(sample)
    assert len(sample) == min(size, len(items))
    assert set(sample) <= set(numbered)
    assert list(take_pairs(numbered, size, "reservoir", seed)) == sample


def test_the_reservoir_gives_every_item_the_same_chance():
    counts = [0] * 10
    for seed in range(3000):
        for item in take_pairs(range(10), 3, "reservoir", seed):
            counts[item] += 1
    assert all(abs(count - 900) < 5 * 25 for count in counts)  # 5 standard deviations
