"""Build the hand-written NLI sample: parallel sentence pairs made from word lists.

`patterns.yaml` relates sentence templates to each other. One file per language (`en.yaml`, ...)
has the words, with every inflected form written out, and the templates.

A *fill* is a pattern with an item in every slot. It gives one hypothesis and three premises,
one per label, so the hypothesis alone says nothing about the label.
The *key* of a fill, which decides the split, is its phenomenon and the items of its hypothesis.
Each key is used once: within a phenomenon, no test hypothesis combines the same content words as
a train hypothesis, even in another pattern (negated, passive) or order. The individual words do
occur in train. No hypothesis text occurs in two fills, in any language.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product, zip_longest
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import yaml

from ..common.errors import PipelineError
from .labels import LABELS

SAMPLE_COLUMNS = ["split", "id", "language", "premise", "hypothesis", "label", "phenomenon"]
PATTERNS_FILE = "patterns.yaml"
YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the first is faster
# {slot.form}; the form may contain further fields: {k.acc_{t.gender}}.
FIELD = re.compile(r"\{\w+\.(?:\w|\{\w+\.\w+\})+\}")
INNER = re.compile(r"\{(\w+)\.(\w+)\}")
SLOT = re.compile(r"\{(\w+)\.")

Fill = Mapping[str, str]  # slot -> item


@dataclass(frozen=True)
class Grammar:
    """The words and templates of one language file; item names are unique across classes."""

    path: Path
    classes: Mapping[str, Sequence[str]]  # lexical class -> items
    words: Mapping[str, Mapping[str, str]]  # item -> form -> string
    sentences: Mapping[str, str]


@dataclass(frozen=True)
class Pattern:
    """One hypothesis template with a premise template for each label."""

    phenomenon: str
    slots: Mapping[str, Sequence[str]]  # slot -> items
    hypothesis: str
    premises: Mapping[str, str]  # label -> key of a sentence template


def build_sample(folder: Path, *, train: int, dev: int, test: int, seed: int) -> pd.DataFrame:
    """The sample as a table, with one row per example and language.

    Columns: split, id, language, premise, hypothesis, label, phenomenon.  Rows are
    ordered by split (train, dev, test), id and language; rows with the same id are translations.
    Sizes count examples per language; the three labels are equally frequent in each split.

    Raises PipelineError if a size is not a multiple of three or exceeds what can be built, or if a
    file of `folder` is missing, unreadable or lacks a word, a form or a template.
    """
    sizes = {"train": train, "dev": dev, "test": test}
    for split, size in sizes.items():
        if size < 0 or size % len(LABELS):
            raise PipelineError(f"{split}={size}: give a multiple of {len(LABELS)}, 0 or more")
    languages, patterns = _read_sources(folder)
    rng = Random(seed)
    wanted = sum(sizes.values()) // len(LABELS)
    fills = list(islice(_draw_fills(patterns, languages, rng), wanted))
    if len(fills) < wanted:
        most = f"the words give {len(fills) * len(LABELS)} examples in all"
        raise PipelineError(f"{folder / PATTERNS_FILE}: {most}; ask for fewer or add words")
    rows: list[tuple[object, ...]] = []
    first = 0
    for split, size in sizes.items():
        chosen = fills[first // len(LABELS) : (first + size) // len(LABELS)]
        examples = [(*fill, label) for fill in chosen for label in LABELS]
        rng.shuffle(examples)
        for number, (pattern, fill, label) in enumerate(examples, start=first):
            for language in languages:
                premise = _render(language, pattern.premises[label], fill)
                hypothesis = _render(language, pattern.hypothesis, fill)
                code = language.path.stem
                rows.append((split, number, code, premise, hypothesis, label, pattern.phenomenon))
        first += size
    return pd.DataFrame(rows, columns=SAMPLE_COLUMNS)


def _draw_fills(
    patterns: Sequence[Pattern], languages: Sequence[Grammar], rng: Random
) -> Iterator[tuple[Pattern, Fill]]:
    """All fills with new keys and new hypotheses, alternating phenomena."""
    groups: dict[str, list[Pattern]] = {}
    for pattern in patterns:
        groups.setdefault(pattern.phenomenon, []).append(pattern)
    texts: set[str] = set()  # the hypotheses of all phenomena
    return _alternate([_fills_of(group, languages, texts, rng) for group in groups.values()])


def _fills_of(
    group: Sequence[Pattern], languages: Sequence[Grammar], texts: set[str], rng: Random
) -> Iterator[tuple[Pattern, Fill]]:
    """Fills of one phenomenon, alternating its patterns; adds hypotheses to `texts`."""
    keys: set[frozenset[str]] = set()

    def fills(pattern: Pattern) -> Iterator[tuple[Pattern, Fill]]:
        for fill in _hypothesis_fills(pattern, languages, rng):
            key = frozenset(fill.values())
            hypotheses = {f"{g.path} {_render(g, pattern.hypothesis, fill)}" for g in languages}
            if key not in keys and not hypotheses & texts:
                keys.add(key)
                texts.update(hypotheses)
                yield pattern, _complete(pattern, fill, rng)

    return _alternate([fills(pattern) for pattern in group])


def _alternate(sources: Sequence[Iterator[tuple[Pattern, Fill]]]) -> Iterator[tuple[Pattern, Fill]]:
    """Take one element of each source in rotation, skipping exhausted sources."""
    for row in zip_longest(*sources):
        yield from filter(None, row)


def _hypothesis_fills(pattern: Pattern, languages: Sequence[Grammar], rng: Random) -> list[Fill]:
    """All ways to fill the slots of the hypothesis, in random order."""
    used = _slots(" ".join(language.sentences[pattern.hypothesis] for language in languages))
    fills: list[Fill] = [
        dict(zip(used, items, strict=True))
        for items in product(*(pattern.slots[slot] for slot in used))
        if len(set(items)) == len(items)
    ]
    rng.shuffle(fills)
    return fills


def _complete(pattern: Pattern, fill: Fill, rng: Random) -> Fill:
    """`fill` with the slots that only the premises use filled at random, no item twice."""
    whole = dict(fill)
    for slot, items in pattern.slots.items():
        if slot not in whole:
            whole[slot] = rng.choice([item for item in items if item not in whole.values()])
    return whole


def _slots(template: str) -> list[str]:
    return list(dict.fromkeys(SLOT.findall(template)))


def _render(language: Grammar, key: str, fill: Fill) -> str:
    """The sentence `key` with the words of `fill`, first letter capitalized."""
    text = _expand(language, key, language.sentences[key], fill)
    return text[0].upper() + text[1:]


def _expand(language: Grammar, key: str, text: str, fill: Fill) -> str:
    """`text`, all or part of the template `key`, with its fields replaced, innermost first."""

    def word(match: re.Match[str]) -> str:
        item, form = fill[match[1]], match[2]
        if form not in language.words[item]:
            detail = f"{item} has no form {form}, which sentences.{key} needs; add it"
            raise PipelineError(f"{language.path}: {detail}")
        return language.words[item][form]

    while "{" in text:
        text = INNER.sub(word, text)
    return text


def _read_sources(folder: Path) -> tuple[list[Grammar], list[Pattern]]:
    """The languages and patterns of `folder`, checked so that every fill can be rendered."""
    rules = _load(folder / PATTERNS_FILE, "languages", "slots", "patterns")
    languages = [_language(folder / f"{code}.yaml") for code in rules["languages"]]
    try:
        patterns = [
            _pattern(phenomenon, rules["slots"][slots], keys, languages[0].classes)
            for phenomenon, rows in rules["patterns"].items()
            for slots, *keys in rows
        ]
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        detail = f"does not have the layout in its header ({type(error).__name__}: {error}); fix it"
        raise PipelineError(f"{folder / PATTERNS_FILE}: {detail}") from None
    for language in languages:
        for name, items in languages[0].classes.items():
            for item in items:
                if item not in language.classes.get(name, ()):
                    raise PipelineError(f"{language.path}: no lexicon.{name}.{item}; add it")
        for pattern in patterns:
            for key in (pattern.hypothesis, *pattern.premises.values()):
                _check_template(language, key, pattern.slots)
    return languages, patterns


def _load(path: Path, *keys: str) -> dict[str, Any]:
    """The content of a YAML file, which must contain `keys`."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), YAML_LOADER)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        detail = " ".join(str(error).split())
        remedy = f"fix it, or `languages` in {PATTERNS_FILE}"
        raise PipelineError(f"{path}: cannot be read ({detail}); {remedy}") from None
    for key in keys:
        if not isinstance(content, dict) or not content.get(key):
            raise PipelineError(f"{path}: no {key}; add it, as in the file under version control")
    return dict(content)


