"""Data of the page's word browser and map: one packed object per language.

What keeps the page small: sentences that no word needs are left blank, scores are whole
thousandths, and the JSON is compressed. If that is not enough, fewer words have neighbours.
"""

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..judge.finders import BOTH
from ..retrieval.results import DIRECTIONS
from .heldout import HeldOut, RetrievedWords

NEIGHBOUR_BUDGET = 600_000  # neighbours in the page, over all languages, methods and directions
LIMIT = 4_800_000  # bytes of packed data; the rest of the page takes 1 MB, and its limit is 6 MB


def pack_all(
    tests: Mapping[str, HeldOut],
    retrieved: Mapping[str, Mapping[str, RetrievedWords]],
    limit: int = LIMIT,
) -> dict[str, str]:
    """The packed `language_data` of each language.

    The neighbour budget is halved until all packs together have at most `limit` bytes, or
    no word has neighbours.
    """
    budget = NEIGHBOUR_BUDGET // len(tests)
    while True:
        packs = {
            code: pack(language_data(test, retrieved[code], budget)) for code, test in tests.items()
        }
        if not budget or sum(map(len, packs.values())) <= limit:
            return packs
        budget //= 2


def language_data(
    test: HeldOut, retrieved: Mapping[str, RetrievedWords], budget: int
) -> dict[str, Any]:
    """Test words, retrieved words and maps of one language, ready for JSON.

    - source, english: the sentences, empty if the page does not show them; sentence, source_index,
      english_index [pairs]: the positions of the two words of a pair;
    - agreed [pairs]: 1 if both aligners have the pair;
    - queries: how many of the first pairs, in whole sentences, have their neighbours here; at most
      `budget` neighbours;
    - found: by method and direction the rank of the right word [queries], then `near` neighbours
      per query, best first, and their scores in thousandths;
    - map: by method [side, pair, x, y] of each point; side 0 is the source.
    """
    near = _near(retrieved)
    queries = _whole_sentences(test.sentence, budget // (2 * len(retrieved) * near))
    shown = _shown_sentences(test, retrieved, queries)
    return {
        "source": _blank_unless(shown, test.source),
        "english": _blank_unless(shown, test.english),
        "sentence": test.sentence.tolist(),
        "source_index": test.pairs["source_index"].tolist(),
        "english_index": test.pairs["english_index"].tolist(),
        "agreed": (test.found_by == BOTH).astype(int).tolist(),
        "queries": queries,
        "near": near,
        "found": {
            method: {
                direction: _neighbours(words, direction, queries, near) for direction in DIRECTIONS
            }
            for method, words in retrieved.items()
        },
        "map": {method: _points(words.map) for method, words in retrieved.items()},
    }


def pack(content: Mapping[str, Any]) -> str:
    """Deflated JSON in base64, which DecompressionStream("deflate") reads once decoded."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii")


def unpack(packed: str) -> Any:
    """The content that `pack` packed."""
    return json.loads(zlib.decompress(base64.b64decode(packed)))


def _near(retrieved: Mapping[str, RetrievedWords]) -> int:
    """Neighbours per query and direction, the same number for all methods."""
    words = next(iter(retrieved.values()))
    return len(words.neighbours) // (2 * len(words.outcomes))


def _blank_unless(shown: set[int], sentences: list[str]) -> list[str]:
    return [text if number in shown else "" for number, text in enumerate(sentences)]


def _whole_sentences(sentence: np.ndarray, pairs: int) -> int:
    """The number of first pairs, at most `pairs`, that does not split a sentence."""
    if pairs >= len(sentence):
        return len(sentence)
    return int(np.searchsorted(sentence, sentence[pairs]))


def _shown_sentences(
    test: HeldOut, retrieved: Mapping[str, RetrievedWords], queries: int
) -> set[int]:
    """The numbers of the sentences of the queries, their neighbours and the points on the map."""
    pairs, sentences = len(test.sentence), len(test.source)
    shown_rows = [np.arange(queries)]
    for words in retrieved.values():
        is_of_query = words.neighbours["pair"].to_numpy() < queries
        shown_rows.append(words.neighbours["found"].to_numpy()[is_of_query])
        shown_rows.append(words.map["pair"].to_numpy())
    rows = np.unique(np.concatenate(shown_rows))
    # From `pairs` on, rows are special tokens: [CLS] of all sentences, then [SEP].
    word_rows, special_rows = rows[rows < pairs], rows[rows >= pairs] - pairs
    return {*test.sentence[word_rows].tolist(), *(special_rows % sentences).tolist()}


def _neighbours(
    words: RetrievedWords, direction: str, queries: int, near: int
) -> dict[str, list[int]]:
    rows = words.neighbours[words.neighbours["direction"] == direction].head(queries * near)
    return {
        "rank": words.outcomes[f"{direction}_rank"].head(queries).tolist(),
        "near": rows["found"].tolist(),
        "score": np.rint(1000 * rows["score"].astype(float)).astype(int).tolist(),
    }


def _points(points: pd.DataFrame) -> list[list[float]]:
    sides = (points["side"] == "english").astype(int)
    places = points[["x", "y"]].astype(float).round(2)  # a float32 has no short decimal
    columns = (sides, points["pair"], places["x"], places["y"])
    return [list(point) for point in zip(*columns, strict=True)]
