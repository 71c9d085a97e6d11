"""Every view of networks of many families: what is drawn, its words and its numbers."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from nas.errors import NasError, UnknownNameError
from nas.space.load import load_space
from tests.workers.inside.networks import DIGITS, digits, network, shown
from workers.data import load_data
from workers.inside import subject as subjects
from workers.inside.base import VIEWS, DoesNotApplyError
from workers.inside.filters import filters
from workers.inside.look import look, wanted
from workers.inside.mistakes import mistakes
from workers.inside.sheet import LARGEST, png
from workers.inside.strongest import strongest
from workers.inside.subject import subject
from workers.inside.templates import jacobian, templates
from workers.recipe import Recipe

ORDER = ["filters", "templates", "maps", "deconvolution", "occlusion", "field", "paths", "mistakes"]
WITHOUT = {
    "cell": {"templates", "paths"},
    "densenet": {"templates", "paths"},
    "lenet": {"templates", "paths"},
    "linear": {"filters", "maps", "deconvolution", "field", "paths"},
    "mobilenet": {"templates"},
    "resnet": {"templates"},
}
"""Families, and the views that have nothing to show of them."""


POINTS: dict[str, dict[str, Any]] = {
    "cell": {"op": ["conv3"] * 6},
    "mobilenet": {"version": 2},
    "resnet": {"shortcut": "identity", "order": "pre"},
}


@pytest.mark.parametrize("space", WITHOUT)
def test_each_family_is_looked_into(space: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subjects, "MOST", 40)
    found = list(look(shown(digits(space, **POINTS.get(space, {})))))
    assert [one.name for one in found] == ORDER
    assert {one.name for one in found if one.picture is None} == WITHOUT[space]
    for one in found:
        if one.picture is None:
            assert one.why
            continue
        content = png(one.picture.image)
        assert len(content) <= LARGEST
        drawn = Image.open(io.BytesIO(content)).convert("RGB")
        assert drawn.getpixel((0, 0)) == (255, 255, 255)
        assert 100 <= drawn.width <= 2600
        assert len(drawn.getcolors(2**20) or []) > 8
        assert one.picture.caption.endswith(".")
        assert one.picture.alt.endswith(".")
        json.dumps(one.picture.data, allow_nan=False)


def test_views_are_chosen_by_name() -> None:
    assert [entry.name for entry in wanted(["mistakes", "maps", "maps"])] == ["maps", "mistakes"]
    assert sorted(ORDER) == VIEWS.names()
    with pytest.raises(UnknownNameError, match="unknown view 'map': known are .* did you mean 'maps'"):
        wanted(["map"])


def test_filters_are_the_weights() -> None:
    found = shown(digits("lenet", maps=[4, 8], kernel=3))
    picture = filters(found)
    conv = next(module for module in found.model.modules() if isinstance(module, torch.nn.Conv2d))
    assert np.allclose(picture.data["weights"], conv.weight.detach().numpy(), rtol=1e-4)
    assert picture.data["largest"] == pytest.approx(float(conv.weight.detach().abs().max()))
    pixels = np.asarray(picture.image)
    least, most = np.unravel_index([conv.weight.argmin(), conv.weight.argmax()], conv.weight.shape)[0]
    tile = lambda index: pixels[28 : 28 + 88, 28 + index * 96 : 28 + index * 96 + 88].astype(int)  # noqa: E731
    blue, orange = (tile(int(index)) for index in (least, most))
    assert (orange[..., 0] - orange[..., 2]).max() > 100
    assert (blue[..., 2] - blue[..., 0]).max() > 80


def test_templates_are_what_scores_are_made_of() -> None:
    """The score of an image is the sum of pixel times template, and a constant; blocks of averaged pixels
    have one weight."""
    found = shown(digits("linear", pool=2, bias=True))
    pictured = np.array(templates(found).data["templates"])
    assert pictured.shape == (10, 1, 8, 8)
    assert np.array_equal(pictured[:, :, ::2, ::2], pictured[:, :, 1::2, 1::2])
    pixels = found.pixels(found.x[:5]).transpose(0, 3, 1, 2)
    with torch.no_grad():
        scores = found.model(found.x[:5]).numpy()
    constant = scores[0] - np.tensordot(pixels[0], pictured, ([0, 1, 2], [1, 2, 3]))
    assert np.allclose(scores, np.tensordot(pixels, pictured, ([1, 2, 3], [1, 2, 3])) + constant, atol=1e-3)
    layer = next(module for module in found.model.modules() if isinstance(module, torch.nn.Linear))
    assert jacobian(found)[3, 0, 0, 0] == pytest.approx(float(layer.weight.detach()[3, 0]) / 4)


def test_strongest_activations_are_the_strongest() -> None:
    found = shown(digits("lenet", maps=[4, 8], kernel=3))
    stage = strongest(found).data["stages"][0]
    module = found.stages[0].module
    given: list[torch.Tensor] = []
    handle = module.register_forward_hook(lambda *call: given.append(call[2]))
    with torch.no_grad():
        found.model(found.x)
    handle.remove()
    for one in stage["maps"]:
        tops = given[0][:, one["channel"]].flatten(1).amax(1)
        order = tops.argsort(descending=True)[:9]
        assert np.allclose(one["activations"], tops[order], rtol=1e-4)
        assert [int(tops[image] * 1e4) for image in one["images"]] == [int(v * 1e4) for v in tops[order]]
        first = given[0][one["images"][0], one["channel"]]
        assert float(first[tuple(one["places"][0])]) == pytest.approx(float(first.max()))


def test_mistakes_are_those_of_the_validation_part() -> None:
    found = shown(digits("linear", pool=1))
    picture = mistakes(found)
    data = load_data("digits")
    with torch.no_grad():
        said = found.model(found.x).argmax(1).numpy()
    wrong = {row["image"]: (row["class"], row["said"]) for row in picture.data["mistakes"]}
    expected = {int(i): (int(data.y_valid[i]), int(said[i])) for i in np.flatnonzero(said != data.y_valid)}  # type: ignore[union-attr]
    assert wrong == expected
    sure = [row["sure"] for row in picture.data["mistakes"]]
    assert sure == sorted(sure, reverse=True)
    assert f"{len(wrong)} of {len(said)} validation images" in picture.caption


def test_a_network_without_mistakes_says_so() -> None:
    found = shown(digits("linear"))
    right = found.y.new_tensor(found.probabilities.argmax(1).tolist())
    object.__setattr__(found, "y", right)
    with pytest.raises(DoesNotApplyError, match="right on all 359 validation images"):
        mistakes(found)


def test_images_are_those_that_training_validates_on() -> None:
    """All of them, in order, normalised; shown as they were."""
    found = shown(digits("linear", pool=1))
    data = load_data("digits")
    assert np.allclose(found.pixels(found.x), data.x_valid / 255, atol=1e-6)  # type: ignore[union-attr]
    assert found.y.tolist() == data.y_valid.tolist()  # type: ignore[union-attr]
    assert found.whole == len(found.y) == 359
    rows = found.examples(10)
    assert [int(found.y[row]) for row in rows] == list(range(10))


def test_an_image_that_is_asked_for_comes_first() -> None:
    found = shown(digits("linear"), image=7)
    assert found.examples(3)[0] == found.chosen == 7
    assert len(set(found.examples(30))) == 30
    with pytest.raises(NasError, match="images 0 to 358"):
        shown(digits("linear"), image=359)


def test_of_many_images_some_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subjects, "MOST", 20)
    found = shown(digits("linear"), image=3)
    assert len(found.x) == 21
    assert found.numbers[[0, -1]].tolist() == [0, 358]
    assert int(found.numbers[found.chosen]) == 3  # type: ignore[index]
    assert "of 21 of 359 validation images" in mistakes(found).caption


def test_colour_images_from_files_are_looked_at_too(tmp_path: Path) -> None:
    """Filters of three channels are shown in colour."""
    rng = np.random.default_rng(0)
    for part, count in (("train", 12), ("val", 3), ("test", 3)):
        for label in ("cat", "dog"):
            folder = tmp_path / part / label
            folder.mkdir(parents=True)
            for index in range(count):
                pixels = rng.integers(0, 256, (20, 24, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / f"{index}.png")
    info = replace(DIGITS, name=f"imagefolder:{tmp_path}", channels=3, size=16, classes=2)
    space = load_space("lenet", data=info, settings={"input.size": 16, "first": [8]})
    architecture = space.architecture(space.sample(rng))
    found = subject(network(architecture), architecture, info.name, Recipe())
    assert found.x.shape == (6, 3, 16, 16)
    drawn = {one.name: one.picture for one in look(found, ["filters", "maps", "deconvolution", "occlusion"])}
    assert all(drawn.values())
    assert drawn["filters"] is not None
    assert "middle grey is 0" in drawn["filters"].caption
