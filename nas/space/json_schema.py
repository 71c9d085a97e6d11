"""The language as a JSON Schema, so that editors complete and check spaces while they are written."""

from typing import Any

from nas.arch.primitive import PRIMITIVES, Argument, signature
from nas.space.schema import SpaceModel

EXPRESSION = {"type": ["string", "number", "boolean"], "description": "an expression, without ="}
VALUE = {"description": "a value, or an expression after ="}
BODY = {"$ref": "#/$defs/Entries"}
BRANCHES = {"type": "array", "minItems": 1, "items": BODY}

CONTROLS: dict[str, dict[str, Any]] = {
    "repeat": {**EXPRESSION, "description": "how often the body stands, one after the other"},
    "as": {"type": "string", "description": "the loop's variable, from 0"},
    "body": {**BODY, "description": "what is repeated, or what stands `when`"},
    "when": {**EXPRESSION, "description": "the entry is there only when this holds"},
    "name": {"type": "string", "description": "names the value after this entry"},
    "from": {"type": "string", "description": "goes on from a named value"},
    "sum": {**BRANCHES, "description": "the sum of branches; an empty list is the identity"},
    "concat": {**BRANCHES, "description": "branches side by side along the channels"},
    "gate": {**BODY, "description": "the value times what this makes of it"},
    "aux": {**BODY, "description": "an auxiliary head: trains, and vanishes at inference"},
    "choose": {**EXPRESSION, "description": "picks one of `among`"},
    "among": {"type": "object", "additionalProperties": BODY, "description": "entries by value of `choose`"},
}


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a space's file."""
    schema = SpaceModel.model_json_schema()
    definitions = schema["$defs"]
    definitions["Entries"] = {"type": "array", "items": {"$ref": "#/$defs/Entry"}}
    definitions["Entry"] = {
        "anyOf": [
            {"type": "string", "description": "a layer or block without arguments"},
            {
                "type": "object",
                "minProperties": 1,
                "properties": {**_layers(), **CONTROLS},
                "additionalProperties": {"type": ["object", "null"], "description": "a block's arguments"},
            },
        ],
    }
    for owner, key in ((schema, "architecture"), (definitions["DefinitionModel"], "body")):
        owner["properties"][key] = {**owner["properties"][key], **BODY}
        for unwanted in ("items", "type"):
            owner["properties"][key].pop(unwanted, None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "A design space of neural architectures",
    }


def _layers() -> dict[str, Any]:
    return {
        entry.name: {
            "type": ["object", "null"],
            "description": entry.about,
            "properties": {name: _argument(spec) for name, spec in signature(entry.value).items()},
            "required": [name for name, spec in signature(entry.value).items() if spec.required],
            "additionalProperties": False,
        }
        for entry in PRIMITIVES
    }


def _argument(spec: Argument) -> dict[str, Any]:
    expression = {"type": "string", "pattern": "^="}
    if spec.type == "bool":
        plain: dict[str, Any] = {"type": "boolean"}
    elif spec.type == "str":
        return {**VALUE, "type": "string"}
    else:
        plain = {"type": "number", "minimum": spec.low, "maximum": spec.high}
    return {**VALUE, "anyOf": [plain, expression]}
