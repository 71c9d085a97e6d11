"""What people read of the fields of a search, how each is typed, and messages that name either.

Messages are written for the command line; a form has labels and no options.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from nas.service.specify import DATA, TRIALS


@dataclass(frozen=True)
class Words:
    """What people read of a field."""

    label: str
    about: str
    placeholder: str = ""


WORDS: Mapping[str, Words] = {
    "space": Words("Space", "The rules of the family; what each is about stands under Spaces."),
    "space_yaml": Words(
        "A space of your own",
        "Its YAML, in place of the space chosen above; what it uses is among the shipped definitions.",
        "space: mine\nabout: What it is\n…",
    ),
    "profile": Words(
        "Profile", "A variant of the space; none: the one named after the data set, if there is one."
    ),
    "data": Words("Data set", f"What networks see. Usual: {DATA}."),
    "settings": Words(
        "Set names of the space", "Constants, parameters or derived values, held at one value.", "stages=3"
    ),
    "objective": Words(
        "Objective", "One to four metrics with commas; METRIC:max for more is better.", "error"
    ),
    "most": Words("Limits", "Networks beyond a limit of a cost are refused before they are trained."),
    "iso": Words("All at one cost", "The width follows, so that every network costs the same.", "macs=400M"),
    "trials": Words("Trials", "The budget: networks that are tried, failed ones included.", str(TRIALS)),
    "sampler": Words("Sampler", "Who proposes what to try next."),
    "screen": Words(
        "Screen by", "A proxy looks at several candidates and advises which to train.", "naswot:8"
    ),
    "stopper": Words("Stopper", "Who ends hopeless trials early."),
    "repeat": Words("Repeat", "Trials of each network, with seeds of their own: they measure the noise."),
    "start_from": Words("Start from", "Trials that come first: the published networks of the space."),
    "seed": Words("Seed", "Equal seeds on one slot propose the same."),
    "evaluator": Words("Evaluator", "How an architecture gets its metrics."),
    "recipe": Words(
        "Recipe", "How networks are trained; what is empty is as the space and the data set say."
    ),
    "timeout_s": Words("Seconds a trial", "A trial that takes longer fails; empty: as long as it likes."),
    "engine": Words("Engine", "Where trials run."),
    "workers": Words("Slots", "How many trials run at once; empty: as many as there is room for."),
    "cpus_per_trial": Words("CPUs a trial", "Empty: the cores shared by the slots."),
    "gpus_per_trial": Words("GPUs a trial", "0.25: four share one; empty: one where there are any."),
    "compare": Words(
        "Compare at the end", "Train best and baseline again with fresh seeds, and test the difference."
    ),
    "study": Words("Name", "Letters, digits, dots and dashes; empty: the space's with a number.", "my-study"),
}

OPTIONS = {
    "most": "--max",
    "least": "--min",
    "settings": "--set",
    "timeout_s": "--timeout-per-trial",
}
"""The options of fields that are called otherwise; the others have the field's name."""


def option(name: str) -> str:
    """How a field is typed: `--gpus-per-trial`."""
    return OPTIONS.get(name, f"--{name.replace('_', '-')}")


SIDES = {"--max": "at most", "--min": "at least", "--set": "set"}
"""Options whose field has several rows: each row has a word of its own."""
_LABELS = {**{option(name): words.label for name, words in WORDS.items()}, **SIDES}
_COMMAND = re.compile(r"(\bnas [a-z][^;()]*)")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def by_labels(message: str) -> str:
    """A message as a form says it: labels for options, but for those of a command that is to be typed."""
    pieces = _COMMAND.split(message)
    for place in range(0, len(pieces), 2):
        pieces[place] = _OPTION.sub(lambda found: _LABELS.get(found[0], found[0]), pieces[place])
    return "".join(pieces)
