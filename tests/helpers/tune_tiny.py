"""Fine-tune the suite's encoder in a process of its own: `python -m tune_tiny` and its arguments.

These are the folder of the encoder, that of the checkpoints or nothing, the one to write, and
settings to change, as JSON; with "continual", an objective, alignment continues. Curves go beside
the folder to write. Prints the number of its process first.
"""

import dataclasses
import json
import os
import sys
from pathlib import Path

from inference import EXAMPLES, TUNING
from live_curves import live_beside
from safetensors.torch import save_file
from tiny import TRAINING, train_split

from pipeline.common.files import write_json
from pipeline.encoder.load import load_encoder
from pipeline.encoder.processes import is_first_process
from pipeline.encoder.subwords import read_tokenizer
from pipeline.xnli.continual import Replay
from pipeline.xnli.fine_tuning import fine_tune

if __name__ == "__main__":
    print(os.getpid(), flush=True)
    folder, checkpoints, out, given = sys.argv[1:]
    changes = json.loads(given)
    replay = None
    if objective := changes.pop("continual", None):
        splits = {language: train_split(language).head(20) for language in ("de", "fr")}
        training = dataclasses.replace(TRAINING, objective=objective, batch_tokens=60)
        replay = Replay(splits, training, 0.5)
    classifier, accuracies = fine_tune(
        load_encoder(Path(folder)),
        read_tokenizer(Path(folder)),
        EXAMPLES.head(45),  # the last batch of an epoch has one example for two processes
        EXAMPLES,
        dataclasses.replace(TUNING, **changes),
        seed=1,
        added_loss=replay,
        checkpoints=Path(checkpoints) if checkpoints else None,
        live=live_beside(out),
    )
    if is_first_process():
        Path(out).mkdir()
        weights = {name: weight.contiguous() for name, weight in classifier.state_dict().items()}
        save_file(weights, Path(out, "classifier.safetensors"))
        write_json(Path(out, "dev.json"), {"dev": accuracies})
