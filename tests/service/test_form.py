from dataclasses import fields

from nas.service.actions.request import SearchRequest
from nas.service.form import search_form
from workers.recipe import Recipe


def test_every_field_of_a_request_stands_in_the_form() -> None:
    form = search_form(whole=False)
    shown = [each.name for group in form.groups for each in group.inputs]
    assert sorted([*shown, "least"]) == sorted(field.name for field in fields(SearchRequest))
    assert all(each.about for group in form.groups for each in group.inputs)
    assert [each.name for each in form.recipe] == list(Recipe.model_fields)


def test_choices_come_from_the_registries_of_another_process() -> None:
    form = search_form()
    inputs = {each.name: each for group in form.groups for each in group.inputs}
    assert {"auto", "tpe", "nsga2"} <= {choice.value for choice in inputs["sampler"].choices}
    assert {"train", "cost", "proxy:naswot"} <= {choice.value for choice in inputs["evaluator"].choices}
    assert "npz" not in {choice.value for choice in inputs["data"].choices}
    assert form.metrics["train"][0] == "error"
