"""Messages that a form shows."""

import pytest

from nas.service.labels import by_labels


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("--trials -3: from 1 to 5", "Trials -3: from 1 to 5"),
        ("--repeat 50 with --trials 24: none", "Repeat 50 with Trials 24: none"),
        ("limit --max macs=1: none keeps it", "limit at most macs=1: none keeps it"),
        ("spent; nas resume s --trials +1 makes room", "spent; nas resume s --trials +1 makes room"),
        (
            "full; nas search x --seed 3; leave out --stopper",
            "full; nas search x --seed 3; leave out Stopper",
        ),
        ("name a file; type --store sqlite:///FILE", "name a file; type --store sqlite:///FILE"),
    ],
)
def test_options_are_told_by_the_labels_of_their_fields(said: str, shown: str) -> None:
    assert by_labels(said) == shown
