"""Points as coordinates."""

import pytest

from nas.search.axes import STEPS, Axes, labels_of, place, quantile, share, shares, within
from nas.space.counting import values_of
from nas.space.domains import Choice, Domain, Float, Int
from tests.contracts.test_sampler import mixed
from tests.search.spaces import conditional, tiny

DOMAINS: list[Domain] = [
    Int(8, 64, 8),
    Int(1, 1000, log=True),
    Int(1, 2),
    Float(1.0, 1.4, 0.05),
    Float(0.0, 3.0),
    Float(1e-4, 1e-1, log=True),
    Choice((1, 3, 5)),
    Choice(((1, 2), (2, 1))),
]


@pytest.mark.parametrize("domain", DOMAINS, ids=str)
def test_a_share_is_the_inverse_of_a_quantile(domain: Domain) -> None:
    values = [quantile(domain, i / 200) for i in range(201)]
    assert all(map(domain.contains, values))
    back = [quantile(domain, share(domain, value)) for value in values]
    assert back == values if isinstance(domain, Choice) else back == pytest.approx(values)
    if domain.count is not None:
        assert shares(domain) == sorted(shares(domain))
        assert set(values) == set(values_of(domain)) or domain.count > 200
        assert 0 < shares(domain)[0] < shares(domain)[-1] < 1


def test_numbers_with_few_values_are_stepped_and_choices_without_order_are_named() -> None:
    axes = Axes(mixed())
    assert list(axes.smooth) == ["magnitude", "lr", "share"]
    assert list(axes.stepped) == ["width", "factor", "kernels[0]", "kernels[1]", "kernels[2]"]
    assert list(axes.named) == ["pair", "flag"]
    assert len(axes) == 10


def test_two_values_are_a_choice_and_one_is_on_no_axis() -> None:
    space = tiny({"width": {"int": [4, 5]}, "a": {"int": [3, 3]}, "b": {"choice": [9, 4, 6]}})
    assert (list(Axes(space).named), len(Axes(space))) == (["width", "b"], 2)
    many = tiny({"width": {"int": [1, STEPS]}, "a": {"int": [1, STEPS + 1]}})
    assert (list(Axes(many).stepped), list(Axes(many).smooth)) == (["width"], ["a"])


def test_what_is_not_always_there_has_axes_too() -> None:
    space = conditional()
    assert {"widths[0]", "widths[1]", "widths[2]", "factor"} <= set(labels_of(space))
    assert len(Axes(space)) == len(labels_of(space)) == 7


def test_places_tell_true_from_one_and_lists_from_json_are_tuples() -> None:
    assert [place(Choice((1, True, "1")), value) for value in (True, 1, "1")] == [1, 0, 2]
    assert place(Choice(((1, 2), (2, 1))), [2, 1]) == 1
    with pytest.raises(ValueError, match="not in list"):
        place(Choice((1, 2)), 3)


def test_a_narrowed_domain_gets_its_nearest_value() -> None:
    assert [within(Int(16, 48, 16), value) for value in (8, 16, 40, 64)] == [16, 16, 48, 48]
    assert [within(Float(0.2, 0.5), value) for value in (0.1, 0.3, 0.9)] == [0.2, 0.3, 0.5]
