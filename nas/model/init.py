"""How weights begin."""

from torch import nn

from nas.model.layers import DeformConv2d


def initialise(model: nn.Module) -> None:
    """He initialisation of convolutions (arXiv:1502.01852), unit-variance linear layers; biases at zero."""
    if any(weight.is_meta for weight in model.parameters()):
        return  # there are no numbers to begin with, and to draw none takes a tenth of a second a network
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(module, nn.Linear):
            nn.init.kaiming_normal_(module.weight, mode="fan_in", nonlinearity="linear")
        else:
            continue
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    for module in model.modules():
        if isinstance(module, DeformConv2d):
            module.start()
