"""The devices that models run on, and deterministic computation on them."""

import os

import torch
from torch import nn
from transformers import PreTrainedModel


def device_of(model: nn.Module) -> torch.device:
    """Where the model's weights are."""
    return next(model.parameters()).device


def default_device() -> torch.device:
    """The accelerator of this machine, or the CPU."""
    return torch.accelerator.current_accelerator(check_available=True) or torch.device("cpu")


def make_deterministic(seed: int) -> None:
    """Seed torch and choose deterministic kernels wherever there are any."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what cuBLAS wants for it
    torch.use_deterministic_algorithms(True, warn_only=True)
    # This finds reads of unwritten memory, of which there are none; it writes all memory twice.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.manual_seed(seed)


def to_device(model: PreTrainedModel, device: torch.device) -> PreTrainedModel:
    """Move the model's weights, in place."""
    nn.Module.to(model, device)  # the override in PreTrainedModel is not typed
    return model
