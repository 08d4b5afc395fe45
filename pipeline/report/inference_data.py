"""What the examples of a run are, as far as params prove it.

A report may compare with published figures only if the test examples are XNLI's. An archive or a
data set with the same layout proves nothing: only the publishers' addresses, a checksum of a
download, or a commit of facebook/xnli do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from ..fetch.pinned import PINNED

XNLI_TEST = 5_010  # test examples per language
MULTINLI_TRAIN = 392_702  # English training examples
XNLI_ARCHIVE = "https://dl.fbaipublicfiles.com/XNLI/XNLI-1.0.zip"
MULTINLI_ARCHIVE = "https://cims.nyu.edu/~sbowman/multinli/multinli_1.0.zip"
HUB_DATASET = "facebook/xnli"
HUB_COMMIT = "b8dd5d7af51114dbda02c0e3f6133f332186418e"


@dataclass(frozen=True)
class InferenceData:
    """The examples of a run, for a reader.

    `name` names the test examples. `train_size` and `test_size` are the numbers of examples per
    language, at most. `is_xnli` and `is_multinli` say that test and training examples are known
    to be these.
    """

    name: str
    train_size: int
    test_size: int
    is_xnli: bool = False
    is_multinli: bool = False

    @property
    def label(self) -> str:
        """The name, with the number of test examples if there are fewer than in XNLI."""
        if self.is_xnli and self.test_size < XNLI_TEST:
            return f"{self.name} ({self.test_size:,} of its {XNLI_TEST:,} test examples)"
        return self.name


def data_of(block: Mapping[str, Any]) -> InferenceData:
    """The examples that the block `nli` of params names."""
    sizes = block["train"], block["test"]
    if block["source"] == "sample":
        return _sample_data(*sizes)
    if block["source"] == "xnli":
        return _archive_data(block["xnli"]["test"], block["xnli"]["train"], *sizes)
    if block["source"] == "hub":
        return _hub_data(block["hub"]["dataset"], block["hub"]["revision"], *sizes)
    return _own_data(*sizes)


def _sample_data(train_size: int, test_size: int) -> InferenceData:
    """The hand-written sample."""
    return InferenceData("the hand-written sample (not XNLI)", train_size, test_size)


def _archive_data(test: str, train: str, train_size: int, test_size: int) -> InferenceData:
    """XNLI-1.0.zip and multinli_1.0.zip, or others, by their addresses."""
    is_xnli = _official(test, XNLI_ARCHIVE)
    name = "XNLI" if is_xnli else "an archive that is not known to be XNLI"
    return InferenceData(name, train_size, test_size, is_xnli, _official(train, MULTINLI_ARCHIVE))


def _hub_data(dataset: str, revision: str, train_size: int, test_size: int) -> InferenceData:
    """A data set of the Hugging Face Hub at a commit."""
    known = (dataset, revision) == (HUB_DATASET, HUB_COMMIT)
    name = "XNLI" if known else f"the data set {dataset} at {revision[:7]} (not known to be XNLI)"
    return InferenceData(name, train_size, test_size, known, known)


def _own_data(train_size: int, test_size: int) -> InferenceData:
    """The user's files."""
    return InferenceData("the user's own files", train_size, test_size)


def _official(address: str, archive: str) -> bool:
    """Whether an address of params can only lead to an official archive."""
    place, _, fragment = address.partition("#")
    options = dict(parse_qsl(fragment, keep_blank_values=True))
    if "sha256" in options:  # wins over the checksum that we pin for an address
        return options["sha256"].lower() == PINNED[archive]
    return place == archive and "endpoint" not in options
