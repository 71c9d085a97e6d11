"""What proxies think of candidates, in every kind of store."""

import math

from nas.store import Store
from nas.store.rows import Screened, StudyRow


def rows(*draws: int) -> list[Screened]:
    return [Screened(f"key{d}", d, f"arch{d}", {"width": d, "pair": [1, 2]}, d / 10) for d in draws]


def test_scores_come_back_in_draw_order(store: Store, study: StudyRow) -> None:
    store.screen(study.id, rows(3, 1, 2), {"duplicate": 2})
    store.screen(study.id, rows(5, 4), {})
    assert store.screened(study.id) == rows(1, 2, 3, 4, 5)
    assert store.screened(study.id, after=3) == rows(4, 5)
    assert store.screened(study.id, limit=2) == rows(4, 5)
    assert store.screened_total(study.id) == 5
    assert store.refusals(study.id) == {"duplicate": 2}


def test_a_candidate_is_kept_once_with_its_first_score(store: Store, study: StudyRow) -> None:
    store.screen(study.id, rows(1), {})
    again = Screened("key1", 9, "arch1", {"width": 1}, 0.9)
    store.screen(study.id, [again, *rows(2)], {})
    assert store.screened(study.id) == rows(1, 2)


def test_no_score_and_endless_ones(store: Store, study: StudyRow) -> None:
    made = [
        Screened("a", 0, "x", {}, None),
        Screened("b", 1, "y", {}, -math.inf),
        Screened("c", 2, "z", {}, math.inf),
    ]
    store.screen(study.id, made, {})
    assert store.screened(study.id) == made


def test_scored_draws_are_not_drawn_again(store: Store, study: StudyRow, driver: int) -> None:
    assert store.reserve_draws(study.id, 8) == 0
    store.screen(study.id, rows(0, 1, 3), {"duplicate": 1})
    assert store.return_draws(study.id, driver) == 0
    assert store.reserve_draws(study.id, 1) == 4


def test_studies_keep_their_own(store: Store, study: StudyRow) -> None:
    other = store.create_study("other", study.spec, 10, study.artifacts)
    store.screen(study.id, rows(1, 2), {})
    store.screen(other.id, rows(7), {})
    assert store.screened(other.id) == rows(7)
    assert store.screened_total(study.id) == 2
