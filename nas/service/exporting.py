"""Networks handed out as files that run without this project: source, weights, ONNX, a page about them."""

import json
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nas.cost.architecture import Architecture
from nas.errors import NasError, UnknownNameError
from nas.model.export.source import About, source
from nas.service.costs import price
from nas.service.described import about_reference, about_trial
from nas.service.final.testing import result_of
from nas.service.model_card import card, normalisation, other_files, reference_card, versions
from nas.service.plain import plain
from nas.service.studies import best
from nas.service.trained import NoWeightsError, Trained, trained
from nas.space.load import load_space
from nas.store import Store
from nas.versions import getting

TARGETS = {
    "pytorch": "source that needs torch only, and loads the weights beside it",
    "onnx": "a graph for any runtime and any number of images, checked by onnxruntime",
    "safetensors": "the weights alone, by the names of the source that --to pytorch writes",
    "torch-export": "a graph of torch.export (.pt2), for any number of images",
    "json": "space, point, layers, costs, recipe and results as data",
}
SUFFIXES = {
    "pytorch": ".py",
    "onnx": ".onnx",
    "safetensors": ".safetensors",
    "torch-export": ".pt2",
    "json": ".json",
}
ONNX_PACKAGES = ("onnx", "onnxruntime", "onnxscript")


@dataclass(frozen=True, kw_only=True)
class ExportOptions:
    """To what, and where; `weights` False: the network without what training has found."""

    to: str = "pytorch"
    out: Path | None = None
    force: bool = False
    weights: bool = True


@dataclass(frozen=True)
class Exported:
    """What was written."""

    name: str
    to: str
    files: dict[str, str]
    """Path -> what it is."""
    params: int
    arch_id: str
    difference: float | None
    """The largest difference of an output from this project's own network, as a share of the largest output;
    None where nothing was run."""


@dataclass(frozen=True)
class Subject:
    """What is exported: a network, what is said of it, and where its weights come from."""

    name: str
    architecture: Architecture
    about: About
    data: Mapping[str, Any]
    model: Callable[[], Any] | None
    """Its trained torch module; None without weights."""
    card: Callable[[Mapping[str, str]], str]


def export(store: Store, study: str, number: int | None, options: ExportOptions) -> Exported:
    """Write a trial's network, the best one's if there is no number.

    Raises:
        NasError: no complete trial, no weights or such that do not fit, a layer that the target does not
            have, a file that exists, a folder that does not.
    """
    _check(options)
    if number is None:
        number = best(store, study)[0].number
    found = trained(store, study, number)
    if options.weights and options.to != "json" and not found.has_weights:
        _refuse_without_weights(found, options)
    tested = result_of(store, found.study, number)
    name = f"{study}-{number}"
    subject = Subject(
        name,
        found.architecture,
        replace(about_trial(found), **_normalised(found.study.spec.data)),
        _trial_data(found),
        found.model if options.weights else None,
        lambda files: card(name, found, files, tested),
    )
    return _write(subject, options)


def export_reference(
    space: str, reference: str, options: ExportOptions, settings: Mapping[str, Any] | None = None
) -> Exported:
    """Write a published network, without trained weights. Raises `NasError` as `export` does."""
    _check(options)
    if options.to == "safetensors":
        raise NasError(f"{reference} has no trained weights to write; type --to pytorch, onnx or json")
    found, loaded = price(space, reference=reference, settings=settings), load_space(space)
    architecture = found.architecture
    subject = Subject(
        reference,
        architecture,
        about_reference(reference, architecture, loaded, found.point),
        found.to_json(layers=True),
        None,
        lambda files: reference_card(reference, architecture, loaded, found.published, files),
    )
    return _write(subject, options)


def _check(options: ExportOptions) -> None:
    if options.to not in TARGETS:
        raise UnknownNameError("target", options.to, TARGETS)
    missing = [name for name in ONNX_PACKAGES if find_spec(name) is None]
    if options.to == "onnx" and missing:
        raise NasError(f"--to onnx needs {' and '.join(missing)}: type {getting('onnx')}")
    if options.to == "safetensors" and not options.weights:
        raise NasError("--to safetensors --no-weights: there would be nothing to write; type --to pytorch")


def _refuse_without_weights(found: Trained, options: ExportOptions) -> None:
    try:
        found.weights()
    except NoWeightsError as error:
        if options.to == "safetensors":
            raise
        raise NoWeightsError(f"{error}; or add --no-weights for the network alone") from None


def _paths(subject: Subject, options: ExportOptions) -> list[Path]:
    """The files to write: the target's own first, the page about them last."""
    suffix = SUFFIXES[options.to]
    stem = re.sub(r"\W", "_", subject.name)
    main = options.out or Path(f"{stem}{suffix}")
    if main.is_dir():
        main = main / f"{stem}{suffix}"
    if main.suffix != suffix:
        raise NasError(
            f"--out {main}: --to {options.to} writes {suffix} files; type --out {main.with_suffix(suffix)}"
        )
    if not main.parent.is_dir():
        raise NasError(f"--out {main}: there is no folder {main.parent}; make it with mkdir -p {main.parent}")
    paths = [main]
    if options.to == "pytorch" and subject.model is not None:
        paths.append(main.with_suffix(".pt"))
    for path in paths:
        if path.exists() and not options.force:
            raise NasError(f"{path} exists; add --force to overwrite it, or name another file with --out")
    return [*paths, main.with_suffix(".md")]


