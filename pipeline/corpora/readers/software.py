"""Corpus `software`: user-interface strings of three projects, aligned by message key."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.mofile import read_mo

from ...fetch.wheels import Package, fetch_wheel

HOMEASSISTANT = Package(
    "homeassistant",
    "2026.11.0",
    "7ca5fbde9dea879ac7723949fc84347aac5182e6309c357b2e4973fd391b00f7",
    python="3.14.2",
    size=67_607_712,
)
WEBLATE = Package(
    "weblate",
    "2026.10.1",
    "27a779ceb05fec3665081df0d3f46f4b6ac0e3f499160a1c3cb145e8e35853d2",
    size=10_949_589,
)
GRAMPS = Package(
    "gramps",
    "6.0.8",
    "56f03bcb643320eb9f9892d4c3f8bbe7c4c4d2e4c71e56f598584af24561ec1c",
    size=17_077_316,
)

TRANSLATIONS = re.compile(r"homeassistant/components/([^/]+)/translations/([^/]+)\.json")
MESSAGES = re.compile(r".*/locale/([^/]+)/LC_MESSAGES/[^/]+\.mo")
PLACEHOLDER = re.compile(r"[{}<>]|%[(sd]|\*\*|\]\(|https?:")
MNEMONIC = re.compile(r"_(?=\w)")  # GTK marks the access key: "_Save _as"


def read_software(language: str, cache: Path) -> Iterator[tuple[str, str]]:
    """Yield (source, English) messages of Home Assistant, Weblate and Gramps.

    Messages with placeholders or markup are partly code and are left out.
    """
    for source, english in _messages(language, cache):
        if not PLACEHOLDER.search(english) and not PLACEHOLDER.search(source):
            yield source, english


def _messages(language: str, cache: Path) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(fetch_wheel(HOMEASSISTANT, cache)) as wheel:
        yield from _homeassistant(wheel, language)
    for package in (WEBLATE, GRAMPS):
        with zipfile.ZipFile(fetch_wheel(package, cache)) as wheel:
            yield from _gettext(wheel, language)


def _homeassistant(wheel: zipfile.ZipFile, language: str) -> Iterator[tuple[str, str]]:
    names = wheel.namelist()
    matches = sorted(match.groups() for match in map(TRANSLATIONS.fullmatch, names) if match)
    available = set(matches)
    for component, code in matches:
        if code == language and (component, "en") in available:
            source, english = (
                dict(_flatten(json.loads(wheel.read(_translations(component, side)))))
                for side in (language, "en")
            )
            yield from ((text, english[key]) for key, text in source.items() if key in english)


def _translations(component: str, language: str) -> str:
    return f"homeassistant/components/{component}/translations/{language}.json"


def _flatten(node: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for name, child in node.items():
            yield from _flatten(child, f"{key}/{name}")
    elif isinstance(node, str):
        yield key, node


def _gettext(wheel: zipfile.ZipFile, language: str) -> Iterator[tuple[str, str]]:
    for name in sorted(wheel.namelist()):
        match = MESSAGES.fullmatch(name)
        if match and match.group(1) == language:
            catalog = read_mo(io.BytesIO(wheel.read(name)))
            for message in catalog:
                # Plural messages have several forms on each side, so they are not one-to-one pairs.
                if isinstance(message.id, str) and isinstance(message.string, str) and message.id:
                    yield MNEMONIC.sub("", message.string), MNEMONIC.sub("", message.id)
