"""A run as the report's page takes it: real text, vectors drawn here, all else by the library."""

from itertools import product

import numpy as np
import pandas as pd
import yaml
from clones import ROOT
from tiny import build, read_text

from pipeline.align.objectives import UNALIGNED
from pipeline.analyses.accuracy_by_group import group_accuracies, hubness_by_method
from pipeline.analyses.agreement import agreement_bins
from pipeline.analyses.other_queries import gold_accuracies, sentence_accuracies
from pipeline.analyses.word_groups import CLASSES, LENGTHS, Bins
from pipeline.judge.finders import AGREED, FINDERS
from pipeline.report import nli
from pipeline.report.heldout import HeldOut, RetrievedWords
from pipeline.report.inference_data import data_of
from pipeline.report.language_groups import language_groups, marked
from pipeline.report.layers import LAYER_FIGURES, group_layers
from pipeline.report.page import ReportContent
from pipeline.report.protocols import BINS, protocol_means, protocol_rows
from pipeline.report.retrieval import analysis_means, retrieval_rows
from pipeline.report.run_setting import RunSetting
from pipeline.retrieval.csls import retrieve
from pipeline.retrieval.results import neighbours, outcomes
from pipeline.retrieval.tsne_map import word_map
from stages.merging import merged, read_blocks
from stages.params import parse_params

METHODS = ("base", "l2")
LANGUAGES = ("de", "fr")
NOISE = {"base": 1.6, "l2": 0.7}


def make_test(language):
    pairs = build(language, test=40)["test"][1].to_pandas()
    lines, sentence = np.unique(pairs["line"], return_inverse=True)
    text = read_text(language).iloc[lines]
    found_by = np.random.default_rng(3).choice(np.array(FINDERS, object), len(pairs))
    return HeldOut(pairs, sentence, list(text["source"]), list(text["english"]), found_by)


def make_retrieved(test, methods, seed):
    """Vectors of word types, by method with more or less noise on the source side."""
    random = np.random.default_rng(seed)
    types = {word: random.normal(size=24) for word in sorted(set(test.pairs["english_word"]))}
    english = np.array([types[word] for word in test.pairs["english_word"]])
    english = english + 0.3 * random.normal(size=english.shape)
    retrieved = {}
    for method in methods:
        source = english + NOISE[method] * random.normal(size=english.shape)
        csls = retrieve(source, english, 10, near=10)["csls"]
        places = word_map(test.pairs, source, english)
        retrieved[method] = RetrievedWords(outcomes(csls), neighbours(csls), places)
    return retrieved


def make_analyses(tests, retrieved):
    random = np.random.default_rng(5)
    frames = []
    for language, test in tests.items():
        ranks = {method: each.outcomes for method, each in retrieved[language].items()}
        bins = {
            name: Bins(names, *random.choice(np.array(names, object), (2, len(test.pairs))))
            for name, names in (("class", CLASSES), ("length", LENGTHS))
        }
        bins |= agreement_bins(test.found_by, 1)
        rows = group_accuracies(ranks, test.sentence, bins, 200, 1)
        frames.append(rows.assign(language=language))
    return pd.concat(frames, ignore_index=True)


