"""Gold sets in XL-WA's format, and sentence numbers of NAACL files."""

import pytest

from pipeline.common.errors import PipelineError
from pipeline.word_align.gold import read_gold
from stages.blocks import GoldSet

# English, Spanish, links whose English token comes first.
XL_WA = "He was the father .\tFue padre .\t1-0 3-1 4-2\nYes ,  do\tSí\t0-0 2-0\nOh !\tAy\t\n"


def write(folder, **files):
    paths = []
    for name, text in files.items():
        (folder / name).write_bytes(text.encode())
        paths.append(folder / name)
    return paths


def sets(gold):
    return list(gold.sure.by_sentence())


@pytest.mark.parametrize("english_first", [False, True])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_xl_wa_has_english_first_whatever_the_option_says(tmp_path, english_first, end):
    (path,) = write(tmp_path, tsv="\ufeff" + XL_WA.replace("\n", end))
    gold = read_gold(path, english_first=english_first)
    assert gold.source == ["Fue padre .", "Sí", "Ay"]
    assert gold.english == ["He was the father .", "Yes , do", "Oh !"]
    assert sets(gold) == [{(0, 1), (1, 3), (2, 4)}, {(0, 0), (0, 2)}, set()]
    assert list(gold.possible.by_sentence()) == sets(gold)


def test_params_can_name_a_file_of_xl_wa(tmp_path):
    (path,) = write(tmp_path, tsv=XL_WA)
    block = GoldSet.model_validate({"links": str(path)})
    assert read_gold(**block.model_dump()).source == ["Fue padre .", "Sí", "Ay"]


def test_tabs_are_spaces_in_lines_with_bars(tmp_path):
    (path,) = write(tmp_path, gold="das\tHaus\t||| the house ||| 1-1\n")
    gold = read_gold(path)
    assert (gold.source, gold.english, sets(gold)) == (["das Haus"], ["the house"], [{(1, 1)}])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a\tb\t0-0\na\tb\n", "tsv: line 2 is not source ||| english ||| links, nor English, so"),
        ("a\tb\t0-0\t\n", "tsv: line 1 is not source"),
        ("a\tb\t0-0\n\tb\t0-0\n", "tsv: line 2: one side is empty: take"),
        ("a\tb\t0-0\na b\tc\t0-1\n", "tsv: line 2: a link of sentence 2 is past the end of the s"),
        ("a\tb\t0-0:0.9\n", "tsv: line 1: '0-0:0.9' is not a link like 0-0 or 1?2: correct it"),
        ("a b\n", "tsv: line 1 is not source"),
        ("", "tsv: has no sure links, which recall needs: add some"),
    ],
)
def test_faults_of_one_file_are_named(tmp_path, text, fault):
    (path,) = write(tmp_path, tsv=text)
    with pytest.raises(PipelineError) as error:
        read_gold(path)
    assert str(error.value).startswith(f"{tmp_path}/{fault}")


def numbered(*numbers):
    return "".join(f"<s snum={number}> a b </s>\n" for number in numbers)


def test_numbers_with_zeros_in_front_are_the_same_number(tmp_path):
    files = write(
        tmp_path,
        links="1 1 2 S\n0010 2 2\n",
        source=numbered("0001", "0010"),
        english=numbered("001", "10"),
    )
    assert sets(read_gold(*files)) == [{(0, 1)}, {(1, 1)}]


@pytest.mark.parametrize(
    ("source", "english", "fault"),
    [
        ((1, 2), (2, 1), "source: line 1: is sentence 1, but {}english: line 1: sentence 2: put b"),
        ((1, 1), (1, 1), "source: line 2: sentence 1 is also {}source: line 1: number each once"),
        ((1, 2), (1,), "source: 2 sentences, but {}english: 1: each sentence needs its translat"),
    ],
)
def test_numbers_of_both_sides_agree_and_are_unique(tmp_path, source, english, fault):
    files = write(tmp_path, links="1 1 1 S\n", source=numbered(*source), english=numbered(*english))
    with pytest.raises(PipelineError) as error:
        read_gold(*files)
    assert str(error.value).startswith(f"{tmp_path}/{fault.format(f'{tmp_path}/')}")


@pytest.mark.parametrize("side", ["source", "english"])
def test_one_side_alone_is_refused(tmp_path, side):
    (links,) = write(tmp_path, links="0-0\n")
    with pytest.raises(PipelineError, match="a: has one side: name source and english, or none"):
        read_gold(links, **{side: "a"})
