"""The words and templates of the NLI sample, and the sentences that they make.

A template of a language file names its words by slot and form; the lexicon has every inflected
form written out, so nothing is inflected by rule:

    sentences:  a_does: "{a.n} is {v.ing}."
    lexicon:    woman: {nina: {n: Nina}}      act: {sing: {ing: singing}}
    fill:       {"a": "nina", "v": "sing"}    gives "Nina is singing."
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from ..common.errors import PipelineError
from .labels import LABELS

PATTERNS_FILE = "patterns.yaml"
YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the first is faster
# Among the languages of PATTERNS_FILE, `no` is Norwegian.
WITHOUT_BOOLEANS = type(
    "WithoutBooleans",
    (YAML_LOADER,),
    {
        "yaml_implicit_resolvers": {
            first: [rule for rule in rules if rule[0] != "tag:yaml.org,2002:bool"]
            for first, rules in YAML_LOADER.yaml_implicit_resolvers.items()
        }
    },
)
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
    sentences: Mapping[str, str]  # key -> template


@dataclass(frozen=True)
class Pattern:
    """One hypothesis template with a premise template for each label."""

    phenomenon: str
    slots: Mapping[str, Sequence[str]]  # slot -> items
    hypothesis: str  # key of a sentence template
    premises: Mapping[str, str]  # label -> key of a sentence template


def slots_of(template: str) -> list[str]:
    """The distinct slots of a template, in order of first occurrence."""
    return list(dict.fromkeys(SLOT.findall(template)))


def render(language: Grammar, key: str, fill: Fill) -> str:
    """The sentence of the template `key` with the words of `fill`, capitalized.

    Raises PipelineError if a word has no form that the template needs.
    """
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


def read_sources(folder: Path) -> tuple[list[Grammar], list[Pattern]]:
    """The languages, English first, and the patterns of `folder`.

    Raises PipelineError unless every fill can be rendered in every language.
    """
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
    loader = WITHOUT_BOOLEANS if path.name == PATTERNS_FILE else YAML_LOADER
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), loader)
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
    wrong = [slot for slot in slots_of(template) if slot not in slots]
    if wrong or re.search("[{}]", FIELD.sub("", template)):
        raise PipelineError(f"{language.path}: sentences.{key} has a bad {{slot.form}}; fix it")
    for field in FIELD.findall(template):
        used = slots_of(field)
        for items in product(*(slots[slot] for slot in used)):
            _expand(language, key, field, dict(zip(used, items, strict=True)))
