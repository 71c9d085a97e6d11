"""Reports of real stores: complete, with their data, true to the store, and nothing but text in them."""

import math
import re

import numpy as np
import pytest

from nas.errors import NasError, StudyNotFoundError, UnknownNameError
from nas.records import Limit, Objective, TrialState
from nas.report import file_name, report
from nas.report.parts.inside import MOST_BYTES as PICTURES
from nas.service.plain import value
from nas.service.results import results
from nas.store import Store
from tests.dashboard.seeding import SCRIPT
from tests.report import making
from tests.report.conftest import COUNT, FEWER, LARGE, OTHER
from tests.report.reading import Report
from tests.service.views.making import Told, spec, study
from workers.pictures import Shown, write_pictures

MOST_BYTES = 6_000_000


def test_one_file_without_scripts_or_addresses(whole: str, read: Report) -> None:
    assert len(whole.encode()) < MOST_BYTES
    assert "script" not in read.tags
    assert read.handlers == []
    assert all(url.startswith(("#", "data:")) for url in read.urls)
    assert "url(" not in whole
    assert "@import" not in whole
    assert {url[1:] for url in read.urls if url.startswith("#")} <= set(read.ids)
    assert len(read.ids) == len(set(read.ids))


def test_every_figure_has_charts_caption_and_data(read: Report) -> None:
    kinds = [figure.id.removeprefix(f"{LARGE}-") for figure in read.figures]
    assert kinds == [
        "history", "budget", "curves", "front", "distribution", "ranges", "importance", "narrowing",
        "slots", "time", "refusals",
    ]  # fmt: skip
    for number, figure in enumerate(read.figures, 1):
        assert figure.caption.startswith(f"Figure {number}. ")
        assert len(figure.caption) > 60
        assert figure.charts >= 2
        assert figure.file == f"{figure.id}.csv"
        assert 0 < figure.shown <= len(figure.rows)
        assert list(figure.rows[0]) == figure.heads


def test_data_are_those_of_the_store(large: Store, read: Report) -> None:
    row = large.study(LARGE)
    trials = {str(t.number): t for t in large.trials(row.id)}
    told = read.figure("-history").rows
    assert len(told) == row.counts[TrialState.COMPLETE] + row.counts[TrialState.PRUNED]
    for each in told:
        assert float(each["error"]) == trials[each["trial"]].values[0]
        assert each["state"] == trials[each["trial"]].state.value
    for each in read.figure("-front").rows:
        trial = trials[each["which"]]
        assert (float(each["macs"]), float(each["error"])) == (trial.macs, trial.values[0])
    dots = read.figure("-ranges").rows
    assert len(dots) == row.counts[TrialState.COMPLETE]
    assert all(each["shortcut"] == trials[each["trial"]].point["shortcut"] for each in dots)
    refused = {each["reason"]: int(each["points"]) for each in read.figure("-refusals").rows}
    assert refused == large.refusals(row.id)


def test_what_is_said_is_so(large: Store, read: Report) -> None:
    row = large.study(LARGE)
    found = results(large, row)
    best = large.best(row.id)[0]
    text = read.text.replace("\u00a0", " ")
    assert f"Trial {best.number} is the best of {len(found.values):,} networks" in text
    assert value(best.values[0]) in text
    near = int((found.values <= 1.1 * found.values.min()).sum()) - 1
    assert re.search(rf"{near} other networks? lies? within 10 % of the best", text)
    median = value(float(np.median(found.values)))
    assert f"at most {median}, the median" in read.figure("-distribution").caption.replace("\u00a0", " ")
    assert f"the median network {median}" in text
    failed = row.counts[TrialState.FAILED]
    assert f"{failed} attempts failed, {failed} trials with them" in text
    front = [each for each in read.figure("-front").rows if each["on the front"] == "yes"]
    errors = [float(each["error"]) for each in front]
    assert errors == sorted(errors, reverse=True)
    assert f"{len(front)} are beaten by none" in read.figure("-front").caption


def test_the_expected_best_is_that_of_random_draws(large: Store, read: Report) -> None:
    values = results(large, large.study(LARGE)).values
    rng = np.random.default_rng(0)
    rows = {int(each["networks"]): float(each["expected best error"]) for each in read.figure("-budget").rows}
    assert rows[1] == pytest.approx(values.mean())
    count = min(rows, key=lambda n: abs(n - 50))
    drawn = rng.choice(values, (4000, count)).min(axis=1)
    assert rows[count] == pytest.approx(drawn.mean(), abs=5 * drawn.std() / math.sqrt(4000))


def test_several_studies_are_compared_first(beside: str) -> None:
    found = Report(beside)
    assert len(beside.encode()) < MOST_BYTES
    assert len(found.ids) == len(set(found.ids))
    assert [each.id for each in found.figures[:3]] == [
        "comparison-edf",
        "comparison-matched",
        "comparison-fronts",
    ]
    assert f"A network of {OTHER} is better than one of {LARGE}" in found.text
    assert {each["study"] for each in found.figure("comparison-edf").rows} == {LARGE, OTHER}
    assert len([each for each in found.figures if each.id.endswith("-history")]) == 2
    assert f"nas report {LARGE} {OTHER}" in found.text


def test_names_are_text_and_formulas_are_no_formulas(store: Store) -> None:
    study(store, [Told((0.1 + i / 100,)) for i in range(12)], name=SCRIPT)
    store.count_refusals(store.study(SCRIPT).id, {f"=cmd|' /C calc'!A0 {SCRIPT}": 3})
    found = Report(report(store, [SCRIPT]))
    assert "script" not in found.tags
    assert "img" not in found.tags
    assert found.handlers == []
    assert SCRIPT in found.text
    assert found.figure("-refusals").rows[0]["reason"].startswith("'=cmd")
    assert re.fullmatch(r"report-[\w-]+\.html", file_name([SCRIPT]))


