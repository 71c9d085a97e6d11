"""The page that goes with an exported network: what it is, how it was made, how good it is."""

import platform
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from nas.cost.architecture import Architecture
from nas.errors import NasError
from nas.service.described import cited, sources
from nas.service.final.intervals import error_interval
from nas.service.final.looks import Result
from nas.service.plain import counted, settings, shown, si
from nas.service.trained import Trained
from nas.space.space import Space
from nas.store.rows import StudyRow
from nas.versions import installed, ours
from workers.data import Splits, Streams, dataset, load_data

VALIDATED = ("error", "accuracy", "loss", "top5_error")
"""Metrics of the validation part."""
FILE = re.compile(r"^- `([^`/]+)`: (.+)$", re.MULTILINE)
"""What a card says of a file."""
LICENCE = (
    "Source and weights made by nas-design-spaces (Apache-2.0) are yours to license; the terms of the data "
    "set that they were trained on, and of the published design, still hold."
)


def card(name: str, found: Trained, files: Mapping[str, str], tested: Result | None) -> str:
    """A trial's card as Markdown; `files` says what each file is."""
    lines = [f"# {name}", "", _summary(found), ""]
    lines += _files(files)
    lines += network(found.architecture, found.space)
    lines += ["", f"Point: `{settings(found.point)}`", ""]
    lines += ["## Results", "", *_results(found, tested), ""]
    lines += ["## Training", "", *_training(found), ""]
    lines += ["## Provenance", "", *provenance(found), "", "## Licence", "", LICENCE]
    return "\n".join(lines) + "\n"


def reference_card(
    name: str,
    architecture: Architecture,
    space: Space,
    published: Mapping[str, float],
    files: Mapping[str, str],
) -> str:
    """The card of a published network without trained weights."""
    lines = [f"# {name}", "", f"{name} of the space {space.name}, without trained weights.", ""]
    lines += _files(files)
    lines += network(architecture, space)
    if published:
        told = ", ".join(f"{key} {shown(value)}" for key, value in published.items())
        lines += ["", f"Published: {told}. The numbers above are computed, exactly."]
    lines += ["", "## Provenance", "", *versions(), "", "## Licence", "", LICENCE]
    return "\n".join(lines) + "\n"


def _files(files: Mapping[str, str]) -> list[str]:
    return ["## Files", "", *(f"- `{file}`: {what}" for file, what in files.items()), ""]


def other_files(page: Path, name: str, architecture: Architecture, *, force: bool) -> dict[str, str]:
    """What an earlier card of the same network says of the files that still lie beside it.

    Raises `NasError` for a card of another network, which `force` gives up.
    """
    text = page.read_text(encoding="utf-8", errors="replace") if page.is_file() else ""
    if not text.startswith(f"# {name}\n") or f"| arch_id | `{architecture.arch_id}` |" not in text:
        if page.exists() and not force:
            raise NasError(
                f"{page} is of another network; add --force to overwrite it, or name another file with --out"
            )
        return {}
    told = FILE.findall(text.partition("\n## Files\n")[2].partition("\n## ")[0])
    return {file: what for file, what in told if (page.parent / file).is_file()}


