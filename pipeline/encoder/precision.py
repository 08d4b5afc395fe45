"""The precision of matrix products: bfloat16 where the hardware has it, else float32."""

import torch
from transformers import PreTrainedModel


def compute_in(model: PreTrainedModel, precision: str, device: torch.device) -> torch.dtype | None:
    """The result of `autocast_dtype`, after setting the model up for it, in place."""
    dtype = autocast_dtype(precision, device)
    if dtype and device.type == "cpu":  # torch's fused attention is slower there
        model.set_attn_implementation("eager")
    return dtype


def autocast_dtype(precision: str, device: torch.device) -> torch.dtype | None:
    """The type for matrix products; None for float32, the type of the weights.

    `precision` is bfloat16, float32 or auto: bfloat16 if the device has instructions for it.
    """
    wanted = precision == "bfloat16" or (precision == "auto" and _has_bfloat16(device))
    return torch.bfloat16 if wanted else None


def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "cpu" and hasattr(torch.cpu, "get_capabilities"):
        capabilities = torch.cpu.get_capabilities()
        return any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16"))
    return False
