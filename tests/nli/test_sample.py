"""The hand-written NLI sample: its shape, its balance, its grammar as far as patterns can tell."""

import re
from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest
import yaml
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from pipeline.nli.labels import LABELS
from pipeline.nli.sample import SAMPLE_COLUMNS, build_sample

SOURCES = Path(__file__).parents[2] / "data" / "nli"
LANGUAGES = ["en", "bg", "de", "el", "es", "fr"]
SIZES = {"train": 3000, "dev": 300, "test": 600}


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    """The sample at full size."""
    return build_sample(SOURCES, **SIZES, seed=1)


def texts(sample: pd.DataFrame, language: str) -> list[str]:
    """All different texts of a language."""
    own = sample[sample["language"] == language]
    return sorted({*own["premise"], *own["hypothesis"]})


def test_sizes_and_order(sample: pd.DataFrame) -> None:
    assert list(sample.columns) == SAMPLE_COLUMNS
    assert len(sample) == sum(SIZES.values()) * len(LANGUAGES)
    assert list(sample["split"].unique()) == ["train", "dev", "test"]
    assert list(sample["language"][: len(LANGUAGES)]) == LANGUAGES
    assert sample["id"].is_monotonic_increasing
    counts = sample.groupby(["split", "language"]).size()
    assert all(counts[split, language] == SIZES[split] for split, language in counts.index)


def test_labels_and_phenomena_are_balanced(sample: pd.DataFrame) -> None:
    counts = sample.groupby(["split", "language", "label"]).size()
    assert set(sample["label"]) == set(LABELS)
    assert all(counts[key] * 3 == SIZES[key[0]] for key in counts.index)
    train = sample[(sample["split"] == "train") & (sample["language"] == "en")]
    phenomena = train["phenomenon"].value_counts()
    assert len(phenomena) >= 12
    assert phenomena.max() - phenomena.min() <= len(LABELS)


def test_languages_are_parallel(sample: pd.DataFrame) -> None:
    for column in ("split", "label", "phenomenon"):
        assert (sample.groupby("id")[column].nunique() == 1).all()
    assert (sample.groupby("id")["language"].nunique() == len(LANGUAGES)).all()
    # Fills that are the same sentence in one language are the same sentence in all.
    english = sample[sample["language"] == "en"].set_index("id")["hypothesis"]
    for language in LANGUAGES[1:]:
        own = sample[sample["language"] == language].set_index("id")["hypothesis"]
        assert (own.groupby(english).nunique() == 1).all()
        assert own.nunique() == english.nunique()


def test_no_duplicates(sample: pd.DataFrame) -> None:
    assert not sample.duplicated(["language", "premise", "hypothesis"]).any()
    assert (sample.groupby(["language", "hypothesis"])["split"].nunique() == 1).all()
    assert (sample["premise"] != sample["hypothesis"]).all()
    # Nor do the examples of one hypothesis stand together.
    english = sample[sample["language"] == "en"]["hypothesis"]
    assert (english == english.shift()).mean() < 0.02


def test_seed_determines_sample(sample: pd.DataFrame) -> None:
    again = build_sample(SOURCES, **SIZES, seed=1)
    pd.testing.assert_frame_equal(sample, again)
    assert not sample.equals(build_sample(SOURCES, **SIZES, seed=2))


def test_each_hypothesis_has_each_label_once(sample: pd.DataFrame) -> None:
    labels = sample.groupby(["language", "hypothesis"])["label"].agg(sorted)
    assert (labels.map(tuple) == tuple(sorted(LABELS))).all()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_hypothesis_alone_is_chance(sample: pd.DataFrame, language: str) -> None:
    own = sample[sample["language"] == language]
    train, test = own[own["split"] == "train"], own[own["split"] == "test"]
    model = make_pipeline(CountVectorizer(), LogisticRegression())
    accuracy = model.fit(train["hypothesis"], train["label"]).score(
        test["hypothesis"], test["label"]
    )
    majority = (test["label"] == train["label"].mode()[0]).mean()
    assert accuracy <= 0.40
    assert majority <= 0.40


def test_bag_of_words_stays_low(sample: pd.DataFrame) -> None:
    own = sample[sample["language"] == "en"]
    train, test = own[own["split"] == "train"], own[own["split"] == "test"]
    model = make_pipeline(CountVectorizer(), LogisticRegression(max_iter=300))
    model.fit(train["premise"] + " " + train["hypothesis"], train["label"])
    both = test["premise"] + " " + test["hypothesis"]
    assert model.score(both, test["label"]) <= 0.55


