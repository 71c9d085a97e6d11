"""The layers that torch does not have: their numbers against slow, plain ones."""

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d
from torch.utils.flop_counter import FlopCounterMode

import nas
from nas.model.layers import DeformConv2d, DropPath, Subsample, Zero
from tests.model.autograd import kept_bytes
from tests.space.making import space


def read(plane: Tensor, row: float, column: float) -> Tensor:
    """The value of a plane between pixels, with zeros outside."""
    top, left = math.floor(row), math.floor(column)
    total = plane.new_zeros(())
    for y, x in ((top, left), (top, left + 1), (top + 1, left), (top + 1, left + 1)):
        if 0 <= y < plane.shape[0] and 0 <= x < plane.shape[1]:
            total = total + plane[y, x] * (1 - abs(row - y)) * (1 - abs(column - x))
    return total


def slow_deform_conv(layer: DeformConv2d, image: Tensor) -> Tensor:
    """Equation 2 of arXiv:1703.06211, pixel by pixel."""
    offset = layer.offset(image[None])[0]
    kernel, stride = layer.kernel_size[0], layer.stride[0]
    padding, dilation = int(layer.padding[0]), layer.dilation[0]
    result = torch.zeros(layer.out_channels, *offset.shape[1:])
    per_group, outs = image.shape[0] // layer.groups, layer.out_channels // layer.groups
    for o in range(layer.out_channels):
        for y in range(offset.shape[1]):
            for x in range(offset.shape[2]):
                for tap in range(kernel**2):
                    down, across = float(offset[tap, y, x]), float(offset[kernel**2 + tap, y, x])
                    row = y * stride - padding + tap // kernel * dilation + down
                    column = x * stride - padding + tap % kernel * dilation + across
                    for c in range(per_group):
                        weight = layer.weight[o, c, tap // kernel, tap % kernel]
                        result[o, y, x] += weight * read(image[o // outs * per_group + c], row, column)
    return result if layer.bias is None else result + layer.bias[:, None, None]


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "dilation", "groups", "bias"),
    [(3, 1, 1, 1, 1, False), (3, 2, 1, 1, 2, True), (2, 1, 0, 1, 1, False), (3, 1, 2, 2, 1, True)],
)
def test_deform_conv_is_the_slow_one(
    kernel: int, stride: int, padding: int, dilation: int, groups: int, bias: bool
) -> None:
    torch.manual_seed(0)
    layer = DeformConv2d(4, 2, kernel, stride, padding, dilation, groups, bias)
    nn.init.normal_(layer.offset.weight, std=0.3)  # far enough to leave the map
    image = torch.randn(4, 6, 5)
    with torch.no_grad():
        assert torch.allclose(layer(image[None])[0], slow_deform_conv(layer, image), atol=1e-4)


def test_deform_conv_starts_as_the_plain_convolution() -> None:
    model = nas.build_model(space({"deform_conv": {"out": 6, "kernel": 3, "stride": 2}}).architecture({}))
    (layer,) = (m for m in model.modules() if isinstance(m, DeformConv2d))
    images = torch.randn(2, 4, 8, 8)
    plain = conv2d(images, layer.weight, layer.bias, 2, 1)
    assert torch.allclose(layer(images), plain, atol=1e-4)


def test_deform_conv_learns_where_to_look() -> None:
    layer = DeformConv2d(2, 3, 3, padding=1)
    layer(torch.randn(2, 2, 7, 7)).square().sum().backward()
    assert layer.offset.weight.grad is not None
    assert layer.offset.weight.grad.abs().max() > 0


def test_deform_conv_is_one_graph_for_the_compiler() -> None:
    """No step that a compiler cannot trace: `torch.export` takes it, for any number of images."""
    layer = DeformConv2d(2, 3, 3, stride=2, padding=1).eval()
    dynamic = ({0: torch.export.Dim.DYNAMIC},)
    exported = torch.export.export(layer, (torch.randn(2, 2, 8, 8),), dynamic_shapes=dynamic)
    images = torch.randn(5, 2, 8, 8)
    assert torch.allclose(exported.module()(images), layer(images), atol=1e-6)


def test_deform_conv_is_exact_in_a_narrow_type() -> None:
    """Offsets are added in float32: bfloat16 would read other pixels of a large map."""
    layer = DeformConv2d(1, 1, 1, bias=False)
    nn.init.ones_(layer.weight)
    image = torch.arange(200.0).repeat(200, 1)[None, None].to(torch.bfloat16)
    with torch.no_grad():
        assert torch.equal(layer.to(torch.bfloat16)(image), image)


def test_drop_path_drops_whole_images_and_keeps_the_mean() -> None:
    torch.manual_seed(0)
    layer, ones = DropPath(0.25).train(), torch.ones(4000, 2, 3, 3)
    images = layer(ones)
    assert set(images.unique().tolist()) <= {0.0, float(torch.tensor(1 / 0.75))}
    assert (images.flatten(1).std(1) == 0).all()
    assert images.mean().item() == pytest.approx(1, abs=0.03)
    assert layer.eval()(ones) is ones


def test_subsample_and_zero() -> None:
    images = torch.arange(50.0).reshape(1, 2, 5, 5)
    assert torch.equal(Subsample(2)(images), images[:, :, [0, 2, 4]][..., [0, 2, 4]])
    assert torch.equal(Zero(2, out=3)(images), torch.zeros(1, 3, 3, 3))


LAYERS = [
    {"tanh": {}},
    {"lrn": {"size": 5, "k": 2.0}},
    {"lrn": {"size": 4}},
    {"drop_path": {"p": 0.5}},
    {"drop_path": {"p": 0}},
    {"deform_conv": {"out": 6, "kernel": 3}},
    {"deform_conv": {"out": 4, "kernel": 3, "stride": 2, "groups": 2, "bias": True}},
    {"concat": [[{"subsample": {"stride": 2}}], [{"zero": {"stride": 2, "out": 3}}]]},
    {"sum": [["tanh"], [{"subsample": {"stride": 1}}]]},
]


@pytest.mark.parametrize("layer", LAYERS, ids=str)
@pytest.mark.parametrize("before", ["relu", {"conv": {"out": 4, "kernel": 3}}], ids=str)
def test_a_layer_costs_what_torch_counts(layer: object, before: object) -> None:
    architecture = space(before, layer, {"conv": {"out": 2, "kernel": 3}}).architecture({})
    cost = architecture.cost
    model = nas.build_model(architecture).train()
    image = torch.randn(1, 4, 8, 8, requires_grad=True)
    with FlopCounterMode(display=False) as counter:
        model(image)
    assert counter.get_total_flops() == 2 * cost.macs
    assert sum(p.numel() for p in model.parameters()) == cost.params
    assert kept_bytes(model, image) + 12 * cost.params == cost.train_bytes
