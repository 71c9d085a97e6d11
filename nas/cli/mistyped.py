"""Words that no command understands: one message, as for every other mistake."""

import difflib
import re
from collections.abc import Sequence
from typing import Any

import typer

from nas.errors import UnknownNameError

UsageError: type[Exception] = typer.BadParameter.__bases__[0]
"""What Typer raises for such words, from whichever package it takes its parser."""

KINDS = {"valid integer": ("a whole number", "2"), "valid number": ("a number", "2.5")}
"""By what Typer says of a value: what it should be, and an example."""


def told(error: Any, words: Sequence[str]) -> str:
    """What is wrong in the words after `nas`, and what to type."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "nas"
    param = getattr(error, "param", None)
    if type(error).__name__ == "MissingParameter" and param is not None:
        return _missing(context, command, param)
    if param is not None:
        return _value(error, param, _given(error, param, words))
    if type(error).__name__ == "NoSuchOption":
        return _option(context, command, error.option_name, words)
    if (name := re.match(r"No such command '(.*?)'", error.message)) and context:
        group = command.removeprefix("nas").strip()  # every message begins with nas itself
        where = f"{group}: " if group else ""
        return str(UnknownNameError("command", name[1], context.command.commands, where))
    if match := re.fullmatch(r"Option '(\S+)' (requires an argument|does not take a value)\.", error.message):
        needs = match[2].startswith("requires")
        return (
            f"{match[1]} {'needs a value' if needs else 'takes no value'}: type {match[1]}" + needs * " VALUE"
        )
    if extra := re.fullmatch(r"Got unexpected extra arguments?\S* \((.*)\)", error.message):
        return f"{command} does not take {extra[1]!r}: type {_usage(context, command)}; see {command} -h"
    return f"{command}: {error.message.rstrip('.')}; see {command} -h"


def _usage(context: Any, command: str) -> str:
    """`nas trial STUDY N`."""
    params = context.command.params if context else ()
    needed = [each for each in params if each.param_type_name == "option" and each.required]
    options = [f"{_name(each)} {each.metavar or 'VALUE'}" for each in needed]
    return " ".join(
        [command, *(_name(each) for each in params if each.param_type_name == "argument"), *options]
    )


def _name(param: Any) -> str:
    """`--repeat` or `STUDY`."""
    if param.param_type_name == "option":
        return str(max(param.opts, key=len))
    return str(param.metavar or param.name.upper()).strip("{}[]")


def _missing(context: Any, command: str, param: Any) -> str:
    about = (getattr(param, "help", None) or "").rstrip(".")
    about = f"; {_name(param)}: {about[:1].lower()}{about[1:]}" if about else ""
    return f"{command} needs {_name(param)}: type {_usage(context, command)}{about}"


def _value(error: Any, param: Any, value: str) -> str:
    name = _name(param)
    said = f"{name} {value}".rstrip()
    for sign, (kind, example) in KINDS.items():
        if sign in error.message:
            if param.metavar == "SECONDS":
                kind, example = "a number of seconds", "600"
            such = (
                f", such as {name} {example}" if param.param_type_name == "option" else f", such as {example}"
            )
            return f"{said}: it is {kind}{such}"
    wrong = error.message.rstrip(".").replace("Input should be", "it must be")
    return f"{said}: {wrong}"


def _given(error: Any, param: Any, words: Sequence[str]) -> str:
    """The value that was refused: as its check knows it, or else from the words; empty if neither does."""
    ask = getattr(error.__cause__, "errors", None)
    if callable(ask) and (found := ask()):
        return str(found[0].get("input", ""))
    return _after(words, param.opts)


def _after(words: Sequence[str], options: Sequence[str]) -> str:
    """The value that was typed with one of these options; empty without one."""
    for place, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option in options:
            return value if equals else "".join(words[place + 1 : place + 2])
    return ""


def _option(context: Any, command: str, name: str, words: Sequence[str]) -> str:
    from workers.recipe import Recipe

    known = [option for each in (context.command.params if context else ()) for option in each.opts]
    key = name.lstrip("-").replace("-", "_")
    if "--recipe" in known and key in Recipe.model_fields:
        value = _after(words, [name]) or "VALUE"
        return f"{command}: unknown option {name!r}: it is a value of the recipe: type --recipe {key}={value}"
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return f"{command}: unknown option {name!r}: {hint}{command} -h lists its options"