# Each mistake with a sentence that has it.
MISTAKES = {
    "en": [
        (r"\ba [aeio]|\ba umb", "Maria lost a umbrella."),
        (r"\ban [^aeiou]", "Maria saw an dog."),
        (r"\bare (at least|only) one\b", "There are at least one bag in the park."),
        (r"^\w+ and \w+ is ", "Maria and Paul is singing."),
    ],
    "bg": [
        (r"[A-Za-z]", "Mария пее."),
        (r"\b[Вв] [вфВФ]|\b[Вв]ъв [^вфВФ]", "Мария живее в Виена."),
        (r"\b(от|на|до|зад|под|върху|в) \w+(ът|ят)\b", "Мария дойде с човек от паркът."),
        (r"^(Лекаря|Готвача|Пилота|Хлебаря|Механика)\b", "Лекаря пее."),
        (
            r"\b(два|три|четири|пет|шест|десет) (ножове|телефони|ключове|пръстени)",
            "Има два ключове.",
        ),
        (r"\bдва \w+и\b|\bдве \w+ата?\b", "Има два чанти."),
        (r"^(Никой|Никоя|Никое)(?!.* не )", "Никой пее в парка."),
        (r"\bпо [а-я]", "Мария е по висока от Павел."),
    ],
    "de": [
        (r"\b([Ii]n|[Aa]n|[Vv]on) dem\b", "Paul singt in dem Park."),
        (r"\bk?ein [a-zäöüß]+en? [A-ZÄÖÜ]", "Paul hat ein rote Buch gekauft."),
        (r"\bk?einen [a-zäöüß]+(e|es) [A-ZÄÖÜ]", "Paul hat einen rote Ring gekauft."),
        (r"\bk?eine [a-zäöüß]+(en|es) [A-ZÄÖÜ]", "Paul hat eine roten Lampe gekauft."),
        (r"\b(?<!von )([Dd]er|[Dd]en|ein|[Kk]ein) (Lehrer|Sänger)in\b", "Kein Lehrerin singt."),
        (r"\bhat (.* )?k?ein (Hut|Ring|Ball|Mantel|Korb|Teller)\b", "Paul hat ein Hut gekauft."),
        (r"\b(gekauft|gegeben|geliehen|bekommen|gesehen) ", "Paul hat gekauft einen Hut."),
        (r"[^,] (sondern|aber)\b", "Paul singt aber Nina tanzt."),
    ],
    "el": [
        (r"[A-Za-z]", "O Παύλος τραγουδάει."),
        (r"σ\b|ς\B", "Ο Παύλοσ τραγουδάει."),
        (r"\bσ?τη ([κπτξψΚΠΤ]|γκ|μπ|[νΝ]τ|[αεηιουωάέήίόύώ])", "Ο Παύλος είδε τη Κλάρα."),
        (r"\bσ?την (?![κπτξψΚΠΤ]|γκ|μπ|[νΝ]τ|[αεηιουωάέήίόύώ])", "Ο Παύλος είδε την Μαρία."),
        (r"\b(τον|στον|έναν) \w+ς\b", "Η Νίνα είδε τον Παύλος."),
        (r"\bσε τ(ο|η|ον|ην)\b", "Η Νίνα μένει σε το Παρίσι."),
        (r" (και|ή|ούτε|από|όσο|μετά) [Α-Ω]", "Η Νίνα και Παύλος τραγουδούν."),
        (
            r"\b(?![Α-ω]*[άέήίόύώΆΈΉΊΌΎΏ])[Α-ω]*[αεηιουω][βγδζθκ-νξπρστφχψ]+[αεηιουω]",
            "Ο Παύλος τραγουδουν.",
        ),
    ],
    "es": [
        (r"\b([Aa]|[Dd]e) el\b", "Nina invitó a el médico."),
        (r"\by h?[iíIÍ]|\bo h?[oó]", "Nina y Inés cantan."),
        (r"\b(una|ninguna) \w+a (?!no\b)\w+o\b", "Nina compró una cámara negro."),
        (r"\b(un|ningún) \w+o \w+a\b", "Nina compró un libro roja."),
        (r"\b[Ee]l \w+ fue \w+a\b|\b[Ll]a \w+ fue \w+o\b", "La maestra fue invitado por Nina."),
        (r"\bno \w+ una?\b", "Nina no compró un libro."),
        (r"^(?!.*\bno\b).+ (ningun|ningún|nada)", "Nina compró ningún libro."),
        (r"\b(invitó|acompañó|rescató|engañó) (el|la)\b", "Nina invitó la maestra."),
    ],
    "fr": [
        (r"\b(de|à) les?\b", "Nina parle à le serveur."),
        (r"\b([Ll][ea]|[Dd]e|ne|que|se) [aeiouhéèêâîôAEIOUÉ]", "Nina est la infirmière."),
        (r"\bpas (acheté |prêté )?(un|une|des)\b", "Nina n'a pas acheté un livre."),
        (r"\bune \w+ (bleu|vert|noir|blanc)\b", "Nina a acheté une lampe vert."),
        (
            r"^La \w+ a été \w+[éiu] par|^Le \w+ a été \w+e par",
            "La vendeuse a été invité par Nina.",
        ),
        (r"\b(Marie|Nina|Clara) est (parti|arrivé)\b", "Nina est parti avant Paul."),
        (r"\b(Paul|Daniel|Victor) est \w+ée?\b(?<!é)", "Paul est arrivée avant Nina."),
        (r"^(Personne|Aucune?)\b(?! (\w+ )?(ne |n'))", "Personne chante."),
        (r"^(?!.*\bn(e |')).* pas\b", "Nina chante pas."),
    ],
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_one_clean_sentence(sample: pd.DataFrame, language: str) -> None:
    for text in texts(sample, language):
        assert re.fullmatch(r"[^\W\d_][^.{}_\d]*\w\.", text), text
        assert text[0].isupper(), text
        assert "  " not in text, text
        assert 2 <= len(text.split()) <= 13, text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_has_a_known_mistake(sample: pd.DataFrame, language: str) -> None:
    for mistake, wrong in MISTAKES[language]:
        assert re.search(mistake, wrong), f"{mistake} does not find {wrong}"
        found = [text for text in texts(sample, language) if re.search(mistake, text)]
        assert not found, (mistake, found[:3])


def test_a_template_uses_the_same_slots_in_every_language() -> None:
    slots = defaultdict(set)
    for language in LANGUAGES:
        sentences = yaml.safe_load((SOURCES / f"{language}.yaml").read_text("utf-8"))["sentences"]
        for key, template in sentences.items():
            slots[key].add(frozenset(re.findall(r"\{(\w)\.", template)))
    assert not {key for key, found in slots.items() if len(found) > 1}
