"""Corpora of OPUS by name, from a real server with the layout of its store."""

import shutil
import zipfile

import pytest
from fault_server import Served, serve
from folder_server import serve_folder

from pipeline.common.errors import PipelineError
from pipeline.corpora.catalogue import CATALOGUE
from pipeline.corpora.licences import corpora_rights
from pipeline.corpora.names import CorpusShare, check_name
from pipeline.corpora.opus import opus_addresses, opus_codes
from pipeline.corpora.reading import read_corpora
from pipeline.corpora.text_rules import Tidy


@pytest.fixture
def store(tmp_path):
    """A folder as the store of OPUS serves it, and the address of the server."""
    folder = tmp_path / "store"
    folder.mkdir()
    with serve_folder(folder) as server:
        yield folder, server.url


def put(folder, pair, *, source="Dobar dan.\nVoda je hladna.\n", corpus="TED2020", version="v1"):
    code = pair.removeprefix("en-").removesuffix("-en")
    file = folder / f"OPUS-{corpus}" / version / "moses" / f"{pair}.txt.zip"
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{corpus}.{pair}.{code}", source)
        archive.writestr(f"{corpus}.{pair}.en", "Good day.\nThe water is cold.\n")
        archive.writestr("README", "x")
        archive.writestr("LICENSE", "x")


def read(name, language, tmp_path, checksums=None, **share):
    tables = read_corpora(
        [CorpusShare(name, **share)],
        language,
        tmp_path / "cache",
        Tidy(),
        max_pairs=10,
        sample="head",
        seed=1,
        checksums=checksums,
    )
    return [text for table in tables for text in table["source"].to_pylist()]


@pytest.mark.parametrize(
    ("language", "pair"),
    [
        ("sr", "en-sr"),
        ("af", "af-en"),
        ("no", "en-no"),
        ("nan", "en-nan"),
        ("pt-BR", "en-pt_br"),
        ("pt-BR", "en-pt_BR"),
        ("sr-Latn", "en-sr_Latn"),
        ("sr-Latn", "en-sr-Latn"),
        ("zh", "en-zh_cn"),
        ("zh", "cmn-en"),
        ("zh-Hant", "en-zh_TW"),
        ("de", "deu-en"),
        ("sr", "sr-en"),
    ],
)
def test_the_zip_is_where_the_store_has_it(store, tmp_path, language, pair, capsys):
    folder, address = store
    put(folder, pair)
    name = f"opus:TED2020@v1#endpoint={address}"
    assert read(name, language, tmp_path) == ["Dobar dan.", "Voda je hladna."]
    assert (
        f"corpus {name}: {address}/OPUS-TED2020/v1/moses/{pair}.txt.zip" in capsys.readouterr().err
    )


def test_a_code_and_limits_may_be_given(store, tmp_path):
    folder, address = store
    put(folder, "en-zh_tw", source="狗\n水\n", corpus="News.X-1", version="v2018-04")
    name = f"opus:News.X-1@v2018-04#code=zh_tw&endpoint={address}"
    assert read(name, "zh", tmp_path, max_pairs=1) == ["狗"]
    assert read(name, "zh", tmp_path, share=0.1) == ["狗"]


def test_a_region_or_script_is_never_replaced_by_the_language(store, tmp_path):
    folder, address = store
    put(folder, "en-pt")
    put(folder, "en-sr")
    put(folder, "en-zh")
    for language in ("pt-BR", "sr-Latn", "zh-Hant"):
        with pytest.raises(PipelineError, match="there is no"):
            read(f"opus:TED2020@v1#endpoint={address}", language, tmp_path)


def test_a_corpus_stays_the_file_that_was_read_first(store, tmp_path):
    """Also when the store gets a file under a likelier name, and offline."""
    folder, url = store
    checksums = tmp_path / "checksums.yaml"
    name = f"opus:TED2020@v1#endpoint={url}"
    put(folder, "en-pt_BR", source="Bom dia.\nA água está fria.\n")
    first = read(name, "pt-BR", tmp_path, checksums)
    put(folder, "en-pt-BR", source="Outro.\nOutra.\n")
    assert read(name, "pt-BR", tmp_path, checksums) == first
    shutil.rmtree(folder)
    offline = f"opus:TED2020@v1#endpoint={url}"
    assert read(offline, "pt-BR", tmp_path, checksums) == first
    assert len(checksums.read_text("utf-8").splitlines()) == 1


