"""ImageNet-1k, the data of ILSVRC 2012 (Russakovsky et al. 2014, arXiv:1409.0575)."""

from nas.records import DataInfo
from workers.data.base import DATASETS, DataSet, refuse_argument
from workers.data.hub import Hub

INFO = DataInfo("imagenet-1k", channels=3, size=224, classes=1000)
STATISTICS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Mean and standard deviation of its training images, as everybody uses them."""


@DATASETS.register("imagenet-1k", "ILSVRC 2012: 1.28 million photographs of a thousand kinds, streamed")
def imagenet(argument: str) -> DataSet:
    """Its public validation part is the test part here; a tenth of training is held out. No argument."""
    refuse_argument("imagenet-1k", argument)
    parts = {"train": "train", "validation": "test"}
    # Rate and epochs are those of the space: what ships is written for this data.
    recipe = {"optimizer": "sgd", "batch": 256, "resized_crop": 0.08, "flip": True}
    return Hub(
        INFO, "ILSVRC/imagenet-1k", image="image", label="label",
        parts=parts, recipe=recipe, statistics=STATISTICS,
    )  # fmt: skip