def _write(subject: Subject, options: ExportOptions) -> Exported:
    """Write everything beside its place first: what cannot be finished leaves nothing behind."""
    paths = _paths(subject, options)
    others = other_files(paths[-1], subject.name, subject.architecture, force=options.force)
    try:
        with tempfile.TemporaryDirectory(prefix=".nas-export-", dir=paths[0].parent) as folder:
            beside = [Path(folder) / path.name for path in paths]
            files, difference = WRITERS[options.to](subject, beside)
            said = {path.name: files.get(path.name, "this page") for path in paths}
            whole = {
                **others,
                **files,
                paths[0].name: files[paths[0].name] + _checked(options.to, difference),
                paths[-1].name: "this page",
            }
            beside[-1].write_text(subject.card(whole), encoding="utf-8")
            for made, path in zip(beside, paths, strict=True):
                made.replace(path)
    except OSError as error:
        raise NasError(f"{paths[0]}: cannot be written: {error.strerror or error}") from None
    written = {str(path): said[path.name] for path in paths}
    params = subject.architecture.cost.params
    return Exported(subject.name, options.to, written, params, subject.architecture.arch_id, difference)


Written = tuple[dict[str, str], float | None]


def _pytorch(subject: Subject, paths: list[Path]) -> Written:
    text = source(subject.architecture, subject.about, weights=subject.model is not None)
    paths[0].write_text(text, encoding="utf-8")
    files = {paths[0].name: TARGETS["pytorch"] if subject.model else "source that needs torch only"}
    if subject.model is None:
        return files, None
    from nas.model.export.files import save_weights

    worst = save_weights(text, subject.architecture, subject.model(), paths[1], _facts(subject))
    return {**files, paths[1].name: "its weights, a state_dict"}, worst


def _onnx(subject: Subject, paths: list[Path]) -> Written:
    from nas.model.export.files import to_onnx

    worst = to_onnx(_model(subject), subject.architecture, paths[0])
    return {paths[0].name: TARGETS["onnx"]}, worst


def _torch_export(subject: Subject, paths: list[Path]) -> Written:
    from nas.model.export.files import to_torch_export

    worst = to_torch_export(_model(subject), subject.architecture, paths[0])
    return {paths[0].name: TARGETS["torch-export"]}, worst


def _safetensors(subject: Subject, paths: list[Path]) -> Written:
    from nas.model.export.files import save_weights

    text = source(subject.architecture, subject.about)
    worst = save_weights(text, subject.architecture, _model(subject), paths[0], _facts(subject))
    return {paths[0].name: TARGETS["safetensors"]}, worst


def _json(subject: Subject, paths: list[Path]) -> Written:
    text = json.dumps(plain(dict(subject.data)), indent=2, ensure_ascii=False)
    paths[0].write_text(f"{text}\n", encoding="utf-8")
    return {paths[0].name: TARGETS["json"]}, None


WRITERS: dict[str, Callable[[Subject, list[Path]], Written]] = {
    "pytorch": _pytorch,
    "onnx": _onnx,
    "safetensors": _safetensors,
    "torch-export": _torch_export,
    "json": _json,
}


def _model(subject: Subject) -> Any:
    """Its trained module, or one with weights as they begin."""
    if subject.model is not None:
        return subject.model()
    from nas.model.export.files import fresh

    return fresh(subject.architecture)


def _normalised(data: str) -> dict[str, Any]:
    mean, sd = normalisation(data)
    return {"mean": mean, "sd": sd}


def _facts(subject: Subject) -> dict[str, str]:
    return {"name": subject.name, "arch_id": subject.architecture.arch_id, "written by": versions()[0][2:]}


def _checked(target: str, difference: float | None) -> str:
    if difference is None:
        return ""
    by = "onnxruntime" if target == "onnx" else "torch"
    said = f"differ by at most {difference:.1e} of the largest one" if difference else "are the same"
    return f"; run by {by} on random images beside the network that was trained, outputs {said}"


def _trial_data(found: Trained) -> dict[str, Any]:
    trial, spec, architecture = found.trial, found.study.spec, found.architecture
    return {
        "study": found.study.name,
        "trial": trial.number,
        "state": trial.state.value,
        "space": dict(spec.space),
        "point": dict(trial.point),
        "arch_id": architecture.arch_id,
        "input": architecture.input._asdict(),
        "cost": asdict(architecture.cost),
        "layers": [asdict(layer) for layer in architecture.layers()],
        "recipe": found.recipe.model_dump(),
        "data": spec.data,
        "seed": trial.seed,
        "key": trial.key,
        "metrics": dict(trial.metrics),
        "values": list(trial.values),
        "versions": versions()[0][2:],
    }
