import pytest

from nas.dashboard.pages.links import Link
from nas.dashboard.pages.spaces import raised, said, space_view
from nas.errors import UnknownNameError
from nas.store import Store, open_store


@pytest.fixture(scope="module")
def store() -> Store:
    return open_store("sqlite://")


def test_the_query_holds_a_point_and_what_is_set_besides(store: Store) -> None:
    found = space_view(store, "lenet", Link("/x", (("set", "maps=4,8"), ("set", "scale=2"), ("unfold", "1"))))
    assert found.play is not None
    assert found.play.point["maps"] == [4, 8]
    assert found.settings == {"scale": 2}
    assert found.error == ""
    assert 'data-of="1"' in found.play.svg


@pytest.mark.parametrize(
    "pair", [("set", "maps"), ("set", "kernel=4"), ("reference", "vgg16"), ("set", "maps=0")]
)
def test_a_point_that_cannot_be_is_told_and_the_first_shown(store: Store, pair: tuple[str, str]) -> None:
    found = space_view(store, "lenet", Link("/x", (pair,)))
    assert found.error
    assert found.play is not None
    assert found.play.feasible


def test_words_of_a_choice_are_read_as_the_choice_has_them(store: Store) -> None:
    found = space_view(store, "cell", Link("/x", (("set", "op=none,skip,conv1,conv3,pool,none"),)))
    assert found.error == ""
    assert found.play is not None
    assert found.play.point["op"] == ["none", "skip", "conv1", "conv3", "pool", "none"]


def test_an_unknown_space_or_profile_is_an_error(store: Store) -> None:
    for space, pairs in (("nowhere", ()), ("lenet", (("profile", "nowhere"),)), ("../lenet", ())):
        with pytest.raises(UnknownNameError, match="nowhere|lenet"):
            space_view(store, space, Link("/x", pairs))


def test_values_are_written_as_the_script_writes_them() -> None:
    assert said([88.0, 166.5, 0.123456]) == "88, 166.5, 0.1235"
    assert (said(True), said(None), said("relu")) == ("yes", "–", "relu")
    assert raised("15^2 × 2 = 450 points") == "15² × 2 = 450 points"
