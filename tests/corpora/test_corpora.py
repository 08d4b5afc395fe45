import zipfile

import pytest
from corpora_read import read, read_all
from tiny import TEXT

from pipeline.common.errors import PipelineError
from pipeline.corpora.catalogue import CATALOGUE, LANGUAGES
from pipeline.corpora.names import CorpusShare, check_name, parse_corpus


def test_file_keeps_the_order_of_its_lines(tmp_path):
    bitext = read(f"file:{TEXT / 'fr.tsv'}", "fr", tmp_path, max_pairs=3)
    assert list(bitext.english) == [
        "The dog sleeps under the old table.",
        "My sister bought three red apples yesterday.",
        "We are going to the market tomorrow.",
    ]
    assert list(bitext.line) == [1, 2, 3]


def test_the_language_selects_the_path_and_the_side(tmp_path):
    (tmp_path / "a.de").write_text("Hund\n")
    (tmp_path / "a.en").write_text("dog\n")
    bitext = read(f"file:{tmp_path}/a.{{language}},{tmp_path}/a.en", "de", tmp_path)
    assert bitext[["source", "english"]].values.tolist() == [["Hund", "dog"]]


def test_a_corpus_without_usable_lines_says_why(tmp_path):
    (tmp_path / "a.tsv").write_text("a\t\n|||\tb\n\tc\n")
    message = r"is empty for de, 3 of 3 lines dropped \(2 empty, 1 \|\|\|\): name another corpus"
    with pytest.raises(PipelineError, match=message):
        read(f"file:{tmp_path}/a.tsv", "de", tmp_path)


def test_swapped_sides_of_another_script_are_refused(tmp_path):
    (tmp_path / "a.tsv").write_text("Good day.\tΚαλημέρα.\nThe dog.\tΟ σκύλος.\n", "utf-8")
    message = r"a.tsv': its English side is in another script, such as 'Καλημέρα.': swap the sides"
    with pytest.raises(PipelineError, match=message):
        read(f"file:{tmp_path}/a.tsv", "el", tmp_path)
    bitext = read(f"file:{tmp_path}/a.tsv#header=english,source", "el", tmp_path)
    assert list(bitext.english) == ["Good day.", "The dog."]


def test_options_of_an_address_reach_the_reader(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("x/de.tsv", "1\tthe dog\tder Hund\n")
    options = "member={language}.tsv&header=n,b,a&source=a&english=b"
    bitext = read(f"file:{tmp_path}/a.zip#{options}", "de", tmp_path)
    assert bitext[["source", "english"]].values.tolist() == [["der Hund", "the dog"]]


def write(path, *words):
    path.write_text("".join(f"{word}\t{word} en\n" for word in words))
    return f"file:{path}"


def test_several_corpora_follow_each_other_with_caps_and_shares(tmp_path):
    first = write(tmp_path / "a.tsv", *"abcdefgh")
    second = write(tmp_path / "b.tsv", *"hijklmno")
    third = write(tmp_path / "c.tsv", *"pqrstuvw")
    sources = [CorpusShare(first, max_pairs=3), CorpusShare(second, share=0.2), CorpusShare(third)]
    bitext, counts = read_all(sources, "de", tmp_path, max_pairs=10)
    assert "".join(bitext.source) == "abc" + "hi" + "pqrst"
    assert list(bitext.corpus) == [first] * 3 + [second] * 2 + [third] * 5
    assert counts["kept"] == 10


def test_a_pair_of_two_corpora_counts_once(tmp_path):
    sources = [CorpusShare(write(tmp_path / f"{n}.tsv", *"ab", n)) for n in "xy"]
    bitext, counts = read_all(sources, "de", tmp_path, max_pairs=9)
    assert "".join(bitext.source) == "abxy"
    assert counts["dropped: repeated"] == 2


def test_the_reservoir_reaches_beyond_the_head(tmp_path):
    name = write(tmp_path / "a.tsv", *"abcdefghijklmnopqrstuvwxyz")
    lines = read(name, "de", tmp_path, max_pairs=5, sample="reservoir").line
    assert list(lines) == sorted(lines)
    assert max(lines) > 5
    again = read(name, "de", tmp_path, max_pairs=5, sample="reservoir").line
    assert list(again) == list(lines)
    other = read(name, "de", tmp_path, max_pairs=5, sample="reservoir", seed=2).line
    assert list(other) != list(lines)


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("pt-BR", "pt_br"),
        ("sr-Latn", "sr_Latn"),
        ("zh-Hant", "ZH-HANT"),
        ("nan", "nan"),
        ("no", "no"),
    ],
)
def test_a_file_with_codes_has_the_language_in_any_spelling(tmp_path, language, written):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(f"X.en-{written}.{written}", "a b\n")
        archive.writestr(f"X.en-{written}.en", "c d\n")
    (tmp_path / "a.tmx").write_text(
        f"<tmx version='1.4'><body><tu><tuv xml:lang='{written}'><seg>a b</seg></tuv>"
        "<tuv xml:lang='EN-us'><seg>c d</seg></tuv></tu></body></tmx>"
    )
    (tmp_path / f"{language}.tsv").write_text("a b\tc d\n")
    for name in ("a.zip", "a.tmx", "{language}.tsv"):
        bitext = read(f"file:{tmp_path}/{name}", language, tmp_path)
        assert bitext[["source", "english"]].values.tolist() == [["a b", "c d"]]


def test_unknown_corpus_and_uncovered_language_name_what_there_is(tmp_path):
    with pytest.raises(PipelineError, match="'europal': not one of software, bible, opus-100, eur"):
        check_name("europal")
    with pytest.raises(
        PipelineError, match=r"'software': has no sw: it covers ar, bg.*opus:CORPUS@VER"
    ):
        read("software", "sw", tmp_path)


@pytest.mark.parametrize(
    "name", ["ftp://host/a.tsv", "file:", "https:a.tsv", "file:a.csv#from=de", "x:y", "hf"]
)
def test_other_addresses_are_refused(name):
    with pytest.raises(PipelineError):
        check_name(name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("hf:org/name@main/a.parquet", "with a commit of 40 hex digits"),
        ("package:name==1.0/a.tsv", "with the wheel's sha256"),
    ],
)
def test_mutable_sources_must_be_pinned(tmp_path, name, message):
    with pytest.raises(PipelineError, match=message):
        read(name, "de", tmp_path)


def test_every_language_of_xnli_has_two_corpora_and_every_entry_says_its_terms():
    for language in LANGUAGES:
        kinds = [entry.kind for entry in CATALOGUE.values() if language in entry.pairs]
        assert kinds.count("opus") >= 2, language
    for entry in CATALOGUE.values():
        assert entry.version and entry.licence and entry.citation
        assert set(entry.pairs) <= set(LANGUAGES)
        assert set(entry.codes) <= set(entry.pairs)


def test_addresses_have_the_codes_in_alphabetical_order():
    europarl = CATALOGUE["europarl"].address_of("bg")
    assert europarl.endswith("/OPUS-Europarl/v8/moses/bg-en.txt.zip#source=bg&english=en")
    chinese = CATALOGUE["ted2020"].address_of("zh")
    assert chinese.endswith("/OPUS-TED2020/v1/moses/en-zh_cn.txt.zip#source=zh_cn&english=en")
    for entry in CATALOGUE.values():
        for language in entry.pairs if entry.address else ():
            parse_corpus(entry.address_of(language), language)
