from pipeline.corpora.catalogue import CATALOGUE
from pipeline.corpora.licences import Rights, corpora_rights


def test_rights_are_those_of_the_catalogue_or_the_owner():
    found = corpora_rights({"de": ["tatoeba", "file:a.tsv"], "sw": ["https://host/x.zip"]})
    entry = CATALOGUE["tatoeba"]
    assert found[0] == Rights("de", "tatoeba", entry.version, "CC-BY-2.0-FR", entry.citation)
    assert [each.licence for each in found[1:]] == [
        "own file",
        "not in the catalogue: ask its publisher",
    ]
    assert [each.language for each in found] == ["de", "de", "sw"]


def test_every_corpus_of_the_catalogue_has_terms_and_a_citation():
    for each in corpora_rights({"de": CATALOGUE}):
        assert each.licence and each.citation
