"""What a page asks for: the same as a command line, and nothing that leads to a file or another machine."""

import json
import shlex
from dataclasses import replace

import pytest
from pydantic import TypeAdapter, ValidationError

from nas.errors import NasError, UnknownNameError
from nas.service.actions.preview import look
from nas.service.actions.request import SearchRequest, command, refuse_paths
from nas.service.engines import EngineOptions
from nas.service.specify import SearchOptions
from nas.service.studies import start
from nas.store import Store
from tests.conftest import Nas
from tests.store.makers import spec

REQUESTS = [
    SearchRequest(space="vgg"),
    SearchRequest(
        space="vgg",
        study="a study",
        trials=7,
        data="digits",
        profile="digits",
        settings={"hidden": 32, "batch_norm": True, "convs": [1, 2, 1]},
        recipe={"epochs": 3, "schedule": "cosine", "clip": None},
        objective="error,macs",
        most=("params=1M", "error=0.5"),
        least=("macs=10k",),
        sampler="nsga2",
        start_from="references",
        seed=5,
        timeout_s=60.0,
        engine="ray",
        workers=2,
        gpus_per_trial=0.25,
        compare=False,
    ),
    SearchRequest(space="vgg", iso="macs=1M", stopper="median", repeat=2, screen="naswot:4"),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=["default", "all", "others"])
def test_the_command_asks_for_the_same(request_: SearchRequest, nas_here: Nas) -> None:
    typed = command(request_.options(), request_.slots(), compare=request_.compare)
    words = shlex.split(typed)
    assert words[:3] == ["nas", "search", "vgg"]
    done = nas_here(*words[1:], "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    found, same = json.loads(done.stdout), look(request_.options(), request_.slots(), request_.compare)
    assert found["command"] == typed
    assert found["spec"] == json.loads(json.dumps(same.spec))
    assert (found["budget"], found["first"]) == (same.budget, same.first)


def test_only_what_differs_is_typed() -> None:
    assert command(SearchOptions(space="vgg"), EngineOptions()) == "nas search vgg"
    odd = SearchOptions(space="vgg", study="; rm -rf ~", settings={"a": "$(id)"})
    assert shlex.split(command(odd, EngineOptions(address="head:6379"))) == [
        *["nas", "search", "vgg", "--study", "; rm -rf ~", "--set", "a=$(id)", "--address", "head:6379"]
    ]


def test_it_reads_json_and_refuses_what_it_does_not_know() -> None:
    reads = TypeAdapter(SearchRequest)
    text = '{"space": "vgg", "most": ["macs=1M"], "settings": {"hidden": 32}, "workers": 2}'
    assert reads.validate_json(text) == SearchRequest(
        space="vgg", most=("macs=1M",), settings={"hidden": 32}, workers=2
    )
    for more in (
        '"address": "10.0.0.1:6379"',
        '"artifacts": "file:///etc"',
        '"start_from": "/etc/passwd"',
        '"trials": "many"',
        f'"study": "{"x" * 2000}"',
    ):
        with pytest.raises(ValidationError):
            reads.validate_json(f'{{"space": "vgg", {more}}}')


@pytest.mark.parametrize(
    "asked",
    [
        {"space": "/etc/passwd"},
        {"space": "../vgg"},
        {"space": "vgg.yaml"},
        {"space": "vgg", "data": "npz:/etc/passwd"},
        {"space": "vgg", "data": "imagefolder:/"},
        {"space": "vgg", "data": "hf:/etc"},
        {"space": "vgg", "evaluator": "python:os.system"},
        {"space": "vgg", "evaluator": "table:/etc/passwd"},
        {"space": "vgg", "evaluator": "column:error:/etc/passwd"},
    ],
    ids=str,
)
def test_no_path_is_followed(asked: dict[str, str], store: Store) -> None:
    with pytest.raises(NasError, match="from here only names without a path are taken|unknown space"):
        refuse_paths(store, SearchRequest(**asked))  # type: ignore[arg-type]


def test_what_a_study_has_already_may_be_asked_for_again(store: Store) -> None:
    start(store, replace(spec(), data="npz:/data/x.npz", evaluator="python:mine.score"), "old", 3)
    refuse_paths(store, SearchRequest(space="vgg", data="npz:/data/x.npz", evaluator="python:mine.score"))
    with pytest.raises(NasError, match="--data 'npz:/data/y.npz'"):
        refuse_paths(store, SearchRequest(space="vgg", data="npz:/data/y.npz"))
    with pytest.raises(UnknownNameError, match="did you mean 'vgg'"):
        refuse_paths(store, SearchRequest(space="vg"))
    refuse_paths(None, SearchRequest(space="vgg", evaluator="proxy:naswot"))
