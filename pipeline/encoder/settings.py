"""What can show a training while it runs."""

from typing import Literal

# The names of accelerate.tracking, but DVCLive, whose files there are anyway.
Tracker = Literal[
    "aim",
    "clearml",
    "comet_ml",
    "mlflow",
    "swanlab",
    "tensorboard",
    "trackio",
    "wandb",
]