ODD = {
    "one": ([Told((0.5,))], spec()),
    "equal": ([Told((0.5,))] * 12, spec()),
    "zero": ([Told((0.0,)), Told((0.0,))], spec()),
    "no number": ([Told((math.nan,)), Told((0.2,)), Told((math.inf,))], spec()),
    "huge": ([Told((10.0**k,), macs=10**k) for k in range(12)], spec()),
    "more is better": ([Told((k / 40,)) for k in range(40)], spec(Objective("score", minimize=False))),
    "costs": ([Told((1000.0 * k,)) for k in range(1, 15)], spec(Objective("macs"))),
    "two": ([Told((k / 9, 9.0 - k)) for k in range(9)], spec(Objective("error"), Objective("lag"))),
    "limits": ([Told((k / 9,), metrics={"lag": 5.0}) for k in range(9)], spec(limits=(Limit("lag", 1.0),))),
    "repeats": ([Told((k / 9,)) for k in range(80)], spec(repeat=2)),
    "unread": ([Told((k / 9,)) for k in range(40)], spec(space={"space": {"space": "old"}})),
    "pruned": ([Told((0.5,)), Told((0.9,), TrialState.PRUNED), Told((), TrialState.FAILED)], spec()),
    "curves": ([Told((0.5,), curve=(0.9, math.nan, 0.5)), Told((0.6,), curve=(0.6,))], spec()),
    "running": ([Told((0.5,)), Told((), TrialState.RUNNING, curve=(0.7,))], spec()),
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_studies_have_reports(store: Store, kind: str) -> None:
    told, asked = ODD[kind]
    study(store, told, asked)
    found = Report(report(store, ["one"]))
    assert found.figures
    assert all(figure.rows for figure in found.figures)
    assert "nan" not in " ".join(each.caption for each in found.figures).lower().split()


def test_repeats_are_told_with_their_spread(store: Store) -> None:
    study(store, *ODD["repeats"])
    text = Report(report(store, ["one"])).text
    assert "The number is the mean of 2 trainings with seeds of their own (trials 1 and 41)" in text


def test_limits_that_none_keeps_are_said_first(store: Store) -> None:
    study(store, *ODD["limits"])
    text = Report(report(store, ["one"])).text
    assert "No trial keeps the limits; the nearest is trial 1" in text
    assert "There is no network that keeps the limits, so there is nothing to compare it with." in text


def test_studies_of_a_cost_are_matched_at_another(store: Store) -> None:
    for name in ("one", "two"):
        study(store, *ODD["costs"], name=name)
    found = Report(report(store, ["one", "two"], metric="macs"))
    assert "equal params" in found.text
    assert "nas report one two --metric macs" in found.text
    assert "equal params" in Report(report(store, ["one", "two"])).text


def test_only_samplers_that_learn_are_said_to(store: Store) -> None:
    told = [Told((k / 9,)) for k in range(9)]
    for sampler in ("grid", "tpe"):
        study(store, told, spec(sampler=sampler), name=sampler)
    assert "learnt as it went" not in Report(report(store, ["grid"])).text
    assert "The sampler tpe did not draw them at random but learnt" in Report(report(store, ["tpe"])).text


def test_another_metric(large: Store) -> None:
    found = Report(report(large, [OTHER], metric="loss"))
    assert "loss" in found.figure("-history").heads
    assert len(found.figure("-distribution").rows) == FEWER - FEWER // 17 - FEWER // 41
    assert f"nas report {OTHER} --metric loss" in found.text


def test_what_cannot_be_reported(store: Store) -> None:
    study(store, [Told((0.5,))])
    study(store, [Told((), TrialState.FAILED)] * 2, name="bad")
    study(store, [Told((math.nan,))], name="nan")
    study(store, [Told((0.5,))], spec(data="cifar10"), name="far")
    study(store, [Told((0.5,))], spec(Objective("score", minimize=False)), name="other")
    with pytest.raises(NasError, match="'bad' has no complete trial yet.*nas resume bad.*2 failed"):
        report(store, ["bad"])
    with pytest.raises(NasError, match="no complete trial has error as a number"):
        report(store, ["nan"])
    with pytest.raises(NasError, match="different data.*digits in one, cifar10 in far"):
        report(store, ["one", "far"])
    with pytest.raises(NasError, match="different metrics: error in one, score in other"):
        report(store, ["one", "other"])
    with pytest.raises(NasError, match="name 1 to 8, each once"):
        report(store, ["one", "one"])
    with pytest.raises(StudyNotFoundError):
        report(store, ["nobody"])
    with pytest.raises(UnknownNameError):
        report(store, ["one"], metric="unheard")


def test_the_large_study_is_large(large: Store) -> None:
    assert sum(large.study(LARGE).counts.values()) == COUNT


def test_pictures_of_the_best_network_are_inside(store: Store) -> None:
    row = making.study(store, "seen", 4)
    best = store.best(row.id)[0].number
    views = [Shown(f"view{k}", f"View {k}", k, "What it says.", "In words.", 8, 8, 3) for k in range(3)]
    views.append(Shown("none", "None", 9, why="it has no such layer"))
    sizes = (b"png", b"x" * PICTURES, b"png")
    files = {f"view{k}.png": content for k, content in enumerate(sizes)}
    write_pictures(row.artifacts, best, views, files | {f"view{k}.json": b"{}" for k in range(3)})
    found = Report(report(store, ["seen"]))
    assert [url for url in found.urls if url.startswith("data:image/png")] == [
        "data:image/png;base64,cG5n"
    ] * 2
    assert "View 0" in found.text
    assert "View 2" in found.text
    assert "1 more picture would not fit" in found.text
