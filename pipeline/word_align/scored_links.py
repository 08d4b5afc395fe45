"""Links with their probabilities, and their text."""

from dataclasses import dataclass

import numpy as np

from .links import Links


@dataclass(frozen=True)
class ScoredLinks:
    """Links and the probability of each, float64 [links], in the order of `links.keys`."""

    links: Links
    probabilities: np.ndarray

    @classmethod
    def of(cls, places: np.ndarray, probabilities: np.ndarray, sentences: int) -> "ScoredLinks":
        """Links in any order; if one is repeated, its highest probability counts.

        `places` are sentence numbers, source tokens and English tokens, int64 [3, n];
        `probabilities` are float64 [n].
        """
        sentence, source, english = places
        links = Links.of(sentence, source, english, sentences)
        highest = np.zeros(len(links))
        np.maximum.at(highest, links.rows(sentence, source, english), probabilities)
        return cls(links, highest)

    def by_sentence(self) -> list[dict[tuple[int, int], float]]:
        """The links of each sentence pair, sorted, and their probabilities."""
        links = self.links
        found: list[dict[tuple[int, int], float]] = [{} for _ in range(links.sentences)]
        columns = (links.sentence, links.source, links.english, self.probabilities)
        for sentence, i, j, probability in zip(*(each.tolist() for each in columns), strict=True):
            found[sentence][i, j] = probability
        return found

    def to_text(self) -> list[str]:
        """One line per sentence pair in the Pharaoh format with probabilities: `0-0:0.971`."""
        return [
            " ".join(f"{i}-{j}:{probability:.3f}" for (i, j), probability in of_pair.items())
            for of_pair in self.by_sentence()
        ]
