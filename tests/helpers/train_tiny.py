"""Train the suite's encoder in a process of its own: `python -m train_tiny` and its arguments.

These are the folder of the encoder, that of the checkpoints or nothing, the one to write, and
settings to change, as JSON. Curves go beside the folder to write; with checkpoints, TensorBoard has
them too. Prints the number of its process first.
"""

import dataclasses
import json
import os
import sys
from pathlib import Path

from accelerate import PartialState
from live_curves import live_beside
from tiny import TRAINING, build

from pipeline.align.loop import align
from pipeline.encoder.load import load_encoder

if __name__ == "__main__":
    print(os.getpid(), flush=True)
    folder, checkpoints, out, changes = sys.argv[1:]
    training = dataclasses.replace(TRAINING, **json.loads(changes))
    splits = {name: build(name) for name in ("de", "fr")}
    train, dev = (
        {name: each[part][0] for name, each in splits.items()} for part in ("train", "dev")
    )
    model = load_encoder(Path(folder))
    saved = Path(checkpoints) if checkpoints else None
    live = live_beside(out, ["tensorboard"] if checkpoints else [])
    history = align(model, train, training, dev, saved, live=live)
    if PartialState().is_main_process:
        model.save_pretrained(out)
        history.to_csv(f"{out}/training.csv", index=False)
