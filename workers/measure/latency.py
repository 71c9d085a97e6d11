"""How fast a network answers: one image at a time, and many at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from workers.failures import is_out_of_memory
from workers.measure.memory import peak_bytes
from workers.measure.timing import time_call

BATCH = {"cpu": 64, "cuda": 256}
"""Images at once, of the throughput: fixed, so that it can be compared between networks."""
LONGEST_S = 1.0
"""A network that would take longer than this for such a batch, by its latency, gets a smaller one."""

Shape = tuple[int, int, int]
"""Of an image: (channels, height, width)."""


def measure_inference(
    module: nn.Module, shape: Shape, device: torch.device, budget_s: float = 0.1
) -> dict[str, float]:
    """`latency_ms`, `throughput_images_per_s` and `peak_inference_bytes` of a module on its device.

    How: the module as it is (no batch-norm folding, no compilation but its own), in eval mode (no
    auxiliary heads, no dropout) and inference mode, without autocast, so in the precision of its
    weights: float32, on CUDA with TF32 as torch is set; one channels-last input that lies on the
    device (no loading, no copy); with the CPU threads that torch is set to, the slot's. Latency is
    the single-stream scenario of MLPerf inference (arXiv:1911.02549) at batch 1, but its median;
    throughput is `BATCH` images over the median of their time, each call waited for. Each of the two
    takes half of `budget_s`, or until its median is known to ±2 %: see `time_call`.

    The module's modes are as before afterwards; no random numbers are drawn from torch's states.
    """
    latency_s = latency_ms(module, shape, device, budget_s / 2) / 1000
    batch = _batch(device, latency_s)
    with _inference(module):
        one = _images(1, shape, device)
        held = [*module.parameters(), *module.buffers()]
        peak = peak_bytes(lambda: module(one), held, device)
    return {
        "latency_ms": 1000 * latency_s,
        "throughput_images_per_s": throughput(module, shape, device, batch, budget_s / 2),
        "peak_inference_bytes": float(peak),
    }


def latency_ms(module: nn.Module, shape: Shape, device: torch.device, budget_s: float = 1.0) -> float:
    """Median milliseconds of one image through a module: see `measure_inference`."""
    return 1000 * _median_s(module, _images(1, shape, device), budget_s)


def throughput(
    module: nn.Module, shape: Shape, device: torch.device, batch: int, budget_s: float = 1.0
) -> float:
    """Images per second at `batch` at once; at half of it, and so on, where memory does not do."""
    while True:
        try:
            return batch / _median_s(module, _images(batch, shape, device), budget_s)
        except Exception as error:
            if batch == 1 or not is_out_of_memory(error):
                raise
        batch //= 2


def _batch(device: torch.device, latency_s: float) -> int:
    batch = BATCH.get(device.type, BATCH["cpu"])
    while batch > 1 and batch * latency_s > LONGEST_S:
        batch //= 2
    return batch


def _median_s(module: nn.Module, images: Tensor, budget_s: float) -> float:
    with _inference(module):
        return time_call(lambda: module(images), budget_s=budget_s, wait=_waiting(images.device)).median_s


def _images(batch: int, shape: Shape, device: torch.device) -> Tensor:
    numbers = torch.randn(batch, *shape, generator=torch.Generator().manual_seed(0))
    return numbers.to(device, memory_format=torch.channels_last)


def _waiting(device: torch.device) -> Callable[[], object]:
    if device.type == "cuda":
        return lambda: torch.cuda.synchronize(device)
    return lambda: None


@contextmanager
def _inference(module: nn.Module) -> Iterator[None]:
    """Eval and inference mode; every submodule's mode is put back."""
    before = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        for part, training in before:
            part.training = training