def _language(path: Path) -> Grammar:
    content = _load(path, "lexicon", "sentences")
    words: dict[str, dict[str, str]] = {}
    for name, items in content["lexicon"].items():
        for item, forms in items.items():
            strings = isinstance(forms, dict) and all(isinstance(v, str) for v in forms.values())
            if item in words or not strings:
                detail = f"lexicon.{name}.{item} is defined twice or has a form that is not text"
                raise PipelineError(f"{path}: {detail}; fix it")
            words[item] = forms
    classes = {name: list(items) for name, items in content["lexicon"].items()}
    return Grammar(path, classes, words, content["sentences"])


def _pattern(
    phenomenon: str, slots: Mapping[str, Any], keys: Sequence[str], classes: Mapping[str, Any]
) -> Pattern:
    hypothesis, *premises = keys
    items = {
        slot: [item for name in names for item in classes[name]] for slot, names in slots.items()
    }
    return Pattern(phenomenon, items, hypothesis, dict(zip(LABELS, premises, strict=True)))


def _check_template(language: Grammar, key: str, slots: Mapping[str, Sequence[str]]) -> None:
    """Raise PipelineError if any allowed words cannot fill the template `key`."""
    template = language.sentences.get(key)
    if not isinstance(template, str) or not template:
        raise PipelineError(f"{language.path}: no sentences.{key}; add this template")
    wrong = [slot for slot in _slots(template) if slot not in slots]
    if wrong or re.search("[{}]", FIELD.sub("", template)):
        raise PipelineError(f"{language.path}: sentences.{key} has a bad {{slot.form}}; fix it")
    for field in FIELD.findall(template):
        used = _slots(field)
        for items in product(*(slots[slot] for slot in used)):
            _expand(language, key, field, dict(zip(used, items, strict=True)))
