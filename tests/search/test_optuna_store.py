"""Studies to Optuna's own storage and back: real databases, opened by Optuna itself."""

from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest

from nas.errors import NasError, UnknownNameError
from nas.records import Cause, EpochReport, Limit, Objective, StudySpec, TrialState
from nas.search.refuse import Pricer
from nas.search.samplers import Proposal
from nas.service.exchange import export_optuna, import_optuna
from nas.service.specify import SearchOptions
from nas.space.space import Space
from nas.store import Store, open_store
from nas.store.rows import Candidate, Outcome
from tests.search.spaces import conditional, spec_of, tiny
from tests.store.makers import assert_sound
from tests.store.stores import postgres_url, sqlite_url

__all__ = ["postgres_url", "sqlite_url"]

S = TrialState
O = optuna.trial.TrialState  # noqa: E741
TWO = (Objective("error"), Objective("score", minimize=False))
AIM = {"evaluator": "cost", "objectives": (Objective("macs"),)}


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store("sqlite://") as opened:
        yield opened


@pytest.fixture
def there(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/optuna.db"


def points(space: Space, spec: StudySpec, count: int) -> list[Candidate]:
    import numpy as np

    pricer, rng = Pricer(space, spec), np.random.default_rng(3)
    found: dict[str, Candidate] = {}
    while len(found) < count:
        new = pricer.candidate(Proposal(len(found), space.draw(rng)))
        found.setdefault(new.key, new)
    return list(found.values())


def played(store: Store, name: str, spec: StudySpec, states: list[TrialState]) -> int:
    """A study whose trials have ended as said; those that run go on running."""
    row = store.create_study(name, spec, len(states), "memory://x")
    driver = store.start_driver(row.id, "node-1", 1, 3600)
    store.claim(row.id, driver, points(Space.from_document(spec.space), spec, len(states)))
    for number, state in enumerate(states, 1):
        curve = [{"error": 1 / epoch, "score": 0.1 * epoch} for epoch in range(1, 4)]
        store.report(row.id, driver, [EpochReport(number, 1, e, m, e) for e, m in enumerate(curve, 1)])
        if state is not S.RUNNING:
            told = (
                {"values": (0.1 * number, float(number))[: len(spec.objectives)]}
                if state is S.COMPLETE
                else {}
            )
            metrics = {"error": 0.1 * number, "score": float(number), "odd": float("inf")}
            cause = Cause.ERROR if state is S.FAILED else None
            store.tell(
                row.id,
                driver,
                [Outcome(number=number, attempt=1, state=state, metrics=metrics, cause=cause, **told)],
            )
    return driver


def loaded(url: str, name: str) -> optuna.Study:
    plain = url.replace("postgresql://", "postgresql+psycopg://")
    return optuna.load_study(study_name=name, storage=plain)


@pytest.mark.parametrize("objectives", [TWO[:1], TWO])
def test_optuna_opens_what_was_exported(store: Store, there: str, objectives: tuple[Objective, ...]) -> None:
    space = conditional()
    spec = spec_of(space, objectives=objectives, limits=(Limit("score", 2.5),))
    played(store, "ours", spec, [S.COMPLETE, S.PRUNED, S.FAILED, S.COMPLETE, S.COMPLETE, S.RUNNING])
    found = export_optuna(store, "ours", there)
    assert (found.added, found.known, found.left) == (5, 0, {"running": 1})
    study = loaded(there, "ours")
    assert study.metric_names == [o.metric for o in objectives]
    assert [t.state for t in study.trials] == [O.COMPLETE, O.PRUNED, O.FAIL, O.COMPLETE, O.COMPLETE]
    rows = store.trials(store.study("ours").id)
    for trial, row in zip(study.trials, rows, strict=False):
        assert trial.user_attrs["nas:trial"] == row.number
        assert (trial.user_attrs["arch_id"], trial.user_attrs["macs"]) == (row.arch_id, row.macs)
        assert trial.params.keys() == space.labels(row.point).keys() == trial.distributions.keys()
        assert trial.intermediate_values == {1: 1.0, 2: 0.5, 3: 1 / 3}
        assert trial.datetime_start is not None
        assert trial.datetime_start.timestamp() == pytest.approx(row.started_s, abs=1e-3)
        assert tuple(trial.values or ()) == (row.values if row.state is S.COMPLETE else ())
    assert {t.number for t in study.best_trials} == {0}, "those beyond a limit are no answer"
    assert {trial.params["pair"] for trial in study.trials} <= {"1,2", "2,1", "3,3"}


def test_a_second_export_adds_what_has_ended_since(store: Store, there: str) -> None:
    driver = played(store, "ours", spec_of(tiny()), [S.COMPLETE, S.RUNNING])
    export_optuna(store, "ours", there)
    assert export_optuna(store, "ours", there).added == 0
    done = Outcome(number=2, attempt=1, state=S.COMPLETE, values=(0.5,), metrics={"error": 0.5})
    store.tell(store.study("ours").id, driver, [done])
    found = export_optuna(store, "ours", there)
    assert (found.added, found.known, found.left) == (1, 1, {})
    assert [t.value for t in loaded(there, "ours").trials] == [0.1, 0.5]


def test_an_exported_study_comes_back_whole(store: Store, there: str) -> None:
    spec = spec_of(conditional(), objectives=TWO)
    played(store, "ours", spec, [S.COMPLETE, S.PRUNED, S.COMPLETE, S.FAILED])
    export_optuna(store, "ours", there)
    store.create_study("back", spec, 3, "memory://back")
    _, found = import_optuna(store, there, SearchOptions(space="", study="back"))
    assert (found.added, found.refused) == (3, {"fail in Optuna": 1})
    ours, back = (store.trials(store.study(name).id) for name in ("ours", "back"))
    told = [(t.point, t.key, t.values, t.metrics["error"]) for t in ours if t.state is S.COMPLETE]
    assert [(t.point, t.key, t.values, t.metrics["error"]) for t in back if t.state is S.COMPLETE] == told
    study = store.study("back")
    assert store.curve(study.id, 1) == [(1, {"error": 1.0}), (2, {"error": 0.5}), (3, {"error": 1 / 3})]
    assert study.budget == 6, "what is left of the budget stays"
    assert_sound(store, study.id)
    assert store.problems() == []


@pytest.mark.parametrize("kind", ["sqlite_url", "postgres_url"])
def test_a_study_that_optuna_has_run(kind: str, store: Store, request: pytest.FixtureRequest) -> None:
    """Legal points become trials, others are counted with reasons; a second import adds nothing."""
    url = request.getfixturevalue(kind)
    theirs = optuna.create_study(
        storage=url.replace("postgresql://", "postgresql+psycopg://"),
        study_name=f"theirs-{kind}",
        sampler=optuna.samplers.RandomSampler(0),
        load_if_exists=False,
    )

    def objective(trial: optuna.Trial) -> float:
        width, lr = trial.suggest_int("width", 1, 300), trial.suggest_float("lr", 0.001, 0.1, log=True)
        for epoch in range(3):
            trial.report(lr / (epoch + 1), epoch)
        if trial.number == 4:
            raise optuna.TrialPruned
        if trial.number == 5:
            trial.suggest_categorical("extra", ["a"])
        if trial.number == 6:
            raise ArithmeticError
        return width * lr

    for width in (300, 50, 60, 180, 70, 80, 90, 100, 110):  # 21 parameters for one of width
        theirs.enqueue_trial({"width": width})
    theirs.optimize(objective, n_trials=9, catch=ArithmeticError)
    theirs.add_trial(theirs.trials[1])
    try:
        store.create_study("ours", spec_of(tiny(constraints=["params <= 3000"])), 5, "memory://ours")
        row, found = import_optuna(store, url, SearchOptions(space="", study="ours"), theirs.study_name)
        _check_import(store, row.id, theirs, found.added, found.refused)
        assert row.budget == 5 + found.added
        _, again = import_optuna(store, url, SearchOptions(space="", study="ours"), theirs.study_name)
        assert (again.added, store.study("ours").budget) == (0, row.budget)
        assert again.refused["duplicate"] == found.added + 1
    finally:
        optuna.delete_study(study_name=theirs.study_name, storage=theirs._storage)


def _check_import(
    store: Store, study: int, theirs: optuna.Study, added: int, refused: dict[str, int]
) -> None:
    trials = {t.worker: t for t in store.trials(study)}
    assert added == len(trials) == len(theirs.trials) - sum(refused.values())
    assert refused == {
        "width is not in its domain": 1,
        "params <= 3000": 1,
        "the space has no extra there": 1,
        "fail in Optuna": 1,
        "duplicate": 1,
    }
    pruned = trials[f"optuna:{theirs.study_name}#4"]
    assert pruned.state is S.PRUNED
    assert pruned.values == (theirs.trials[4].intermediate_values[2],)
    assert [epoch for epoch, _ in store.curve(study, pruned.number)] == [1, 2, 3]
    for trial in trials.values():
        was = theirs.trials[int(trial.worker.rpartition("#")[2])]
        assert trial.point == {"width": was.params["width"], "lr": was.params["lr"]}
        assert trial.state is S.PRUNED or trial.values == (was.value,)
    assert_sound(store, study)


def test_what_cannot_be_imported_says_so(store: Store, there: str, tmp_path: Path) -> None:
    nobody = SearchOptions(space="", study="ours")
    with pytest.raises(NasError, match=r"no Optuna storage at .*optuna\.db: correct the URL"):
        import_optuna(store, there, nobody)
    with open_store(there):
        pass
    with pytest.raises(NasError, match=r"is no Optuna storage but a store of this program"):
        import_optuna(store, there, nobody)
    for name in ("x", "y"):
        optuna.create_study(storage=there, study_name=name, direction="maximize")
    with pytest.raises(NasError, match=r"has 2 studies: say which, --from x"):
        import_optuna(store, there, nobody)
    with pytest.raises(UnknownNameError, match="unknown Optuna study 'z'"):
        import_optuna(store, there, nobody, "z")
    with pytest.raises(NasError, match=r"no study called 'ours' in the store: .*--space SPACE"):
        import_optuna(store, there, nobody, "x")
    store.create_study("ours", spec_of(tiny()), 5, "memory://ours")
    with pytest.raises(
        NasError, match=r"'x' is to maximize, study 'ours' to minimize .*--objective METRIC:min"
    ):
        import_optuna(store, there, nobody, "x")
    with pytest.raises(NasError, match=r"has a study 'x' already, and not of this one: type --name OTHER"):
        export_optuna(store, "ours", there, "x")
