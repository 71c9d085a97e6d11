"""CIFAR-10 and CIFAR-100 (Krizhevsky 2009, Learning multiple layers of features from tiny images)."""

from nas.records import DataInfo
from workers.data.base import DATASETS, DataSet, refuse_argument
from workers.data.hub import Hub

NATURAL = {
    "optimizer": "adamw",
    "epochs": 20,
    "batch": 128,
    "lr": 4e-3,
    "weight_decay": 0.02,
    "crop": 0.125,
    "flip": True,
}
"""Pad by 4 of 32 pixels, crop and mirror: He et al. 2015, arXiv:1512.03385."""


@DATASETS.register("cifar10", "ten kinds of animals and vehicles: 60,000 colour images of 32x32")
def cifar10(argument: str) -> DataSet:
    """45,000 training, 5,000 validation, 10,000 test images; takes no argument."""
    refuse_argument("cifar10", argument)
    info = DataInfo("cifar10", channels=3, size=32, classes=10)
    return Hub(info, "uoft-cs/cifar10", image="img", label="label", recipe=NATURAL)


@DATASETS.register("cifar100", "a hundred kinds of things: 60,000 colour images of 32x32")
def cifar100(argument: str) -> DataSet:
    """As many images, by their fine labels; takes no argument."""
    refuse_argument("cifar100", argument)
    info = DataInfo("cifar100", channels=3, size=32, classes=100)
    return Hub(info, "uoft-cs/cifar100", image="img", label="fine_label", recipe=NATURAL)
