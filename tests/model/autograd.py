"""What torch's autograd keeps of one forward pass."""

import torch
from torch import Tensor, nn


def kept_bytes(model: nn.Module, image: Tensor) -> int:
    """Bytes that autograd saves for the backward pass besides the model's own tensors, once a storage."""
    own = {t.untyped_storage().data_ptr() for t in [*model.parameters(), *model.buffers()]}
    kept: dict[int, tuple[int, Tensor]] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = (storage.nbytes(), tensor)  # held, so that no address is used again
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        model(image)
    return sum(size for size, _ in kept.values())
