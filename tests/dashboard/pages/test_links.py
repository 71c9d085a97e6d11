from nas.dashboard.pages.links import Link, without_empty

LINK = Link("/x", (("state", "failed"), ("where", "a<1"), ("where", "b>2"), ("offset", "50")))


def test_a_link_is_written_and_quoted() -> None:
    assert str(LINK) == "/x?state=failed&where=a%3C1&where=b%3E2&offset=50"
    assert str(Link("/x")) == "/x"


def test_another_value_goes_back_to_the_first_page() -> None:
    assert str(LINK.put(sort="error:desc")) == "/x?state=failed&where=a%3C1&where=b%3E2&sort=error%3Adesc"
    assert str(LINK.put(state=None)) == "/x?where=a%3C1&where=b%3E2"
    assert LINK.put(offset=100).all("offset") == ["100"]


def test_one_of_several_values_is_taken_away() -> None:
    assert LINK.drop("where", "a<1").all("where") == ["b>2"]
    assert LINK.drop("where").pairs == (("state", "failed"),)


def test_another_page_has_the_same_query_or_a_part_of_it() -> None:
    assert str(LINK.at("/api/x").only("state", "offset")) == "/api/x?state=failed&offset=50"


def test_empty_fields_of_a_form_are_nothing() -> None:
    assert without_empty([("a", " "), ("b", " 1 ")]) == (("b", "1"),)
