"""The peak speed and memory of the device, and the operations that an encoder needs."""

import resource
import time
from collections.abc import Iterator

import numpy as np
import torch
from transformers import BertConfig

ENCODERS = {
    "e5-small": {"hidden_size": 384, "intermediate_size": 1536, "vocab_size": 250_037},
    "mbert": {"hidden_size": 768, "intermediate_size": 3072, "vocab_size": 119_547},
}
PEAKS = {"H100": 989e12, "H200": 989e12, "A100": 312e12}  # bf16, dense, from the data sheets


def architecture(name: str) -> BertConfig:
    """The config of one of ENCODERS."""
    return BertConfig(**ENCODERS[name], num_hidden_layers=12, num_attention_heads=12)


def forward_flops(config: BertConfig, lengths: np.ndarray) -> float:
    """Floating-point operations of a forward pass over sentences with these lengths in subwords.

    Counts the matrix products of the layers, 2 per weight and subword, and those of attention. A
    backward pass needs twice as many.
    """
    d, inner, n = config.hidden_size, config.intermediate_size, lengths.astype(float)
    weights = 4 * d * d + 2 * d * inner
    return float(config.num_hidden_layers * (2 * weights * n + 4 * d * n * n).sum())


def settle() -> None:
    """Wait for the device."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def peak_memory() -> float:
    """Peak memory so far in GB, of the GPU if there is one, otherwise of this process."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def matmul_peak(dtype: torch.dtype) -> float:
    """Floating-point operations per second of a large square matrix product."""
    n, device = (8192, "cuda") if torch.cuda.is_available() else (2048, "cpu")
    a, b = (torch.randn(n, n, device=device, dtype=dtype) for _ in range(2))
    rates = []
    for _ in range(6):
        settle()
        start = time.perf_counter()
        a @ b
        settle()
        rates.append(2 * n**3 / (time.perf_counter() - start))
    return max(rates)


def utilisation(flops_per_second: float, dtype: torch.dtype) -> Iterator[tuple[str, float]]:
    """Model TFLOP/s, and their shares of the measured peak and of the data sheet's (MFU)."""
    yield "model_tflops", flops_per_second / 1e12
    yield "share_of_measured_peak", flops_per_second / matmul_peak(dtype)
    if torch.cuda.is_available():
        name = torch.cuda.get_device_name()
        peak = next((value for key, value in PEAKS.items() if key in name), None)
        if peak:
            yield "mfu", flops_per_second / peak
