import pytest

from pipeline.common.errors import PipelineError
from pipeline.word_align.gold import error_rates, read_gold
from pipeline.word_align.links import from_pairs
from stages.blocks import GoldSet

NAACL_SOURCE = "<s snum=7> das alte Haus </s>\n<s snum=9>  ja , gern .  </s>\n"
NAACL_ENGLISH = "<s snum=7> the old house </s>\n<s snum=9> yes , please .  </s>\n"


def write(folder, **files):
    paths = []
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
        paths.append(folder / name)
    return paths


def sets(gold):
    return list(gold.sure.by_sentence()), list(gold.possible.by_sentence())


def test_one_file_of_three_columns(tmp_path):
    text = "das Haus ||| the house ||| 0-0 1-1\nja ,  gern ||| yes please ||| 0-0 2p1 1?1\n"
    gold = read_gold(*write(tmp_path, gold=text))
    assert gold.source == ["das Haus", "ja , gern"]
    assert gold.english == ["the house", "yes please"]
    assert sets(gold) == (
        [{(0, 0), (1, 1)}, {(0, 0)}],
        [{(0, 0), (1, 1)}, {(0, 0), (2, 1), (1, 1)}],
    )


def test_naacl_files_have_sentence_numbers_with_gaps_and_positions_from_1(tmp_path):
    links = "7 1 1 S\n7 2 3 P\n9 1 1\n9 4 4 S 0.9\n"
    gold = read_gold(*write(tmp_path, links=links, source=NAACL_SOURCE, english=NAACL_ENGLISH))
    assert gold.source == ["das alte Haus", "ja , gern ."]
    assert sets(gold) == ([{(0, 0)}, {(0, 0), (3, 3)}], [{(0, 0), (1, 2)}, {(0, 0), (3, 3)}])


def test_english_first_swaps_the_tokens_of_links(tmp_path):
    files = write(tmp_path, links="7 1 2 S\n", source=NAACL_SOURCE, english=NAACL_ENGLISH)
    assert sets(read_gold(*files, english_first=True)) == ([{(1, 0)}, set()], [{(1, 0)}, set()])


def test_pharaoh_files_and_a_byte_order_mark(tmp_path):
    files = write(tmp_path, links="0-1 1?0\n\n", source="\ufeffa b\nc\n", english="d e\nf\n")
    gold = read_gold(*files)
    assert gold.source == ["a b", "c"]
    assert sets(gold) == ([{(0, 1)}, set()], [{(0, 1), (1, 0)}, set()])


def test_pharaoh_links_may_count_from_1_and_naacl_links_always_do(tmp_path):
    text = "das Haus ||| the house ||| 1-1 2?2\nja , gern ||| yes please ||| 1-1 3p2\n"
    links = [{(0, 0)}, {(0, 0)}], [{(0, 0), (1, 1)}, {(0, 0), (2, 1)}]
    assert sets(read_gold(*write(tmp_path, gold=text), one_based=True)) == links
    swapped = "das Haus ||| the house ||| 1-2\n"
    gold = read_gold(*write(tmp_path, gold=swapped), english_first=True, one_based=True)
    assert sets(gold) == ([{(1, 0)}], [{(1, 0)}])
    files = write(tmp_path, links="7 1 2 S\n", source=NAACL_SOURCE, english=NAACL_ENGLISH)
    assert sets(read_gold(*files, one_based=True)) == sets(read_gold(*files))


def test_the_options_in_params_are_those_of_the_reader(tmp_path):
    (path,) = write(tmp_path, gold="a b ||| c d ||| 1-2\n")
    for options, link in (({}, None), ({"english_first": True}, (1, 0)), ({}, (0, 1))):
        block = GoldSet.model_validate(
            {"links": str(path), "one_based": link is not None, **options}
        )
        if link is None:
            with pytest.raises(PipelineError, match="set one_based: true"):
                read_gold(**block.model_dump())
        else:
            assert sets(read_gold(**block.model_dump()))[0] == [{link}]


def test_one_base_for_the_other_is_named(tmp_path):
    (gold,) = write(tmp_path, gold="a b ||| c d ||| 1-1\na b ||| c d ||| 1-1 2-2\n")
    message = r"gold: line 2: a link of sentence 2 is past .* \(2 tokens, .*gold: line 2\): .*"
    with pytest.raises(PipelineError, match=f"{message}set one_based: true"):
        read_gold(gold)
    (gold,) = write(tmp_path, gold="a b ||| c d ||| 1-1\na b ||| c d ||| 0-1\n")
    with pytest.raises(PipelineError, match="gold: line 2: '0-1' counts tokens from 0: set one_"):
        read_gold(gold, one_based=True)


ODD_SPACES = "\u00a0\u2009\u3000\u2028\x85\x0b\x0c\x1c"


