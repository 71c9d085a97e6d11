"""Optuna's own storage: studies in a database that `optuna` and `optuna-dashboard` open."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.exceptions import OptunaError
from optuna.storages import RDBStorage
from optuna.study import StudyDirection

from nas.errors import NasError, StoreError, UnknownNameError
from nas.records import Objective
from nas.search.bridge import distribution
from nas.space.domains import Choice, Domain
from nas.space.typed import words
from nas.store import open_store
from nas.store.engine import parse_url, shown, sqlite_path
from nas.store.failures import explained

optuna.logging.set_verbosity(optuna.logging.ERROR)


@contextmanager
def opened(url: str, *, create: bool) -> Iterator[RDBStorage]:
    """Optuna's storage at a URL of ours; `create`: its tables are made where there are none.

    Raises:
        NasError: it cannot be opened, or has no studies.
    """
    parsed = parse_url(url)
    path = sqlite_path(parsed)
    if not create and path is not None and not path.exists():
        raise NasError(f"no Optuna storage at {path}: correct the URL, such as sqlite:///optuna.db")
    plain = parsed.render_as_string(hide_password=False)
    try:
        with explained(parsed, "open"):
            storage = RDBStorage(plain, skip_table_creation=not create)
            try:
                storage.get_all_studies()
                yield storage
            finally:
                storage.engine.dispose()
    except StoreError as error:
        raise _ours(plain) or NasError(f"Optuna's storage: {error}") from error
    except (OptunaError, RuntimeError, AssertionError) as error:
        if (ours := _ours(plain)) is not None:
            raise ours from error
        said = f"cannot use Optuna's storage {shown(parsed)}: {_root(error)}"
        raise NasError(f"{said}; correct the URL, or see what optuna studies --storage says") from error


def _ours(url: str) -> NasError | None:
    """What to say of a store of this program that was taken for Optuna's; None if it is none."""
    try:
        open_store(url, create=False).close()
    except StoreError:
        return None
    where = shown(parse_url(url))
    return NasError(
        f"{where} is no Optuna storage but a store of this program, whose studies need no import: type nas "
        f"studies --store {where}, or name Optuna's own database, such as sqlite:///optuna.db"
    )


def _root(error: BaseException) -> str:
    """The first line of what went wrong at first."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def the_study(storage: RDBStorage, name: str | None) -> optuna.Study:
    """The study of that name, or the only one."""
    names = sorted(study.study_name for study in storage.get_all_studies())
    if not names:
        raise NasError("Optuna's storage has no study: correct its URL")
    if name is None and len(names) > 1:
        raise NasError(f"Optuna's storage has {len(names)} studies: say which, --from {names[0]}")
    if name is not None and name not in names:
        raise UnknownNameError("Optuna study", name, names)
    return optuna.load_study(study_name=name or names[0], storage=storage)


def directions(objectives: Sequence[Objective]) -> list[StudyDirection]:
    """Optuna's word for each."""
    least, most = StudyDirection.MINIMIZE, StudyDirection.MAXIMIZE
    return [least if objective.minimize else most for objective in objectives]


def readable(domain: Domain) -> BaseDistribution:
    """The distribution of a domain as people read it: choices by name, where Optuna can tell them apart."""
    if isinstance(domain, Choice):
        return CategoricalDistribution(tuple(choice(value, domain) for value in domain.values))
    return distribution(domain)


def choice(value: object, domain: Choice) -> str | int | float | bool | None:
    """A value of a choice as Optuna keeps it: itself, or its words where one is a list or 1 beside true."""
    simple = all(isinstance(v, str | int | float | None) for v in domain.values)
    if simple and len({*domain.values}) == len(domain.values):
        return value  # type: ignore[return-value]
    return words(list(value) if isinstance(value, tuple) else value)
