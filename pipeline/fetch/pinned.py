"""Checksums of published files that do not change, by address. Data only."""

from collections.abc import Mapping

# The archives of XNLI and MultiNLI; source: the data sets `xnli` and `multi_nli` of Hugging Face.
PINNED: Mapping[str, str] = {
    "https://dl.fbaipublicfiles.com/XNLI/XNLI-1.0.zip": (
        "4ba1d5e1afdb7161f0f23c66dc787802ccfa8a25a3ddd3b165a35e50df346ab1"
    ),
    "https://dl.fbaipublicfiles.com/XNLI/XNLI-MT-1.0.zip": (
        "f732517ba2fb1d550e9f3c2aabaef6017c91ee2dcec90e878f138764d224db05"
    ),
    "https://cims.nyu.edu/~sbowman/multinli/multinli_1.0.zip": (
        "049f507b9e36b1fcb756cfd5aeb3b7a0cfcb84bf023793652987f7e7e0957822"
    ),
}