def network(architecture: Architecture, space: Space) -> list[str]:
    """What the network is and costs."""
    given, cost = architecture.input, architecture.cost
    size = f"{given.channels} × {given.size} × {given.size}"
    rows = [
        ("input", f"images (N, {given.channels}, {given.size}, {given.size})"),
        ("output", f"logits (N, {architecture.output.channels})"),
        ("parameters", f"{cost.params:,} ({si(cost.params)})"),
        ("multiply-adds", f"{cost.macs:,} ({si(cost.macs)}) for one image of {size}"),
        ("layers", f"{cost.layers}"),
        ("arch_id", f"`{architecture.arch_id}`"),
    ]
    lines = ["## Network", "", f"Design space {space.name}: {space.about}"]
    lines += [line for one in sources(space) for line in ("", f"Design: {cited(one)}.")]
    return [*lines, "", "| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]


def _summary(found: Trained) -> str:
    study, number, by = found.study.name, found.trial.number, ""
    if found.origin is not None:
        by = f" by study `{study}` (trial {number})"
        study, number = found.origin.study, found.origin.number
    return (
        f"Found by study `{study}` (trial {number}) in the space {found.space.name}, "
        f"trained{by} on {found.study.spec.data}."
    )


def _results(found: Trained, tested: Result | None) -> Iterator[str]:
    yield from ("| metric | value | 95 % interval | on |", "|---|---|---|---|")
    images = validation_images(found.study.spec.data)
    for name, value in found.trial.metrics.items():
        interval = "–"
        if name in ("error", "accuracy") and images:
            wrong = round((value if name == "error" else 1 - value) * images)
            sure = error_interval(wrong, images)
            low, high = (sure.low, sure.high) if name == "error" else (1 - sure.high, 1 - sure.low)
            interval = f"{shown(low)} to {shown(high)}"
        part = f"validation, {counted(images, 'image')}" if images else "validation"
        where = part if name in VALIDATED else "the training run"
        yield f"| {name} | {shown(value)} | {interval} | {where} |"
    if tested is not None:
        seen = counted(tested.images, "image")
        interval = f"{shown(tested.low)} to {shown(tested.high)}"
        yield f"| error | {shown(tested.error)} | {interval} | test, {seen}, seen once |"
    yield ""
    yield (
        "The search chose by validation, so that these numbers flatter; intervals (Clopper and Pearson) are "
        "of this network on other images of the same kind."
    )
    if tested is None:
        asked = f"nas evaluate {found.study.name} {found.trial.number}"
        yield f"The test set has not been seen: `{asked}` looks once."


def validation_images(data: str) -> int | None:
    """How many images validated; None for a data set that is streamed, or is not on this machine."""
    found = loaded(data)
    return len(found.y_valid) if isinstance(found, Splits) else None


def normalisation(data: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation by which images were normalised; empty where they cannot be known."""
    found = loaded(data)
    return ((), ()) if found is None else (found.mean, found.sd)


def loaded(data: str) -> Splits | Streams | None:
    """The data set, if it is on this machine."""
    try:
        return load_data(data)
    except NasError:
        return None


def _training(found: Trained) -> list[str]:
    spec, trial = found.study.spec, found.trial
    pairs = found.recipe.model_dump()
    lines = [
        f"- data: {spec.data}, train and validation parts split by a fixed seed",
        f"- evaluator: {spec.evaluator}; seed {trial.seed}; epochs reported: {trial.epoch}",
    ]
    mean, sd = normalisation(spec.data)
    if mean:
        told = [" ".join(f"{number:.6g}" for number in numbers) for numbers in (mean, sd)]
        lines.append(
            f"- images: {_sized(found)}(pixel / 255 - mean) / sd, per channel; mean {told[0]}; sd {told[1]}"
        )
    return [*lines, f"- recipe: `{settings(pairs)}`"]


def _sized(found: Trained) -> str:
    """How images become as large as the network takes them; nothing where they are."""
    name, size = found.study.spec.data, found.architecture.input.size
    middle = "the middle square of each, " if isinstance(loaded(name), Streams) else ""
    if not middle and dataset(name).info.size == size:
        return ""
    return f"{middle}resized to {size} × {size} (bilinear, smoothed where they shrink), then "


def provenance(found: Trained) -> list[str]:
    """Where it comes from, and by which versions."""
    study, trial = found.study, found.trial
    where = [
        f"- study `{study.name}`, trial {trial.number}, attempt {trial.attempt}, key `{trial.key}`",
    ]
    search: StudyRow | None = study
    if found.origin is not None:
        search = found.origin.row
        where.append(f"- found by study `{found.origin.study}`, trial {found.origin.number}")
    if search is not None:
        many = counted(search.budget, "trial")
        where.append(f"- sampler {search.spec.sampler}, seed {search.spec.seed}, {many}")
    return [*where, *versions()]


def versions() -> list[str]:
    """Which programs made it."""
    told = ", ".join(f"{name} {installed(name)}" for name in ("torch", "numpy") if installed(name))
    return [f"- nas-design-spaces {ours()}, Python {platform.python_version()}, {told}"]
