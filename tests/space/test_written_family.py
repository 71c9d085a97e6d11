"""The family that search_spaces/README.md writes down works as it stands there."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch

import nas
from nas.errors import InfeasibleError
from nas.records import DataInfo
from nas.space.load import shipped_folder

README = shipped_folder() / "README.md"


@pytest.fixture
def family(tmp_path: Path) -> Path:
    block = re.search(r"```yaml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    file = tmp_path / "small-residual.yaml"
    file.write_text(block[1], encoding="utf-8")
    return file


def test_it_prices_and_builds(family: Path) -> None:
    made = nas.load_space(family)
    assert made.reference("resnet20").cost.layers == 20
    rng = np.random.default_rng(0)
    for _ in range(5):
        point = made.sample(rng)
        architecture = made.architecture(point)
        model = nas.build_model(architecture)
        assert sum(p.numel() for p in model.parameters()) == architecture.cost.params
        assert model(torch.zeros(2, 3, 32, 32)).shape == (2, 10)


def test_its_rules_hold(family: Path) -> None:
    made = nas.load_space(family)
    with pytest.raises(InfeasibleError, match="total <= 9: total is 12"):
        made.architecture({"width": 8, "blocks": [4, 4, 4]})
    assert made.counter.total == 3 * 4**3


def test_its_digits_profile_applies(family: Path) -> None:
    made = nas.load_space(family, data=DataInfo("digits", 1, 8, 10))
    assert made.input == (1, 8, 10)
    assert made.recipe(made.draw(np.random.default_rng(0)))["epochs"] == 6