def make_other_queries(languages, methods):
    """Gold words and sentences of each language, some of them retrieved."""
    random = np.random.default_rng(6)
    arrow = {"to_english": "{} → en", "from_english": "en → {}"}
    tables = {"gold_retrieval": [], "sentences": []}
    for language in languages:
        lines = pd.DataFrame({"set": language, "line": np.arange(30) // 3})
        gold = {m: lines.assign(**ranks(random, "{}_rank")) for m in methods}
        sentences = {
            m: pd.DataFrame(ranks(random, "{}_cosine_rank") | ranks(random, "{}_margin_rank"))
            for m in methods
        }
        tables["gold_retrieval"].append(gold_accuracies(gold, 200, 1).assign(language=language))
        tables["sentences"].append(sentence_accuracies(sentences, 200, 1).assign(language=language))
    shown = {}
    for name, frames in tables.items():
        rows = pd.concat(frames, ignore_index=True)
        rows = rows[rows["direction"] != "mean"]
        sides = zip(rows["direction"], rows["language"], strict=True)
        query = pd.Series([arrow[side].format(code) for side, code in sides], rows.index)
        shown[name] = rows.assign(query=query, bar=query + " " + rows["method"])
    return shown


def ranks(random, column):
    return {column.format(way): random.integers(0, 3, 30) for way in ("to_english", "from_english")}


def make_hubness(retrieved, unaligned):
    frames = [
        hubness_by_method({name: each.outcomes for name, each in methods.items()}).assign(
            language=language
        )
        for language, methods in retrieved.items()
    ]
    rows = pd.concat(frames, ignore_index=True)
    arrow = {"to_english": "{} → en", "from_english": "en → {}"}
    sides = zip(rows.direction, rows.language, strict=True)
    query = [marked(arrow[side].format(code), code, unaligned) for side, code in sides]
    return rows.assign(query=query)


def make_inference(methods, unaligned):
    random = np.random.default_rng(2)
    rows = [
        (method, seed, language, row, row, bool(random.random() < share))
        for method, share in zip(methods, (0.5, 0.7), strict=False)
        for seed in (1, 2)
        for language in ("en", *LANGUAGES)
        for row in range(90)
    ]
    columns = ["method", "seed", "language", "row", "id", "right"]
    zero_shot = pd.DataFrame(rows, columns=columns)
    ceiling = zero_shot[(zero_shot.method == "base") & (zero_shot.language == "de")]
    ceiling = ceiling.assign(method="de", right=True)
    return nli.tables(zero_shot, ceiling, unaligned, resamples=200)


def make_precision(languages):
    rows = [
        (code, code, pairs, 48, 100, share, precision, precision - 0.1, precision + 0.02)
        for code in languages
        for pairs, share, precision in (("all", 1.0, 0.8), ("agreed", 0.75, 0.95))
    ]
    columns = ["language", "gold", "pairs", "sentences", "links", "share", "precision"]
    return pd.DataFrame(rows, columns=[*columns, "low", "high"])


def make_layers(methods, groups):
    rows = pd.DataFrame({"layer": [0, 12], **{each: [0.25, 0.5] for each in methods}})
    names = ("layers" if kind == "words" else f"layers_{kind}" for kind in LAYER_FIGURES)
    return {name: group_layers([rows] * groups) for name in names}


def make_tables(methods, languages, analyses, retrieved, unaligned=()):
    steps = [("l2", step, 1 / step, step / 9, step / 5 if step > 2 else None) for step in (1, 2, 3)]
    kinds = ("types", "contextual types", "contextual")
    context = [
        (*each, "to_english", 9, kind, 0.5, "")
        for *each, kind in product(languages, methods, kinds)
    ]
    aligners = ("word_align", *methods)
    gold = [
        (each, each, name, 48, 0.8, 0.6, 0.31, "") for each, name in product(languages, aligners)
    ]
    columns = ["language", "gold", "aligner", "sentences", "precision", "recall", "aer", "bar"]
    return {
        "retrieval": retrieval_rows(analyses, unaligned, of=BINS[AGREED]),
        "protocols": protocol_rows(analyses, unaligned),
        "precision": make_precision(languages),
        **make_other_queries(languages, methods),
        **{f"analyses/{name}": table for name, table in analysis_means(analyses).items()},
        "hubness": make_hubness(retrieved, unaligned),
        **make_layers(methods, len(language_groups(languages, unaligned))),
        "noncontextual": pd.DataFrame(
            context,
            columns=["language", "method", "direction", "pairs", "vectors", "accuracy", "bar"],
        ),
        "training": pd.DataFrame(
            steps if "l2" in methods else [],
            columns=["method", "step", "loss", "regularizer", "dev"],
        ),
        "gold": pd.DataFrame(gold, columns=columns),
        "cleaning": pd.DataFrame(
            [(each, "kept", 4321, "") for each in languages],
            columns=["language", "fate", "pairs", "bar"],
        ),
        **make_inference(methods, unaligned),
    }


def read_params(*configs, **blocks):
    """The shipped params with files of configs/ and some blocks merged into them."""
    given = [read_blocks(ROOT / path) for path in ("params.yaml", *configs)]
    return parse_params(yaml.safe_dump(merged({}, *given, blocks)), "params.yaml")


def make_setting(params, pairs=10**6):
    """The setting of a run with these params, and with that many training pairs per language."""
    corpora = {code: params.languages[code].corpus for code in params.aligned}
    methods = {name: vars(params.method(name)) for name in params.methods}
    return RunSetting(
        encoder=params.encoder.name,
        corpora={code: [each.name for each in names] for code, names in corpora.items()},
        pairs=dict.fromkeys(corpora, pairs),
        blocks={name: getattr(params, name) for name in ("tokenize", "pairs", "word_align")},
        methods={
            name: {} if each["objective"] == UNALIGNED else each for name, each in methods.items()
        },
        data=data_of(params.nli.model_dump()),
        epochs=params.xnli.tuning.epochs,
    )


def make_run(methods=METHODS, languages=LANGUAGES, setting=None, unaligned=()):
    """`setting` is that of the shipped params, if it is not given."""
    tests = {language: make_test(language) for language in languages}
    retrieved = {
        language: make_retrieved(test, methods, number)
        for number, (language, test) in enumerate(tests.items())
    }
    analyses = make_analyses(tests, retrieved)
    means = protocol_means(tests, retrieved, unaligned, 200, 1)
    return ReportContent(
        setting=setting
        or make_setting(read_params(methods=list(methods), release={"method": methods[0]})),
        methods=list(methods),
        pairs=AGREED,
        right="Most pairs are right.",
        headlines=means[AGREED],
        protocols=means,
        analyses=analyses,
        tables=make_tables(methods, languages, analyses, retrieved, unaligned),
        tests=tests,
        retrieved=retrieved,
        corpora=pd.DataFrame(
            [("tatoeba", "de (4,321)", "v1", "CC-BY-2.0-FR", "tatoeba.org")],
            columns=["corpus", "languages", "version", "licence", "cite"],
        ),
        provenance=pd.DataFrame(
            [("l2", "params", "objective", "l2")], columns=["method", "part", "fact", "value"]
        ),
        unaligned=unaligned,
    )
