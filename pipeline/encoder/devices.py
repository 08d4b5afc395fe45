"""The devices on which models run, and deterministic computation on them."""

import os

import torch
from torch import nn
from transformers import PreTrainedModel


def device_of(model: nn.Module) -> torch.device:
    """The device of a model's weights."""
    return next(model.parameters()).device


def default_device() -> torch.device:
    """The accelerator of this machine, or the CPU."""
    return torch.accelerator.current_accelerator(check_available=True) or torch.device("cpu")


def make_deterministic(seed: int) -> None:
    """Seed torch and use deterministic kernels wherever they exist."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS needs it
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Filling new memory would expose reads of unwritten memory. There are none, and it takes time.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.manual_seed(seed)


def to_device(model: PreTrainedModel, device: torch.device) -> PreTrainedModel:
    """Move the model's weights, in place."""
    nn.Module.to(model, device)  # the override in PreTrainedModel is not typed
    return model
