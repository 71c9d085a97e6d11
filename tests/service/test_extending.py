"""A budget grows only where more trials can be had."""

from dataclasses import replace

import pytest

from nas.errors import NasError, SamplerError
from nas.records import Ending, Objective, StudySpec
from nas.search.samplers import abilities
from nas.service import studies
from nas.service.engines import EngineOptions
from nas.service.run import run
from nas.store import Store
from tests.search.spaces import spec_of, tiny

INLINE = EngineOptions(engine="inline")
MOST = abilities("gp").trials or 0


@pytest.fixture
def spec() -> StudySpec:
    space = tiny({"width": {"int": [1, 5]}})
    return spec_of(space, evaluator="cost", objectives=(Objective("macs"),))


def test_an_exhausted_study_does_not_grow_in_vain(store: Store, spec: StudySpec) -> None:
    store.create_study("s", spec, 9, "memory://s")
    assert run(store, "s", INLINE, compare=False).ending is Ending.EXHAUSTED
    with pytest.raises(
        NasError, match=r"'s' is exhausted: .* last 4 of its 9 trials, .*nas resume s to look"
    ):
        studies.reopen(store, "s", 10)
    row = store.study("s")
    assert (row.budget, row.ending) == (9, Ending.EXHAUSTED)
    studies.reopen(store, "s")
    assert run(store, "s", INLINE, compare=False).ending is Ending.EXHAUSTED


def test_a_slow_sampler_has_its_limit_when_a_study_grows_too(store: Store, spec: StudySpec) -> None:
    slow = replace(spec, sampler="gp")
    store.create_study("near", slow, MOST - 10, "memory://near")
    with pytest.raises(
        SamplerError, match=rf"too slow for {MOST + 1:,} trials: .*nas resume near --trials \+10"
    ):
        studies.reopen(store, "near", 11)
    assert store.study("near").budget == MOST - 10
    assert studies.reopen(store, "near", 10).budget == MOST
    with pytest.raises(SamplerError, match=r"allowed\. Type nas search with another --sampler"):
        studies.reopen(store, "near", 1)