@pytest.mark.parametrize("space", ODD_SPACES)
def test_tokens_are_what_is_between_spaces(tmp_path, space):
    """Another kind of space is part of its token, at its ends too: links do not shift."""
    source, english = f"10{space}000 Euro {space}", f"{space} 10,000\t euros "
    links = "0-1 1-2 2-0"
    one = read_gold(*write(tmp_path, gold=f"{source}|||{english}||| {links}\r\n"))
    three = read_gold(*write(tmp_path, links=links, source=source, english=english))
    for gold in (one, three):
        assert gold.source == [f"10{space}000 Euro {space}"]
        assert gold.english == [f"{space} 10,000 euros"]
        assert sets(gold)[0] == [{(0, 1), (1, 2), (2, 0)}]


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"gold": "a ||| b ||| 0-0\n\u00a0 ||| b ||| 0-0\n ||| b |||\n"}, "gold: line 3: one side"),
        ({"gold": "a ||| b ||| 0-0\na ||| \t ||| 0-0\n"}, "gold: line 2: one side is empty"),
        ({"links": "0-0\n\n", "source": "a\nb\n", "english": "c\n\n"}, "english: line 2: one side"),
        (
            {"links": "1 1 1\n", "source": "<s snum=1> </s>\n", "english": "<s snum=1> b </s>\n"},
            "source: line 1: one side is empty: take the sentence out of the set",
        ),
        (
            {"links": "0-0\n", "source": "a ||| b\n", "english": "c\n"},
            "source: line 1: a token is |||",
        ),
        (
            {"links": "0-0\n\n", "source": "a\nb\n", "english": f"c\n{'d ' * 1025}\n"},
            "english: line 2: 1025 tokens, at most 1024 can be aligned",
        ),
    ],
)
def test_sentences_that_cannot_be_aligned_are_named_by_their_line(tmp_path, files, fault):
    with pytest.raises(PipelineError) as error:
        read_gold(*write(tmp_path, **files))
    assert str(error.value).startswith(f"{tmp_path}/{fault}")


@pytest.mark.parametrize(
    ("links", "fault"),
    [
        ("0-0\n", "1 lines of links for 2 sentences"),
        ("0-0\n0+0\n", "line 2: '0\\+0' is not a link"),
        ("0-0\n9-0\n", "line 2: a link of sentence 9 is past the end of the sentence"),
        ("0?0\n0?0\n", "has no sure links"),
        ("7 1 1 S\n8 1 1 S\n", "line 2: '8 1 1 S' is not a link like"),
        ("7 1 1 S\n7 0 1 S\n", "line 2: '7 0 1 S' is not a link like"),
        ("7 1 1 S\n9 1 5 S\n", "line 2: a link of sentence 9 is past the end of the sentence"),
        ("7 1 1 X\n7 1 1 S\n", "1 1 X|'7' is not a link"),
    ],
)
def test_faulty_links_are_named(tmp_path, links, fault):
    files = write(tmp_path, links=links, source=NAACL_SOURCE, english=NAACL_ENGLISH)
    with pytest.raises(PipelineError, match=fault):
        read_gold(*files)


def test_faulty_files_are_named(tmp_path):
    with pytest.raises(PipelineError, match="nowhere: cannot be read"):
        read_gold(tmp_path / "nowhere")
    with pytest.raises(PipelineError, match="line 2 is not source"):
        read_gold(*write(tmp_path, gold="a ||| b ||| 0-0\na ||| b\n"))
    with pytest.raises(PipelineError, match=r"2 sentences, but .*english: 1"):
        read_gold(*write(tmp_path, links="0-0\n\n", source="a\nb\n", english="c\n"))
    (tmp_path / "latin").write_bytes(b"caf\xe9 ||| coffee ||| 0-0\n")
    with pytest.raises(PipelineError, match="latin: cannot be read"):
        read_gold(tmp_path / "latin")


@pytest.mark.parametrize(
    ("links", "precision", "recall", "aer"),
    [
        ({(0, 0), (1, 1)}, 1, 1, 0),  # exactly the sure links
        ({(0, 0), (1, 1), (2, 1)}, 1, 1, 0),  # a possible link costs nothing
        ({(0, 0)}, 1, 1 / 2, 1 - 2 / 3),  # one of two sure links missed
        ({(0, 0), (2, 2)}, 1 / 2, 1 / 2, 1 - 2 / 4),  # one wrong, one missed
        ({(2, 1)}, 1, 0, 1 - 1 / 3),  # possible only
        (set(), 0, 0, 1),
    ],
)
def test_error_rates_examples(tmp_path, links, precision, recall, aer):
    gold = read_gold(*write(tmp_path, gold="a b c ||| d e f ||| 0-0 1-1 2?1\n"))
    rates = error_rates(from_pairs([links]), gold)
    assert rates["sentences"] == 1
    assert (rates["precision"], rates["recall"], rates["aer"]) == pytest.approx(
        (precision, recall, aer)
    )
