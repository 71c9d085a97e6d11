"""TPE by itself; what it shares with the others is in tests/contracts/test_sampler.py."""

import numpy as np

from nas.records import Objective, TrialState
from nas.search.history import Past
from nas.search.samplers import SAMPLERS, Ask
from tests.search.playing import past
from tests.search.spaces import tiny


def test_tpe_goes_where_it_was_good() -> None:
    space = tiny({"width": {"int": [1, 200]}})
    for minimize in (True, False):
        rows = [
            Past(n, TrialState.COMPLETE, {"width": w}, (float(abs(w - 150)) * (1 if minimize else -1),))
            for n, w in enumerate(range(5, 200, 5), 1)
        ]
        asked = Ask(
            space=space, history=rows, seed=1, draw=0, count=20, objectives=(Objective("x", minimize),)
        )
        widths = [item.point["width"] for item in SAMPLERS["tpe"]().propose(asked).items]
        assert 120 < float(np.median(widths)) < 180


def test_tpe_keeps_floats_on_their_grid() -> None:
    space = tiny({"a": {"float": [1.0, 2.0], "step": 0.05}, "width": {"int": [8, 64], "step": 8}})
    items = (
        SAMPLERS["tpe"]().propose(Ask(space=space, history=past(space, 60), seed=7, draw=0, count=50)).items
    )
    assert {item.point["a"] for item in items} <= {round(1 + 0.05 * i, 12) for i in range(21)}


def test_tpe_is_cheap_with_a_long_history() -> None:
    """Loose: a bounded history keeps an ask far below 0.1 s however many trials there are."""
    import time

    space = tiny()
    history = past(space, 2000)
    sampler = SAMPLERS["tpe"]()
    sampler.propose(Ask(space=space, history=history, seed=7, draw=0))
    began = time.process_time()
    sampler.propose(Ask(space=space, history=history, seed=7, draw=0, count=10))
    assert (time.process_time() - began) / 10 < 0.05
