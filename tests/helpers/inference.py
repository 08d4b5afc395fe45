"""A small inference set that single words decide, and settings that memorise it."""

import pandas as pd

from pipeline.nli.labels import LABELS
from pipeline.xnli.settings import FineTuningSettings

TUNING = FineTuningSettings(
    epochs=60,
    batch=6,
    learning_rate=3e-3,
    warmup=0.1,
    precision="float32",
    max_subwords=64,
)


NOUNS = ("dog", "cat", "bird", "train", "farmer", "teacher", "doctor", "judge")


PLACES = ("river", "house", "tree", "wall", "bridge", "tower")


def examples(places):
    return pd.DataFrame(
        [
            (f"The {noun} is near the {place}.", f"The {noun} is {word} the {place}.", label)
            for noun in NOUNS
            for place in places
            for word, label in zip(("near", "behind", "outside"), LABELS, strict=True)
        ],
        columns=["premise", "hypothesis", "label"],
    )


EXAMPLES = examples(PLACES[:2])