def test_a_corpus_of_which_the_head_is_enough_is_checked_too(store, tmp_path):
    """Its checksum is compared when it is closed, and another process may have listed one."""
    folder, url = store
    put(folder, "en-sr")
    checksums = tmp_path / "checksums.yaml"
    share = CorpusShare(f"opus:TED2020@v1#endpoint={url}", 1)
    options = {"max_pairs": 1, "sample": "head", "seed": 1, "checksums": checksums}
    tables = read_corpora([share], "sr", tmp_path / "cache", Tidy(), **options)
    assert len(next(tables)) == 1
    name = f"{url}/OPUS-TED2020/v1/moses/en-sr.txt.zip"
    checksums.write_text(f'"{name}": "{"0" * 64}"\n')
    with pytest.raises(PipelineError, match="sha256 is"):
        next(tables)


def test_an_absent_pair_names_what_was_tried(store, tmp_path):
    _, address = store
    with pytest.raises(PipelineError) as error:
        read(f"opus:TED2020@v9#endpoint={address}", "pt-BR", tmp_path)
    folder = f"{address}/OPUS-TED2020/v9/moses/"
    for pair in ("en-pt-BR", "en-pt_BR", "en-pt_br", "pt_BR-en"):
        assert f"{folder}{pair}.txt.zip" in str(error.value)
    assert "as in #code=pt_br" in str(error.value)
    assert not [*(tmp_path / "cache").rglob("*.zip*")]


def test_other_refusals_are_not_taken_for_absence(tmp_path):
    with serve(Served(b"", probed=True)) as server:
        server.served.fault = lambda *_: "403"
        with pytest.raises(PipelineError, match="HTTP 403, access denied"):
            read(f"opus:T@v1#endpoint={server.url}", "pt-BR", tmp_path)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("opus:TED2020", "write opus:CORPUS@VERSION"),
        ("opus:@v1", "write opus:CORPUS@VERSION"),
        ("opus:a/b@v1", "write opus:CORPUS@VERSION"),
        ("opus:TED2020@", "write opus:CORPUS@VERSION"),
        ("opus:TED2020@v1#member=x", "may have #code=, endpoint=, sha256= as its only options"),
        ("opus:TED2020@v1#code=", "as its only options"),
        ("opus:TED2020@v1#endpoint=https://a:hunter2@host", "holds credentials"),
    ],
)
def test_malformed_names_are_refused(name, message):
    with pytest.raises(PipelineError, match=message) as error:
        check_name(name)
    assert "hunter2" not in str(error.value)


def test_addresses_are_those_of_the_catalogue():
    for corpus, version, entry in (
        ("Europarl", "v8", "europarl"),
        ("TED2020", "v1", "ted2020"),
        ("CCAligned", "v1", "ccaligned"),
    ):
        for language in CATALOGUE[entry].pairs:
            address = CATALOGUE[entry].address_of(language)
            assert address in opus_addresses(f"opus:{corpus}@{version}", language)
    check_name("opus:TED2020@v1#sha256=" + "0" * 64)
    assert opus_addresses("opus:T@v1#sha256=ab", "de")[0].endswith(
        "#source=de&english=en&sha256=ab"
    )


def test_codes_of_a_language_are_spellings_of_it():
    assert opus_codes("de") == ["de", "deu"]
    assert opus_codes("nan") == ["nan"]
    assert opus_codes("es-419") == ["es-419", "es_419"]


def test_the_terms_are_on_the_page_of_opus():
    (rights,) = corpora_rights({"sr": ["opus:TED2020@v1#code=sr_x"]})
    assert (rights.version, rights.licence) == ("v1", "see its page at OPUS")
    assert "Tiedemann (2012)" in rights.citation
