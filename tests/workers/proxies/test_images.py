"""The images that proxies show to networks."""

from pathlib import Path

import numpy as np
import pytest
import torch

from nas.arch.shape import Input
from nas.errors import DataError
from tests.workers.data.pictures import arrays, write_folder
from workers.data import load_data
from workers.data.base import Splits
from workers.proxies.images import batch_of


def test_a_fixed_draw_without_repetition() -> None:
    x, y = batch_of("digits", Input(1, 8, 10), 64)
    batch_of.cache_clear()
    again, labels = batch_of("digits", Input(1, 8, 10), 64)
    assert torch.equal(x, again)
    assert torch.equal(y, labels)
    assert (x.shape, y.shape, x.dtype) == ((64, 1, 8, 8), (64,), torch.float32)
    assert len(torch.unique(x.flatten(1), dim=0)) > 60
    assert len(torch.unique(y)) == 10


def test_normalised_as_training_images_are() -> None:
    data = load_data("digits")
    assert isinstance(data, Splits)
    x, _ = batch_of("digits", Input(1, 8, 10), len(data.y_train))
    assert float(x.mean()) == pytest.approx(0, abs=1e-4)
    assert float(x.std()) == pytest.approx(1, abs=1e-3)


def test_as_large_as_the_network_wants_and_no_more_than_there_are(tmp_path: Path) -> None:
    np.savez(tmp_path / "mine.npz", **arrays())
    x, y = batch_of(f"npz:{tmp_path}/mine.npz", Input(3, 11, 3), 64)
    assert x.shape == (27, 3, 11, 11)
    assert len(y) == 27


def test_image_files_are_decoded(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "pets", train=20, test=4)
    x, y = batch_of(f"imagefolder:{folder}", Input(3, 12, 2), 8)
    assert x.shape == (8, 3, 12, 12)
    assert set(y.tolist()) <= {0, 1}
    assert bool(torch.isfinite(x).all())


def test_data_of_another_shape_is_refused() -> None:
    with pytest.raises(DataError, match="digits has 1 channels and 10 classes, but the network takes 3"):
        batch_of("digits", Input(3, 8, 10), 8)
