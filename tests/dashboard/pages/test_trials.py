import pytest

from nas.dashboard.pages.links import Link
from nas.dashboard.pages.trials import canonical, trials_view
from nas.store import Store, open_store
from tests.dashboard.seeding import MAIN


@pytest.fixture(scope="module")
def store(seeded: object) -> Store:
    return open_store(f"sqlite:///{seeded}")


@pytest.mark.parametrize(
    ("sent", "permalink"),
    [
        ((("name", "macs"), ("is", "<="), ("value", "1M")), (("where", "macs<=1M"),)),
        (
            (("name", "macs"), ("is", "between"), ("value", "1"), ("upto", "2")),
            (("where", "macs>=1"), ("where", "macs<=2")),
        ),
        ((("name", "macs"), ("is", "between"), ("upto", "2")), (("where", "macs<=2"),)),
        ((("name", "macs"), ("is", "<=")), ()),
        ((("where", "a<1"), ("name", "a"), ("is", "<"), ("value", "1")), (("where", "a<1"),)),
        ((("state", "failed"), ("state", "pruned")), (("state", "failed,pruned"),)),
        ((("column", "error"), ("column", "macs"), ("offset", "50")), (("columns", "error,macs"),)),
        ((("sort", "error"), ("offset", "50")), (("sort", "error"), ("offset", "50"))),
        ((("colour", "red"),), ()),
    ],
)
def test_forms_lead_to_permalinks_that_stay(
    sent: tuple[tuple[str, str], ...], permalink: tuple[tuple[str, str], ...]
) -> None:
    assert canonical(sent) == permalink
    assert canonical(permalink) == permalink


def test_columns_are_those_asked_for_and_the_number(store: Store) -> None:
    found = trials_view(store, MAIN, Link("/x", (("columns", "worker,params,nonsense"),)))
    assert [head.name for head in found.table.heads] == ["number", "worker", "params"]
    assert [cell.kind for cell in found.table.rows[0].cells] == ["number", "text", "cost"]


def test_a_filter_that_does_not_parse_is_told_with_the_filters_kept(store: Store) -> None:
    found = trials_view(store, MAIN, Link("/x", (("where", "colour<1"),)))
    assert "unknown name 'colour'" in found.error
    assert found.all_trials == 31
    assert str(found.link) == "/x?where=colour%3C1"


def test_the_command_lists_the_same(store: Store) -> None:
    found = trials_view(
        store, MAIN, Link("/x", (("where", "macs<1e9"), ("sort", "error"), ("columns", "macs")))
    )
    assert found.typed == f"nas trials {MAIN} --where 'macs<1e9' --sort error"
