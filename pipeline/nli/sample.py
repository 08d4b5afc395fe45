"""Builds the hand-written NLI sample: parallel sentence pairs made from word lists.

`patterns.yaml` says which sentence templates stand in which relation; one file a language
(`en.yaml`, ...) holds the words, every inflected form written out, and the templates.

A *fill* is a pattern with an item in every slot.  It gives one hypothesis and three premises,
one per label, so the hypothesis alone says nothing about the label.

The split: the *key* of a fill is its phenomenon with the set of items its hypothesis uses.
Each key serves one fill only: no hypothesis of the test combines the same content words as a
train hypothesis of the same phenomenon, be it in another pattern (negated, passive) or order.
The single words do occur in train.  No hypothesis text occurs in two fills, in any language.
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

COLUMNS = ["split", "id", "language", "premise", "hypothesis", "label", "phenomenon"]
RULES = "patterns.yaml"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the first is faster
# {slot.form}; the form may hold second such fields: {k.acc_{t.gender}}.
FIELD = re.compile(r"\{\w+\.(?:\w|\{\w+\.\w+\})+\}")
INNER = re.compile(r"\{(\w+)\.(\w+)\}")
SLOT = re.compile(r"\{(\w+)\.")

Fill = Mapping[str, str]  # slot -> item


@dataclass(frozen=True)
class Language:
    """The words and templates of one language file; no two classes share an item name."""

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
    """The sample as a table, one row an example and language.

    Columns: split, id, language, premise, hypothesis, label, phenomenon.  Rows stand by split
    (train, dev, test), id and language; rows of one id say the same in each language.  Sizes
    count examples per language; each split has the three labels equally often.

    Raises PipelineError if a size is no multiple of three or more than can be built, or if a
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
        raise PipelineError(f"{folder / RULES}: {most}; ask for fewer or add words")
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
    return pd.DataFrame(rows, columns=COLUMNS)


def _draw_fills(
    patterns: Sequence[Pattern], languages: Sequence[Language], rng: Random
) -> Iterator[tuple[Pattern, Fill]]:
    """Fills with new keys and new hypotheses, phenomena in turn, until the words are used up."""
    groups: dict[str, list[Pattern]] = {}
    for pattern in patterns:
        groups.setdefault(pattern.phenomenon, []).append(pattern)
    texts: set[str] = set()  # the hypotheses of all phenomena
    return _in_turn([_fills_of(group, languages, texts, rng) for group in groups.values()])


def _fills_of(
    group: Sequence[Pattern], languages: Sequence[Language], texts: set[str], rng: Random
) -> Iterator[tuple[Pattern, Fill]]:
    """The fills of one phenomenon, its patterns in turn; notes hypotheses in `texts`."""
    keys: set[frozenset[str]] = set()

    def fills(pattern: Pattern) -> Iterator[tuple[Pattern, Fill]]:
        for fill in _hypothesis_fills(pattern, languages, rng):
            key = frozenset(fill.values())
            said = {f"{x.path} {_render(x, pattern.hypothesis, fill)}" for x in languages}
            if key not in keys and not said & texts:
                keys.add(key)
                texts.update(said)
                yield pattern, _complete(pattern, fill, rng)

    return _in_turn([fills(pattern) for pattern in group])


def _in_turn(sources: Sequence[Iterator[tuple[Pattern, Fill]]]) -> Iterator[tuple[Pattern, Fill]]:
    """One element of each source, again and again, leaving out sources that have ended."""
    for row in zip_longest(*sources):
        yield from filter(None, row)


def _hypothesis_fills(pattern: Pattern, languages: Sequence[Language], rng: Random) -> list[Fill]:
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


def _render(language: Language, key: str, fill: Fill) -> str:
    """The sentence `key` with the words of `fill`, first letter raised."""
    text = _expand(language, key, language.sentences[key], fill)
    return text[0].upper() + text[1:]


def _expand(language: Language, key: str, text: str, fill: Fill) -> str:
    """`text`, all or part of the template `key`, with its fields replaced, innermost first."""

    def word(match: re.Match[str]) -> str:
        item, form = fill[match[1]], match[2]
        if form not in language.words[item]:
            told = f"{item} has no form {form}, which sentences.{key} needs; add it"
            raise PipelineError(f"{language.path}: {told}")
        return language.words[item][form]

    while "{" in text:
        text = INNER.sub(word, text)
    return text


def _read_sources(folder: Path) -> tuple[list[Language], list[Pattern]]:
    """The languages and patterns of `folder`, checked so that every fill can be rendered."""
    rules = _load(folder / RULES, "languages", "slots", "patterns")
    languages = [_language(folder / f"{code}.yaml") for code in rules["languages"]]
    try:
        patterns = [
            _pattern(phenomenon, rules["slots"][slots], keys, languages[0].classes)
            for phenomenon, rows in rules["patterns"].items()
            for slots, *keys in rows
        ]
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        told = f"not laid out as its head says ({type(error).__name__}: {error}); mend it"
        raise PipelineError(f"{folder / RULES}: {told}") from None
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
    """The content of a YAML file that has to hold `keys`."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), LOADER)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        told = " ".join(str(error).split())
        raise PipelineError(
            f"{path}: cannot be read ({told}); mend it, or `languages` in {RULES}"
        ) from None
    for key in keys:
        if not isinstance(content, dict) or not content.get(key):
            raise PipelineError(f"{path}: no {key}; add it, as in the file under version control")
    return dict(content)


def _language(path: Path) -> Language:
    content = _load(path, "lexicon", "sentences")
    words: dict[str, dict[str, str]] = {}
    for name, items in content["lexicon"].items():
        for item, forms in items.items():
            strings = isinstance(forms, dict) and all(isinstance(x, str) for x in forms.values())
            if item in words or not strings:
                told = f"lexicon.{name}.{item} stands twice or has a form that is no text"
                raise PipelineError(f"{path}: {told}; mend it")
            words[item] = forms
    classes = {name: list(items) for name, items in content["lexicon"].items()}
    return Language(path, classes, words, content["sentences"])


def _pattern(
    phenomenon: str, slots: Mapping[str, Any], keys: Sequence[str], classes: Mapping[str, Any]
) -> Pattern:
    hypothesis, *premises = keys
    items = {x: [item for name in names for item in classes[name]] for x, names in slots.items()}
    return Pattern(phenomenon, items, hypothesis, dict(zip(LABELS, premises, strict=True)))


def _check_template(language: Language, key: str, slots: Mapping[str, Sequence[str]]) -> None:
    """Raises PipelineError if some words cannot fill the template `key` of `language`."""
    template = language.sentences.get(key)
    if not isinstance(template, str) or not template:
        raise PipelineError(f"{language.path}: no sentences.{key}; add this template")
    wrong = [slot for slot in _slots(template) if slot not in slots]
    if wrong or re.search("[{}]", FIELD.sub("", template)):
        raise PipelineError(f"{language.path}: sentences.{key} has a bad {{slot.form}}; mend it")
    for field in FIELD.findall(template):
        used = _slots(field)
        for items in product(*(slots[slot] for slot in used)):
            _expand(language, key, field, dict(zip(used, items, strict=True)))
